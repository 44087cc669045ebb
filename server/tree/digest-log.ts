import type { Zxid } from '../base/zxid.ts';
import type { TreeDigest } from './digest.ts';

/** Apache's, so that two servers' lists have the same zxids in them. */
const INTERVAL = 128;
const LENGTH_MAX = 1024;

export interface LoggedDigest {
  readonly zxid: Zxid;
  /** Unsigned. */
  readonly digest: bigint;
}

/** The tree's digest at every 128th zxid of late: two servers that differ differ here from some zxid on. */
export class DigestLog {
  readonly #entries: LoggedDigest[] = [];

  /** To be called with every state of the tree, once its digest is complete. */
  note(zxid: Zxid, { high, low }: TreeDigest): void {
    // Not `%`, which for numbers of this size calls a function.
    if (zxid - Math.floor(zxid / INTERVAL) * INTERVAL !== 0 || zxid === 0) return;
    this.#entries.push({ zxid, digest: (BigInt(high) << 32n) | BigInt(low) });
    if (this.#entries.length > LENGTH_MAX) this.#entries.shift();
  }

  entries(): readonly LoggedDigest[] {
    return this.#entries;
  }
}
