import { assert, unreachable } from '../base/assert.ts';
import type { Log } from '../base/log.ts';
import type { Observer } from '../base/observer.ts';
import type { Cancel, Clock } from '../base/ports.ts';
import type { Prng } from '../base/prng.ts';
import { RingQueue } from '../base/ring-queue.ts';
import type { SessionId } from '../base/session-id.ts';
import type { Turn } from '../base/turn.ts';
import { follows, formatZxid, ZXID_ZERO, type Epoch, type Zxid } from '../base/zxid.ts';
import { applyLogged } from '../pipeline/apply-txn.ts';
import {
  DatabaseLoader,
  describeMismatches,
  dropOrphanedEphemerals,
  openDatabase,
  ownedTxn,
  type Database,
  type HistorySink,
  type LoaderOptions,
} from '../pipeline/database.ts';
import type { LoggedTxn } from '../pipeline/pending-write.ts';
import type { LoadedSnapshot } from '../pipeline/read-snapshot-at.ts';
import type { ServerCore } from '../pipeline/server-core.ts';
import { SnapshotTrigger } from '../pipeline/snapshot-trigger.ts';
import { Snapshotter } from '../pipeline/snapshotter.ts';
import type { SessionTracker } from '../session/session-tracker.ts';
import { awaitCompletion, runScript, type DiskScript } from '../storage/disk-script.ts';
import type { Completion, Disk } from '../storage/disk.ts';
import { readEpochs, writeEpoch, type EpochName } from '../storage/epoch-file.ts';
import { GroupCommit } from '../storage/group-commit.ts';
import { purge, type PurgeResult } from '../storage/purge.ts';
import { describeRecovery } from '../storage/recovery.ts';
import { writeSnapshot, type WrittenSnapshot } from '../storage/snapshot-writer.ts';
import { StorageError, type StorageErrorCode } from '../storage/storage-error.ts';
import { supersedeHistory, truncateHistory } from '../storage/truncate.ts';
import type { DataTree } from '../tree/data-tree.ts';
import { JuteReader } from '../wire/jute-reader.ts';
import type { JuteWriter } from '../wire/jute-writer.ts';
import type { Acl } from '../wire/records/acl.ts';
import type { StatPersisted } from '../wire/records/stat-persisted.ts';
import { readTxnEntry } from '../wire/txns/txn-entry.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Replica, SnapshotInstallation, SnapshotView } from '../zab/replica.ts';
import { RoleEnded } from '../zab/role-script.ts';
import { TxnWindow } from '../zab/txn-window.ts';
import { txnSizeMaxOf, type CoreConfig } from './core-config.ts';

const WINDOW_BYTES_MAX = 16 << 20;

export interface LocalReplicaOptions {
  readonly config: CoreConfig;
  /** `commitLogCount`. */
  readonly windowCountMin: number;
  readonly windowBytesMax?: number | undefined;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly turn: Turn;
  readonly random: Prng;
  readonly log: Log;
  readonly observer: Observer | null;
  /** `lastDurable` has moved. */
  readonly onDurable: (upTo: Zxid) => void;
  /** See `GroupCommit`. */
  readonly onBatch?: ((txnCount: number) => void) | undefined;
  /** A snapshot is on the disk, so long after it was begun. */
  readonly onSnapshot?: ((durationMs: number) => void) | undefined;
  /** The log is lost to this process, which must end (B34, B45). */
  readonly onFailure: (error: StorageError) => void;
}

/** Why a history is not taken back, and is as it was. */
const KEPT_BECAUSE: ReadonlySet<string> = new Set<StorageErrorCode>(['no-snapshot', 'corrupt']);

/** State, history and promises of one server on its own disk: what the roles call a replica. */
export class LocalReplica implements Replica {
  readonly window: TxnWindow;
  /** Logged, or on its way to the log, and not applied yet, in zxid order. */
  readonly logged = new RingQueue<LoggedTxn>(1024);
  /** Who applies what is committed, and answers for it, while clients are served. */
  core: ServerCore | null = null;

  readonly #options: LocalReplicaOptions;
  readonly #reader = new JuteReader();
  #database: Database | null = null;
  #commit: GroupCommit | null = null;
  #snapshotter: Snapshotter | null = null;
  #acceptedEpoch = 0 as Epoch;
  #currentEpoch = 0 as Epoch;
  #isMember = false;
  #isFounder = false;
  /** The history is being taken back or replaced. */
  #isRewriting = false;
  #isPurging = false;
  #whenPurged: (() => void) | null = null;
  #isViewOpen = false;
  #waitingForView: (() => void)[] = [];
  #whenSettled: (() => void) | null = null;

  constructor(options: LocalReplicaOptions) {
    this.#options = options;
    this.window = new TxnWindow({
      countMin: options.windowCountMin,
      bytesMax: options.windowBytesMax ?? WINDOW_BYTES_MAX,
    });
  }

  get isOpen(): boolean {
    return this.#commit !== null;
  }

  get tree(): DataTree {
    return this.#open.tree;
  }

  get sessions(): SessionTracker {
    return this.#open.sessions;
  }

  get acceptedEpoch(): Epoch {
    return this.#acceptedEpoch;
  }

  get currentEpoch(): Epoch {
    return this.#currentEpoch;
  }

  /** Whether it has ever been synchronised, or brought a history with it; see `Epochs`. */
  get isMember(): boolean {
    return this.#isMember;
  }

  /** Whether it took part in the first elections on the disk it has; see `Epochs`. */
  get isFounder(): boolean {
    return this.#isFounder;
  }

  get lastLogged(): Zxid {
    return this.#log.lastAccepted;
  }

  get lastDurable(): Zxid {
    return this.#log.lastDurable;
  }

  get lastApplied(): Zxid {
    return this.tree.lastProcessedZxid;
  }

  get unflushedBytes(): number {
    return this.#log.waitingBytes;
  }

  // ---- life ----------------------------------------------------------------------------------------------

  /** Brings everything back from the disk. */
  *recover(): DiskScript<void> {
    yield* this.#load();
    const { lastApplied } = this;
    const epochs = yield* readEpochs(this.#options.config.snapDir, lastApplied);
    this.#acceptedEpoch = epochs.acceptedEpoch;
    this.#currentEpoch = epochs.currentEpoch;
    this.#isMember = epochs.isMember;
    this.#isFounder = epochs.isFounder;
    this.#options.observer?.onRecovered(lastApplied, epochs.acceptedEpoch, epochs.currentEpoch);
  }

  /**
   * Between two roles: what is in the log, and nothing else, is what this server speaks of. Everything logged
   * becomes durable, and the state takes it up whether or not it was committed, as it would after a restart
   * (P9, B07, B17). `done` may come at once.
   */
  settle(done: () => void): void {
    assert(this.core === null, 'clients are still served');
    this.#whenSettled = done;
    this.flushLog();
    this.#finishSettling();
  }

  /** Makes durable what was accepted, gives up a snapshot that is being written, and closes the files. */
  stop(done: () => void): void {
    const snapshotter = this.#snapshotter;
    if (this.#commit === null || snapshotter === null) {
      done();
      return;
    }
    snapshotter.stop();
    this.#commit.stop(() => snapshotter.whenIdle(done));
  }

  // ---- writing the history -------------------------------------------------------------------------------

  /** An entry of our own: encoded straight into the log's buffer. */
  beginEntry(zxid: Zxid): JuteWriter {
    return this.#log.begin(zxid);
  }

  /** False if it is too long for a log reader: then it is forgotten. */
  endEntry(): boolean {
    const isTaken = this.#log.end();
    if (isTaken) this.#options.observer?.onLogged(this.#log.lastAccepted, this.#log.lastEntry());
    return isTaken;
  }

  /** The entry taken last, as it stands in the log; good until it is reported durable. */
  get lastEntry(): Uint8Array {
    return this.#log.lastEntry();
  }

  append(zxid: Zxid, entry: Uint8Array): void {
    if (!follows(zxid, this.lastLogged)) {
      throw new RoleEnded(`${formatZxid(zxid)} does not follow ${formatZxid(this.lastLogged)}`);
    }
    this.#reader.reset(
      entry,
      new DataView(entry.buffer, entry.byteOffset, entry.byteLength),
      0,
      entry.length,
    );
    const { header, txn } = readTxnEntry(this.#reader);
    if (header.zxid !== zxid)
      throw new WireError('value', `entry of ${formatZxid(header.zxid)} as ${formatZxid(zxid)}`);
    this.beginEntry(zxid).raw(entry);
    if (!this.endEntry()) {
      throw new RoleEnded(
        `${formatZxid(zxid)} has ${entry.length} bytes, more than jute.maxbuffer allows here`,
      );
    }
    this.window.append(zxid, entry);
    const { values } = this.tree;
    this.logged.push({
      type: 'write',
      header,
      txn: ownedTxn(txn, (data) => values.copyOf(data)),
      isPreparedHere: false,
      connection: null,
      xid: header.cxid,
      opcode: header.type,
      receivedAtMs: this.#options.turn.nowMs,
      size: 0,
      forwardedAfter: null,
      statWanted: null,
    });
    this.#options.turn.begin();
  }

  /** At the end of a turn: what was gathered may go to disk. */
  flushLog(): void {
    this.#log.flush();
  }

  applyThrough(zxid: Zxid): void {
    assert(zxid <= this.lastDurable, 'memory would be ahead of the disk');
    this.window.commitThrough(zxid);
    if (this.core !== null) {
      this.core.applyThrough(zxid);
      return;
    }
    const { nowMs } = this.#options.turn;
    for (
      let next = this.logged.peek();
      next !== undefined && next.header.zxid <= zxid;
      next = this.logged.peek()
    ) {
      this.logged.shift();
      applyLogged(this, next, nowMs);
      this.onApplied(next.header.zxid);
    }
  }

  /** The state shows one txn more; snapshots are decided here. */
  onApplied(zxid: Zxid): void {
    const { high, low } = this.tree.digest;
    this.#options.observer?.onApplied(zxid, high, low);
    this.#snapshotter?.onApplied();
  }

  *truncate(zxid: Zxid): DiskScript<boolean> {
    const { config, observer } = this.#options;
    yield* this.#closeLog();
    let isCut = true;
    try {
      yield* truncateHistory({
        directories: { snapshots: config.snapDir, logs: config.logDir },
        zxid,
        txnSizeMax: txnSizeMaxOf(config),
      });
    } catch (error) {
      if (!(error instanceof StorageError) || !KEPT_BECAUSE.has(error.code)) throw error;
      // All that is here goes beyond the cut, or what does not is damaged. It stays until there is something in its
      // place: others may rely on what this server has.
      isCut = false;
    }
    yield* this.#load();
    if (!isCut) return false;
    observer?.onTruncated(this.lastLogged);
    assert(this.lastLogged <= zxid, 'what was taken back is there again');
    if (this.lastLogged !== zxid) {
      throw new RoleEnded(`told to go back to ${formatZxid(zxid)}, which is not in the log`);
    }
    return true;
  }

  /**
   * Deletes what newer snapshots make superfluous, unless the history is being taken back or replaced at the moment:
   * what that relies on must not go. Nor does that begin while this is under way.
   */
  purge(retainCount: number, done: Completion<PurgeResult>): void {
    if (this.#isRewriting || this.#isPurging) {
      done(null, { deleted: [], keptFrom: null });
      return;
    }
    const { config, disk } = this.#options;
    const directories = { snapshots: config.snapDir, logs: config.logDir };
    this.#isPurging = true;
    runScript(disk, purge({ directories, retainCount }), (error, result) => {
      this.#isPurging = false;
      done(error, result);
      const next = this.#whenPurged;
      this.#whenPurged = null;
      next?.();
    });
  }

  // ---- promises ------------------------------------------------------------------------------------------

  *acceptEpoch(epoch: Epoch, isBlank: boolean): DiskScript<void> {
    // Before the promise: without this mark the promise could be one of a disk that has taken another's place (B05).
    if (!isBlank && !this.#isMember && !this.#isFounder) {
      yield* this.#writeEpoch('currentEpoch', 0 as Epoch);
      this.#isFounder = true;
    }
    yield* this.#writeEpoch('acceptedEpoch', epoch);
    this.#acceptedEpoch = epoch;
    this.#options.observer?.onEpochAccepted(epoch);
  }

  *enterEpoch(epoch: Epoch): DiskScript<void> {
    yield* this.#writeEpoch('currentEpoch', epoch);
    this.#currentEpoch = epoch;
    this.#isMember = true;
    this.#options.observer?.onCurrentEpoch(epoch);
  }

  *#writeEpoch(name: EpochName, epoch: Epoch): DiskScript<void> {
    yield* writeEpoch(this.#options.config.snapDir, name, epoch);
  }

  // ---- snapshots -----------------------------------------------------------------------------------------

  /** Writes the state as it is as soon as nobody else does. `done` gets null if it is taken back or replaced before. */
  takeSnapshot(done: Completion<WrittenSnapshot | null>): void {
    this.whenSnapshotMayBegin(() => {
      const snapshotter = this.#snapshotter;
      if (this.#isRewriting || snapshotter === null) {
        done(null, null);
        return;
      }
      // The tree is free as soon as the last node is read, and the file has its name later.
      snapshotter.whenIdle(() => {
        if (this.#isRewriting) done(null, null);
        else if (this.tree.isSnapshotting || this.#isViewOpen) this.takeSnapshot(done);
        else snapshotter.take(done);
      });
    });
  }

  whenSnapshotMayBegin(ready: () => void): Cancel {
    let isWanted = true;
    this.#waitingForView.push(() => {
      if (isWanted) ready();
    });
    this.#serveWaiting();
    return () => {
      isWanted = false;
    };
  }

  beginSnapshot(): SnapshotView {
    assert(!this.#isViewOpen, 'a snapshot is being sent already');
    this.#isViewOpen = true;
    const view = this.tree.beginSnapshot(this.sessions.timeouts());
    let isOpen = true;
    const close = (): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#isViewOpen = false;
      this.#serveWaiting();
    };
    return {
      zxid: view.zxid,
      digest: view.digest,
      writeHead: (writer) => view.writeHead(writer),
      writeNodes: (writer, budgetBytes) => {
        const isDone = view.writeNodes(writer, budgetBytes);
        if (isDone) close();
        return isDone;
      },
      cancel: () => {
        view.cancel();
        close();
      },
    };
  }

  /** The one who has waited longest gets the next view. */
  #serveWaiting(): void {
    while (!this.#isViewOpen && !this.tree.isSnapshotting) {
      const next = this.#waitingForView.shift();
      if (next === undefined) return;
      next();
    }
  }

  receiveSnapshot(zxid: Zxid): SnapshotInstallation {
    const loader = new DatabaseLoader(this.loaderOptions);
    loader.beginSnapshot(zxid);
    return {
      onSnapshotSession: (id: SessionId, timeoutMs: number) => loader.onSnapshotSession(id, timeoutMs),
      onSnapshotAcl: (id: number, acl: readonly Acl[]) => loader.onSnapshotAcl(id, acl),
      onSnapshotNode: (path: string, data: Uint8Array | null, aclId: number, stat: StatPersisted) => {
        try {
          loader.onSnapshotNode(path, data, aclId, stat);
        } catch (error) {
          throw error instanceof StorageError ? new WireError('value', error.message) : error;
        }
      },
      install: () => this.#install(zxid, loader),
    };
  }

  /**
   * The order of durable steps: the snapshot with all that makes it findable, then the end of everything it
   * replaces, then memory. A start in between finds the one history or the other (B08, B10).
   */
  *#install(zxid: Zxid, { tree, sessions }: DatabaseLoader): DiskScript<void> {
    const { config, observer } = this.#options;
    tree.ensureConfigNode();
    yield* this.#closeLog();
    observer?.onSnapshotReceived(zxid);
    yield* writeSnapshot({ directory: config.snapDir, source: tree.beginSnapshot(sessions.timeouts()) });
    yield* supersedeHistory({
      directories: { snapshots: config.snapDir, logs: config.logDir },
      snapshotZxid: zxid,
    });
    this.window.reset(zxid);
    this.#use({ tree, sessions, recovery: null, digestMismatches: [] });
    observer?.onDurable(zxid);
  }

  /**
   * Goes on from the state of a snapshot, as if one txn had made it: at `zxid`, which is above everything before, so
   * that no zxid ever means two things. The history so far stays where it is. Null when it is durable; the error if it
   * could not be made so: then everything is as before.
   * @throws StorageError if what there was cannot be read again: then there is nothing.
   */
  *replaceState(zxid: Zxid, { tree, sessions }: LoadedSnapshot): DiskScript<StorageError | null> {
    tree.lastProcessedZxid = zxid;
    tree.ensureConfigNode();
    dropOrphanedEphemerals(tree, sessions);
    yield* this.#closeLog();
    try {
      const source = tree.beginSnapshot(sessions.timeouts());
      yield* writeSnapshot({ directory: this.#options.config.snapDir, source });
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      yield* this.#load();
      return error;
    }
    this.window.reset(zxid);
    this.#use({ tree, sessions, recovery: null, digestMismatches: [] });
    return null;
  }

  // ---- inside --------------------------------------------------------------------------------------------

  get #open(): Database {
    return this.#database ?? unreachable('the replica is not open');
  }

  get #log(): GroupCommit {
    return this.#commit ?? unreachable('the log is not open');
  }

  *#load(): DiskScript<void> {
    const { config, log } = this.#options;
    this.window.reset(ZXID_ZERO);
    const database = yield* openDatabase({
      ...this.loaderOptions,
      history: this.#history(),
      snapDir: config.snapDir,
      logDir: config.logDir,
      txnSizeMax: txnSizeMaxOf(config),
      trustEmptySnapshot: config.snapshotTrustEmpty,
    });
    const { recovery, tree, sessions, digestMismatches } = database;
    if (recovery !== null) {
      log.info(
        'Server',
        `${describeRecovery(recovery)}; ${tree.nodeCount} nodes, ${sessions.count} sessions`,
      );
      for (const { path, why } of recovery.skipped) log.warn('Server', `${path} could not be used: ${why}`);
      for (const torn of recovery.torn.filter(({ bytesLost }) => bytesLost > 0)) {
        log.warn('Server', `${torn.path}: ${torn.bytesLost} bytes that were never acknowledged, removed`);
      }
    }
    if (digestMismatches.length > 0) log.warn('Server', describeMismatches(digestMismatches));
    const { high, low } = tree.digest;
    this.#options.observer?.onLoaded(tree.lastProcessedZxid, high, low);
    this.#use(database);
  }

  #use(database: Database): void {
    const { config, disk, log, random, observer } = this.#options;
    const { tree, sessions, recovery } = database;
    assert(this.logged.length === 0, 'txns are left of a history that is gone');
    this.#isRewriting = false;
    this.#database = database;
    this.#commit = new GroupCommit({
      disk,
      directory: config.logDir,
      lastDurable: tree.lastProcessedZxid,
      txnSizeMax: txnSizeMaxOf(config),
      preallocateBytes: config.preAllocSizeBytes,
      forceSync: config.forceSync,
      onBatch: this.#options.onBatch,
      onDurable: (upTo) => {
        observer?.onDurable(upTo);
        this.#options.onDurable(upTo);
        this.#finishSettling();
      },
      onFailure: this.#options.onFailure,
    });
    this.#snapshotter = new Snapshotter({
      disk,
      directory: config.snapDir,
      tree,
      sessions,
      trigger: new SnapshotTrigger({
        snapCount: config.snapCount,
        snapSizeBytes: config.snapSizeLimitBytes,
        replayedTxns: recovery?.txnCount ?? 0,
        random,
      }),
      log: this.#commit,
      logger: log,
      nowMs: () => this.#options.clock.monotonicMs(),
      onWritten: this.#options.onSnapshot,
      onTaken: () => this.#serveWaiting(),
    });
  }

  /** For whatever is loaded beside what there is, or in its place. */
  get loaderOptions(): LoaderOptions {
    const { config, clock } = this.#options;
    return { digestEnabled: config.digestEnabled, tickMs: config.tickTimeMs, nowMs: clock.monotonicMs() };
  }

  /** What is replayed is committed as far as this server is concerned: it leads with it, or is told to go back. */
  #history(): HistorySink {
    const { window } = this;
    return {
      reset: (zxid) => window.reset(zxid),
      append: (zxid, entry) => {
        if (!follows(zxid, window.last)) window.reset(zxid);
        else window.append(zxid, entry);
        window.commitThrough(zxid);
      },
    };
  }

  /**
   * Nothing that was handed to the old log may come up after the new one is open (B17). Nor may a snapshot of the
   * old state: it would get its name when what it shows has been taken back.
   */
  *#closeLog(): DiskScript<void> {
    this.#isRewriting = true;
    if (this.#isPurging) {
      yield* awaitCompletion((done) => {
        this.#whenPurged = () => done(null);
      });
    }
    const commit = this.#log;
    const snapshotter = this.#snapshotter;
    yield* awaitCompletion((done) => commit.stop(() => done(null)));
    if (snapshotter !== null) yield* awaitCompletion((done) => snapshotter.whenIdle(() => done(null)));
    this.logged.clear();
  }

  #finishSettling(): void {
    const done = this.#whenSettled;
    if (done === null || this.lastDurable < this.lastLogged) return;
    this.#whenSettled = null;
    this.applyThrough(this.lastLogged);
    done();
  }
}
