import type { SessionId } from '../base/session-id.ts';
import { ZXID_ZERO, type Zxid } from '../base/zxid.ts';
import { DatabaseLoader } from '../pipeline/database.ts';
import type { RecoverySink } from '../storage/read-history.ts';
import type { SnapshotEnd } from '../storage/snapshot-reader.ts';
import type { Acl } from '../wire/records/acl.ts';
import type { StatPersisted } from '../wire/records/stat-persisted.ts';
import { DIGEST_VERSION, type TxnDigest } from '../wire/txns/txn-digest.ts';
import type { TxnHeader } from '../wire/txns/txn-header.ts';
import type { Txn } from '../wire/txns/txn.ts';

/** What a session's timeout counts from does not matter where none ever ends. */
const NOW_MS = 0;
const TICK_MS = 2000;

/** Builds the state that the files stand for, and compares its digest with each one recorded on the way. */
export class CheckedDatabase implements RecoverySink {
  readonly #loader = new DatabaseLoader({ digestEnabled: true, tickMs: TICK_MS, nowMs: NOW_MS });
  /** From here on the state is a point of the history: a fuzzy snapshot is of several until its digest's zxid. */
  #soundFrom: Zxid = ZXID_ZERO;
  /** Digests compared. */
  comparedCount = 0;
  /** When the last txn was logged, wall clock in ms; null if there was none. */
  lastTime: number | null = null;

  get nodeCount(): number {
    return this.#loader.tree.nodeCount;
  }

  get soundFrom(): Zxid {
    return this.#soundFrom;
  }

  /** Unsigned. */
  get digest(): bigint {
    const { high, low } = this.#loader.tree.digest;
    return (BigInt(high) << 32n) | BigInt(low);
  }

  /** After which the digest was not the recorded one. */
  get mismatches(): readonly Zxid[] {
    return this.#loader.digestMismatches.filter((zxid) => zxid >= this.#soundFrom);
  }

  beginSnapshot(zxid: Zxid): void {
    this.#loader.beginSnapshot(zxid);
    this.#soundFrom = zxid;
    this.comparedCount = 0;
  }

  onSnapshotSession(sessionId: SessionId, timeoutMs: number): void {
    this.#loader.onSnapshotSession(sessionId, timeoutMs);
  }

  onSnapshotAcl(aclId: number, acl: readonly Acl[]): void {
    this.#loader.onSnapshotAcl(aclId, acl);
  }

  onSnapshotNode(path: string, data: Uint8Array | null, aclId: number, stat: StatPersisted): void {
    this.#loader.onSnapshotNode(path, data, aclId, stat);
  }

  endSnapshot(end: SnapshotEnd): void {
    this.#loader.endSnapshot(end);
    const { digest } = end;
    if (digest === null || digest.treeDigest === null) return;
    if (digest.zxid === this.#soundFrom) this.comparedCount++;
    else this.#soundFrom = digest.zxid;
  }

  lacks(): string | null {
    return this.#loader.lacks();
  }

  applyTxn(header: TxnHeader, txn: Txn, digest: TxnDigest | null, entry: Uint8Array): void {
    this.#loader.applyTxn(header, txn, digest, entry);
    this.lastTime = header.time;
    if (digest?.version === DIGEST_VERSION && header.zxid >= this.#soundFrom) this.comparedCount++;
  }
}
