import { DEFAULT_LIMITS } from '../../../server/pipeline/limits.ts';
import { SILENT_LOG } from '../../../server/base/log.ts';
import { Prng } from '../../../server/base/prng.ts';
import { NO_SESSION } from '../../../server/base/session-id.ts';
import { Turn } from '../../../server/base/turn.ts';
import { formatZxid, type Zxid } from '../../../server/base/zxid.ts';
import type { CoreConfig } from '../../../server/ensemble/core-config.ts';
import { LocalReplica } from '../../../server/ensemble/local-replica.ts';
import type { DiskScript } from '../../../server/storage/disk-script.ts';
import type { StorageError } from '../../../server/storage/storage-error.ts';
import { JuteWriter } from '../../../server/wire/jute-writer.ts';
import { OpCode } from '../../../server/wire/opcode.ts';
import { SnapshotStreamReader, SnapshotStreamWriter } from '../../../server/wire/quorum/snapshot-stream.ts';
import { writeTxnHeader } from '../../../server/wire/txns/txn-header.ts';
import { writeTxn } from '../../../server/wire/txns/txn.ts';
import type { SnapshotInstallation } from '../../../server/zab/replica.ts';
import { RoleScriptRun } from '../../../server/zab/role-script.ts';
import { VirtualTime } from '../../../server/zab/testing/virtual-time.ts';
import { DIRECTORY } from '../places.ts';
import { SimDisk } from '../sim-disk.ts';

export const CORE_CONFIG: CoreConfig = {
  snapDir: DIRECTORY,
  logDir: DIRECTORY,
  tickTimeMs: 2000,
  minSessionTimeoutMs: 4000,
  maxSessionTimeoutMs: 40_000,
  sessionlessTimeoutMs: 10_000,
  juteMaxBufferBytes: 1 << 20,
  snapCount: 100_000,
  snapSizeLimitBytes: 0,
  preAllocSizeBytes: 4096,
  forceSync: true,
  snapshotTrustEmpty: false,
  extendedTypesEnabled: true,
  enforceQuota: false,
  limits: DEFAULT_LIMITS,
  containerCheckIntervalMs: 60_000,
  containerMaxPerMinute: 10_000,
  digestEnabled: true,
  skipAcl: false,
  reconfigEnabled: false,
};

/** A node that no other txn creates: the state tells which txns made it. `mark`: of whose history it is. */
export function pathOf(zxid: Zxid, mark = ''): string {
  return `/${zxid.toString(16)}${mark}`;
}

export function createEntry(zxid: Zxid, mark = ''): Uint8Array {
  const writer = new JuteWriter();
  writeTxnHeader(writer, { clientId: NO_SESSION, cxid: 1, zxid, time: 1, type: OpCode.create });
  const acl = [{ perms: 31, scheme: 'world', id: 'anyone' }];
  const path = pathOf(zxid, mark);
  writeTxn(writer, {
    type: OpCode.create,
    path,
    data: new Uint8Array(20),
    acl,
    ephemeral: false,
    parentCVersion: -1,
  });
  return writer.bytes().slice();
}

/** A server's copy of everything on a simulated disk, without anybody who uses it but a test. */
export class ReplicaNode {
  readonly disk: SimDisk;
  readonly replica: LocalReplica;
  readonly turn: Turn;
  readonly failures: StorageError[] = [];
  onDurable: () => void = () => undefined;

  constructor(disk: SimDisk, config: Partial<CoreConfig> = {}, seed = 1) {
    const time = new VirtualTime();
    this.disk = disk;
    this.turn = new Turn(time, () => undefined);
    this.replica = new LocalReplica({
      config: { ...CORE_CONFIG, ...config },
      windowCountMin: 500,
      disk,
      clock: time,
      turn: this.turn,
      random: new Prng(seed),
      log: SILENT_LOG,
      observer: null,
      onDurable: () => this.onDurable(),
      onFailure: (error) => this.failures.push(error),
    });
  }

  /** As a process finds it that starts on this disk. */
  static recovered(disk: SimDisk, config: Partial<CoreConfig> = {}, seed = 1): ReplicaNode {
    const node = new ReplicaNode(disk, config, seed);
    node.perform(node.replica.recover());
    return node;
  }

  /** Runs the script to its end; throws what it ends with. */
  perform<T>(script: DiskScript<T>): T {
    let outcome: { readonly result: T } | { readonly error: Error } | undefined;
    const run = new RoleScriptRun({
      disk: this.disk,
      script: (function* () {
        outcome = { result: yield* script };
      })(),
      onWaiting: () => undefined,
      onDone: () => undefined,
      onFailed: (error) => {
        outcome = { error };
      },
    });
    run.start();
    this.disk.run();
    if (outcome === undefined) throw new Error('the script has not come to its end');
    if ('error' in outcome) throw outcome.error;
    return outcome.result;
  }

  /** Logs, makes durable, applies: txns that nobody will ever take back. */
  commit(zxids: readonly Zxid[], mark = ''): void {
    for (const zxid of zxids) this.replica.append(zxid, createEntry(zxid, mark));
    this.flush();
    if (zxids.length > 0) this.replica.applyThrough(this.replica.lastLogged);
    this.disk.run();
  }

  flush(): void {
    this.replica.flushLog();
    this.disk.run();
  }

  has(zxid: Zxid, mark = ''): boolean {
    return this.replica.tree.get(pathOf(zxid, mark)) !== undefined;
  }

  /** Which of these the state shows. */
  shown(zxids: readonly Zxid[], mark = ''): string {
    return zxids
      .filter((zxid) => this.has(zxid, mark))
      .map((zxid) => formatZxid(zxid) + mark)
      .join(' ');
  }

  /** A snapshot as it comes over the network. */
  snapshotBytes(): { readonly zxid: Zxid; readonly bytes: Uint8Array } {
    const view = this.replica.beginSnapshot();
    const writer = new JuteWriter();
    const stream = new SnapshotStreamWriter(view);
    while (!stream.writeSlice(writer, 1 << 16));
    return { zxid: view.zxid, bytes: writer.bytes().slice() };
  }

  receive({ zxid, bytes }: { readonly zxid: Zxid; readonly bytes: Uint8Array }): SnapshotInstallation {
    const installation = this.replica.receiveSnapshot(zxid);
    new SnapshotStreamReader(installation, 1 << 20).push(bytes);
    return installation;
  }
}

/** An empty machine. */
export function emptyDisk(): SimDisk {
  const disk = new SimDisk();
  disk.mkdir(DIRECTORY, () => undefined);
  disk.run();
  return disk;
}
