import type { Prng } from '../../server/base/prng.ts';
import { NO_SESSION, type SessionId } from '../../server/base/session-id.ts';
import { formatZxid, type Zxid } from '../../server/base/zxid.ts';
import type { GroupCommit } from '../../server/storage/group-commit.ts';
import type { RecoverySink } from '../../server/storage/read-history.ts';
import type { SnapshotSource } from '../../server/storage/snapshot-writer.ts';
import type { JuteWriter } from '../../server/wire/jute-writer.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import { type StatPersisted, writeStatPersisted } from '../../server/wire/records/stat-persisted.ts';
import { type TxnHeader, writeTxnHeader } from '../../server/wire/txns/txn-header.ts';
import { type Txn, writeTxn } from '../../server/wire/txns/txn.ts';

/**
 * The simplest state that shows every loss and every invention: each transaction sets the data of a node of
 * its own, `/<zxid>`, so the state after zxid z is one value for each zxid up to z.
 */
export class StorageModel {
  readonly values = new Map<Zxid, Uint8Array>();

  get lastZxid(): Zxid {
    return ([...this.values.keys()].at(-1) ?? 0) as Zxid;
  }

  /** Adds a transaction with random data to the log and to the model. False if the log refused its size. */
  append(
    log: GroupCommit,
    options: { readonly zxid: Zxid; readonly bytes: number; readonly prng: Prng },
  ): boolean {
    const { zxid, bytes, prng } = options;
    const data = new Uint8Array(bytes);
    for (let i = 0; i < bytes; i++) data[i] = prng.uint32() | 1;
    writeModelTxn(log.begin(zxid), zxid, data);
    if (!log.end()) return false;
    this.values.set(zxid, data);
    return true;
  }

  /** The snapshot of everything up to `zxid`, in slices of about the budget. */
  snapshot(zxid: Zxid): SnapshotSource {
    const values = [...this.values].filter(([each]) => each <= zxid);
    let next = -1;
    return {
      zxid,
      digest: { high: 0, low: values.length },
      writeHead: (writer) => {
        writer.int(0);
        writer.int(0);
      },
      writeNodes: (writer, budgetBytes) => {
        const enough = writer.length + budgetBytes;
        while (next < values.length && writer.length < enough) {
          const value = values[next++];
          writeNode(writer, value === undefined ? '' : pathOf(value[0]), value?.[1] ?? null);
        }
        return next >= values.length;
      },
    };
  }
}

/** Collects what a recovery brings, and throws on what no server ever wrote. */
export class ModelSink implements RecoverySink {
  values = new Map<Zxid, Uint8Array>();
  snapshotZxid: Zxid | null = null;

  beginSnapshot(zxid: Zxid): void {
    this.values = new Map();
    this.snapshotZxid = zxid;
  }

  endSnapshot(): void {}
  lacks(): null {
    return null;
  }
  onSnapshotSession(_sessionId: SessionId, _timeoutMs: number): void {}
  onSnapshotAcl(): void {}

  onSnapshotNode(path: string, data: Uint8Array | null): void {
    if (path !== '') this.#set(Number.parseInt(path.slice(1), 16) as Zxid, data);
  }

  applyTxn(header: TxnHeader, txn: Txn): void {
    if (txn.type !== OpCode.setData || txn.path !== pathOf(header.zxid)) {
      throw new Error(`txn ${formatZxid(header.zxid)} is not one the model makes`);
    }
    this.#set(header.zxid, txn.data);
  }

  #set(zxid: Zxid, data: Uint8Array | null): void {
    this.values.set(zxid, (data ?? new Uint8Array(0)).slice());
  }
}

/**
 * Null if what was recovered is the beginning of what was written and reaches at least to what was reported
 * durable; otherwise what is wrong.
 */
export function recoveryFault(
  recovered: ReadonlyMap<Zxid, Uint8Array>,
  expected: { readonly written: ReadonlyMap<Zxid, Uint8Array>; readonly durable: Zxid },
): string | null {
  const written = [...expected.written];
  let at = 0;
  for (const [zxid, data] of recovered) {
    const next = written[at++];
    if (next?.[0] !== zxid) return `${formatZxid(zxid)} recovered where ${String(next?.[0])} was written`;
    if (!areEqual(data, next[1])) return `${formatZxid(zxid)} has other data`;
  }
  const lost = written[at]?.[0];
  if (lost !== undefined && lost <= expected.durable) {
    return `${formatZxid(lost)} was lost, ${formatZxid(expected.durable)} was reported durable`;
  }
  return null;
}

export function writeModelTxn(writer: JuteWriter, zxid: Zxid, data: Uint8Array): void {
  writeTxnHeader(writer, { clientId: NO_SESSION, cxid: 1, zxid, time: 1, type: OpCode.setData });
  writeTxn(writer, { type: OpCode.setData, path: pathOf(zxid), data, version: 1 });
}

function pathOf(zxid: Zxid): string {
  return `/${zxid.toString(16)}`;
}

const STAT: StatPersisted = {
  czxid: 0 as Zxid,
  mzxid: 0 as Zxid,
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: 0n,
  pzxid: 0 as Zxid,
};

function writeNode(writer: JuteWriter, path: string, data: Uint8Array | null): void {
  writer.string(path);
  writer.buffer(data);
  writer.long(-1);
  writeStatPersisted(writer, STAT);
}

function areEqual(x: Uint8Array, y: Uint8Array): boolean {
  return x.length === y.length && x.every((byte, i) => byte === y[i]);
}
