import { assert } from '../../base/assert.ts';
import type { Cancel } from '../../base/ports.ts';
import { follows, formatZxid, ZXID_ZERO, type Epoch, type Zxid } from '../../base/zxid.ts';
import type { StoredConfiguration } from '../../storage/configuration-files.ts';
import { awaitCompletion, type DiskScript } from '../../storage/disk-script.ts';
import type { Disk } from '../../storage/disk.ts';
import type { StorageError } from '../../storage/storage-error.ts';
import { writeStatPersisted } from '../../wire/records/stat-persisted.ts';
import type { ConfigurationStore } from '../configurations.ts';
import type { Replica, SnapshotInstallation, SnapshotView } from '../replica.ts';
import { RoleEnded } from '../role-script.ts';
import { TxnWindow } from '../txn-window.ts';

/** Every job of a `FakeReplica` completes itself: nobody asks the disk for anything. */
export const NO_DISK = new Proxy({} as Disk, {
  get: (_target, name) => {
    throw new Error(`the disk is asked for ${String(name)}`);
  },
});

/** An entry that tells which one it is. */
export function entryOf(zxid: number): Uint8Array {
  return Uint8Array.from(`txn ${zxid.toString(16)}`, (character) => character.charCodeAt(0));
}

/**
 * A history in memory, which notes what becomes durable and in which order. With `holdsJobs` a job on the disk is
 * done when the test says so; the log is flushed when the test says so in any case.
 */
export class FakeReplica implements Replica {
  acceptedEpoch: Epoch;
  currentEpoch: Epoch;
  lastLogged: Zxid = ZXID_ZERO;
  lastDurable: Zxid = ZXID_ZERO;
  lastApplied: Zxid = ZXID_ZERO;
  unflushedBytes = 0;
  /** Of the oldest snapshot. */
  canGoBackTo: Zxid = ZXID_ZERO;
  readonly window: TxnWindow;
  readonly history: Zxid[] = [];
  readonly steps: string[] = [];
  holdsJobs = false;
  /** What the next job fails with. */
  failure: StorageError | null = null;
  /** Size of each node of a snapshot, and how many there are besides the root. */
  nodeBytes = 10;
  nodeCount = 1;
  #held: (() => void)[] = [];
  #isViewOpen = false;
  #waiting: (() => void)[] = [];
  viewsCancelled = 0;

  onApplied: (upTo: Zxid) => void = () => undefined;

  constructor(
    history: readonly number[],
    options: { readonly accepted?: number; readonly current?: number; readonly windowCountMin?: number } = {},
  ) {
    this.window = new TxnWindow({ countMin: options.windowCountMin ?? 500, bytesMax: 0 });
    for (const zxid of history) {
      this.append(zxid as Zxid, entryOf(zxid));
      this.flush();
      this.applyThrough(zxid as Zxid);
    }
    this.steps.length = 0;
    this.acceptedEpoch = (options.accepted ?? 0) as Epoch;
    this.currentEpoch = (options.current ?? options.accepted ?? 0) as Epoch;
  }

  get heldJobs(): number {
    return this.#held.length;
  }

  /** The oldest job that is held is done. */
  finishJob(): void {
    const job = this.#held.shift();
    assert(job !== undefined, 'no job is held');
    job();
  }

  /** The log comes back from the disk. */
  flush(): void {
    if (this.lastDurable === this.lastLogged) return;
    this.lastDurable = this.lastLogged;
    this.steps.push(`flush ${formatZxid(this.lastDurable)}`);
  }

  *acceptEpoch(epoch: Epoch): DiskScript<void> {
    yield* this.job(`acceptedEpoch ${epoch}`);
    this.acceptedEpoch = epoch;
  }

  *enterEpoch(epoch: Epoch): DiskScript<void> {
    yield* this.job(`currentEpoch ${epoch}`);
    this.currentEpoch = epoch;
  }

  append(zxid: Zxid, entry: Uint8Array): void {
    if (!follows(zxid, this.lastLogged)) {
      throw new RoleEnded(`${formatZxid(zxid)} does not follow ${formatZxid(this.lastLogged)}`);
    }
    this.window.append(zxid, entry);
    this.history.push(zxid);
    this.lastLogged = zxid;
    this.steps.push(`append ${formatZxid(zxid)}`);
  }

  applyThrough(zxid: Zxid): void {
    assert(zxid <= this.lastDurable, 'memory would be ahead of the disk');
    this.window.commitThrough(zxid);
    this.lastApplied = zxid;
    this.steps.push(`apply ${formatZxid(zxid)}`);
    this.onApplied(zxid);
  }

  *truncate(zxid: Zxid): DiskScript<boolean> {
    yield* this.job(`truncate ${formatZxid(zxid)}`);
    if (zxid < this.canGoBackTo) return false;
    const kept = this.history.filter((each) => each <= zxid);
    this.#become(kept);
    if (this.lastLogged !== zxid) throw new RoleEnded(`there is no ${formatZxid(zxid)}`);
    return true;
  }

  receiveSnapshot(zxid: Zxid): SnapshotInstallation {
    this.steps.push(`receive ${formatZxid(zxid)}`);
    return {
      onSnapshotSession: () => undefined,
      onSnapshotAcl: () => undefined,
      onSnapshotNode: () => undefined,
      install: () => this.#install(zxid),
    };
  }

  *#install(zxid: Zxid): DiskScript<void> {
    yield* this.job(`install ${formatZxid(zxid)}`);
    this.#become([zxid]);
    this.window.reset(zxid);
  }

  whenSnapshotMayBegin(ready: () => void): Cancel {
    let isWanted = true;
    this.#waiting.push(() => {
      if (isWanted) ready();
    });
    this.#serveWaiting();
    return () => {
      isWanted = false;
    };
  }

  beginSnapshot(): SnapshotView {
    assert(!this.#isViewOpen, 'two views');
    this.#isViewOpen = true;
    let next = -1;
    const close = (): void => {
      this.#isViewOpen = false;
      this.#serveWaiting();
    };
    return {
      zxid: this.lastApplied,
      digest: { high: 0, low: 0 },
      writeHead: (writer) => {
        writer.int(0);
        writer.int(0);
      },
      writeNodes: (writer, budgetBytes) => {
        const enough = writer.length + budgetBytes;
        for (; next < this.nodeCount && writer.length < enough; next++) {
          writer.string(next < 0 ? '' : `/${next}`);
          writer.buffer(new Uint8Array(this.nodeBytes));
          writer.long(-1);
          writeStatPersisted(writer, STAT);
        }
        if (next < this.nodeCount) return false;
        close();
        return true;
      },
      cancel: () => {
        this.viewsCancelled++;
        close();
      },
    };
  }

  #serveWaiting(): void {
    while (!this.#isViewOpen) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next();
    }
  }

  #become(history: readonly Zxid[]): void {
    this.history.splice(0, this.history.length, ...history);
    this.window.reset(ZXID_ZERO);
    for (const zxid of history) {
      if (!follows(zxid, this.window.last)) this.window.reset(zxid);
      else this.window.append(zxid, entryOf(zxid));
      this.window.commitThrough(zxid);
    }
    this.lastLogged = history.at(-1) ?? ZXID_ZERO;
    this.lastDurable = this.lastLogged;
    this.lastApplied = this.lastLogged;
  }

  /** Something of this server that has to become durable. */
  *job(step: string): DiskScript<void> {
    yield* awaitCompletion((done) => {
      const finish = (): void => {
        const { failure } = this;
        if (failure === null) this.steps.push(step);
        done(failure);
      };
      if (this.holdsJobs) this.#held.push(finish);
      else finish();
    });
  }
}

/** Notes among the steps of its replica what is kept of the configurations. */
export class FakeConfigurationStore implements ConfigurationStore {
  readonly #replica: FakeReplica;

  constructor(replica: FakeReplica) {
    this.#replica = replica;
  }

  *writeNext({ version }: StoredConfiguration): DiskScript<void> {
    yield* this.#replica.job(`next ${version.toString(16)}`);
  }

  *removeNext(): DiskScript<void> {
    yield* this.#replica.job('no next');
  }

  *commit({ version }: StoredConfiguration): DiskScript<void> {
    yield* this.#replica.job(`configuration ${version.toString(16)}`);
  }
}

const STAT = {
  czxid: ZXID_ZERO,
  mzxid: ZXID_ZERO,
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: 0n,
  pzxid: ZXID_ZERO,
};
