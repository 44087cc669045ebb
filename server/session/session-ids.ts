import type { ServerId } from '../base/server-id.ts';
import type { SessionId } from '../base/session-id.ts';

/**
 * Gives out the ids of new sessions: the server's own number in the top byte, so that no two servers give out the
 * same, then a counter that begins at the clock, so that a server that starts again does not give out old ones
 * (protocol §1.3, trap 22).
 */
export class SessionIds {
  #next: bigint;

  /** `server`: 1 for one that stands alone. */
  constructor(server: ServerId, wallMs: number) {
    const clockBits = (BigInt(wallMs) << 24n) & ((1n << 64n) - 1n);
    this.#next = BigInt.asIntN(64, (BigInt(server & 0xff) << 56n) | (clockBits >> 8n));
  }

  next(): SessionId {
    return this.#next++ as SessionId;
  }
}
