import type { Brand } from './brand.ts';

/**
 * A session's id, the one 64-bit number of the protocol that needs all its bits: the server's id in the top
 * byte, a clock in the next five, a counter in the low two (protocol §1.3). Signed, as it stands on the wire.
 */
export type SessionId = Brand<bigint, 'SessionId'>;

export const NO_SESSION = 0n as SessionId;

/** As ZooKeeper prints it: unsigned hex, `0x1000014c6590000`. */
export function formatSessionId(id: SessionId): string {
  return `0x${BigInt.asUintN(64, id).toString(16)}`;
}
