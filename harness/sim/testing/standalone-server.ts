import { RingQueue } from '../../../server/base/ring-queue.ts';
import { Turn } from '../../../server/base/turn.ts';
import { Prng } from '../../../server/base/prng.ts';
import type { SessionId } from '../../../server/base/session-id.ts';
import { nextStandaloneZxid, ZXID_ZERO, type Epoch, type Zxid } from '../../../server/base/zxid.ts';
import { ClientConnection } from '../../../server/pipeline/client-connection.ts';
import { openDatabase, type Database } from '../../../server/pipeline/database.ts';
import type { LoggedTxn } from '../../../server/pipeline/pending-write.ts';
import { Proposer, type TxnSink } from '../../../server/pipeline/proposer.ts';
import { ServerCore } from '../../../server/pipeline/server-core.ts';
import { SnapshotTrigger } from '../../../server/pipeline/snapshot-trigger.ts';
import { Snapshotter } from '../../../server/pipeline/snapshotter.ts';
import { TEST_AUTHENTICATOR, TEST_PROVIDERS } from '../../../server/pipeline/testing/test-auth.ts';
import { runScript } from '../../../server/storage/disk-script.ts';
import { GroupCommit } from '../../../server/storage/group-commit.ts';
import { AccessControl } from '../../../server/tree/acl.ts';
import type { JuteWriter } from '../../../server/wire/jute-writer.ts';
import type { Accept } from '../../../server/base/ports.ts';
import type { NodePorts, SimServer } from '../sim-node.ts';

export interface StandaloneOptions {
  readonly clientPort: number;
  readonly tickMs: number;
  readonly snapCount: number;
  readonly preallocateBytes: number;
}

const DIRECTORY = '/data/version-2';
const TXN_SIZE_MAX = 2 << 20;
const EPOCH_ZERO = 0 as Epoch;

/**
 * One server without an ensemble, on the simulated machine: the same core, log and snapshots as `server/server.ts`
 * binds to the real one. What it proposes it commits when its own disk has it.
 */
export class StandaloneServer implements SimServer {
  readonly listeners: SimServer['listeners'];
  readonly #ports: NodePorts;
  readonly #options: StandaloneOptions;
  #core: ServerCore | null = null;

  constructor(options: StandaloneOptions, ports: NodePorts) {
    this.#options = options;
    this.#ports = ports;
    this.listeners = [{ port: options.clientPort, accept: this.#accept }];
  }

  start(): void {
    const { disk, halt, clock } = this.#ports;
    const script = openDatabase({
      snapDir: DIRECTORY,
      logDir: DIRECTORY,
      txnSizeMax: TXN_SIZE_MAX,
      trustEmptySnapshot: false,
      digestEnabled: true,
      tickMs: this.#options.tickMs,
      nowMs: clock.monotonicMs(),
    });
    runScript(disk, script, (error, database) => {
      if (error !== null) halt(error);
      else if (database !== undefined) this.#open(database);
    });
  }

  readonly #accept: Accept = (stream) => {
    const core = this.#core;
    if (core === null) {
      stream.destroy();
      return { onBytes() {}, onDrain() {}, onClosed() {} };
    }
    const connection = new ClientConnection(core, stream);
    core.onConnectionOpened(connection);
    return connection;
  };

  #open(database: Database): void {
    const { disk, clock, observer, halt, log, random, scheduleEndOfTurn } = this.#ports;
    const { tree, sessions, recovery } = database;
    observer.onRecovered(tree.lastProcessedZxid, EPOCH_ZERO, EPOCH_ZERO);
    observer.onCommitted(tree.lastProcessedZxid);
    const commit = new GroupCommit({
      disk,
      directory: DIRECTORY,
      lastDurable: tree.lastProcessedZxid,
      txnSizeMax: TXN_SIZE_MAX,
      preallocateBytes: this.#options.preallocateBytes,
      forceSync: true,
      onDurable: (upTo) => {
        observer.onDurable(upTo);
        observer.onCommitted(upTo);
        core.applyThrough(upTo);
      },
      onFailure: halt,
    });
    const snapshotter = new Snapshotter({
      ...database,
      disk,
      directory: DIRECTORY,
      trigger: new SnapshotTrigger({
        snapCount: this.#options.snapCount,
        snapSizeBytes: 0,
        replayedTxns: recovery.txnCount,
        random: new Prng(random.uint32()),
      }),
      log: commit,
      logger: log,
    });
    const { tickMs } = this.#options;
    const turn = new Turn(clock, () =>
      scheduleEndOfTurn(() => {
        turn.end();
        core.endTurn();
      }),
    );
    const shared = {
      tree,
      sessions,
      access: new AccessControl({ providers: TEST_PROVIDERS, skipAcl: false }),
      logged: new RingQueue<LoggedTxn>(),
      turn,
    };
    const writes = new Proposer({
      ...shared,
      log: new ObservedLog(commit, this.#ports),
      clock,
      digestEnabled: true,
      extendedTypesEnabled: true,
      lastZxid: tree.lastProcessedZxid,
      nextZxid: nextStandaloneZxid,
      owners: null,
    });
    let session = firstSessionId(clock.wallMs(), random.uint32());
    const core: ServerCore = new ServerCore({
      ...shared,
      writes,
      authenticator: TEST_AUTHENTICATOR,
      fourLetterWord: () => null,
      counters: {
        packetsReceived: 0,
        authFailedCount: 0,
        readDone: () => undefined,
        updateDone: () => undefined,
        responseSent: () => undefined,
      },
      onBadBytes: (_connection, error) => halt(error),
      onApplied: (zxid) => {
        observer.onApplied(zxid, tree.digest.high, tree.digest.low);
        snapshotter.onApplied();
      },
      frameBytesMax: 1 << 20,
      minSessionTimeoutMs: 2 * tickMs,
      maxSessionTimeoutMs: 20 * tickMs,
      sessionlessTimeoutMs: 10 * tickMs,
      nextSessionId: () => session++ as SessionId,
    });
    this.#core = core;
    this.#tick(core);
    observer.onServing(true, tree.lastProcessedZxid);
  }

  #tick(core: ServerCore): void {
    this.#ports.timers.after(this.#options.tickMs, () => {
      core.onTick();
      this.#tick(core);
    });
  }
}

/** Tells the observer what goes into the log. */
class ObservedLog implements TxnSink {
  readonly #commit: GroupCommit;
  readonly #ports: NodePorts;
  #zxid: Zxid = ZXID_ZERO;

  constructor(commit: GroupCommit, ports: NodePorts) {
    this.#commit = commit;
    this.#ports = ports;
  }

  begin(zxid: Zxid): JuteWriter {
    this.#zxid = zxid;
    return this.#commit.begin(zxid);
  }

  end(): Uint8Array | null {
    const entry = this.#commit.end();
    if (entry !== null) {
      this.#ports.observer.onProposed(this.#zxid, entry);
      this.#ports.observer.onLogged(this.#zxid, entry);
    }
    return entry;
  }

  flush(): void {
    this.#commit.flush();
  }
}

/** The clock alone would not do: it is set back sometimes. */
function firstSessionId(wallMs: number, chance: number): SessionId {
  return BigInt.asIntN(64, (1n << 56n) | BigInt((wallMs % 2 ** 20) * 2 ** 32 + chance)) as SessionId;
}
