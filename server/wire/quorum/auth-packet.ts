import { JuteReader } from '../jute-reader.ts';
import { JuteWriter } from '../jute-writer.ts';
import { WireError } from '../wire-error.ts';

/**
 * Nothing else that is said on these ports begins like this. Apache writes it as the negative of 0xa0dbcafecafe1234, which
 * as a long of Java's is negative itself.
 */
const MAGIC = 0x5f24_3501_3501_edccn;
const MAGIC_BYTES = 8;
/** Magic, status and length. */
const HEADER_BYTES = MAGIC_BYTES + 4 + 4;
const TOKEN_BYTES_MAX = 4096;

export const AuthStatus = { inProgress: 0, success: 1, error: -1 } as const;
export type AuthStatus = (typeof AuthStatus)[keyof typeof AuthStatus];

/** What two servers say to each other while one of them proves who it is (Apache's QuorumAuthPacket). No length comes before it. */
export interface AuthPacket {
  readonly status: AuthStatus;
  readonly token: Uint8Array;
}

/** `unknown` until enough has come to tell. */
export function isAuthPacket(bytes: Uint8Array): boolean | 'unknown' {
  if (bytes.length < MAGIC_BYTES) return 'unknown';
  return new JuteReader(bytes).bigLong() === MAGIC;
}

/**
 * How many bytes the packet that begins like this has, or how many must have come before that can be said.
 * @throws WireError as soon as the beginning is no packet's.
 */
export function authPacketLength(bytes: Uint8Array): number {
  const isAuth = isAuthPacket(bytes);
  if (isAuth === 'unknown') return MAGIC_BYTES;
  if (!isAuth) throw new WireError('value', 'this is no packet of an authentication');
  if (bytes.length < HEADER_BYTES) return HEADER_BYTES;
  const reader = new JuteReader(bytes);
  reader.bigLong();
  reader.int();
  // A null token is written as -1.
  const length = Math.max(0, reader.int());
  if (length > TOKEN_BYTES_MAX) throw new WireError('length', `a token of ${length} bytes`);
  return HEADER_BYTES + length;
}

/** @throws WireError when this is no packet. */
export function readAuthPacket(bytes: Uint8Array): AuthPacket {
  const reader = new JuteReader(bytes);
  reader.bigLong();
  const status = reader.int();
  if (status !== AuthStatus.inProgress && status !== AuthStatus.success && status !== AuthStatus.error)
    throw new WireError('value', `there is no status ${status} of an authentication`);
  return { status, token: reader.buffer() ?? new Uint8Array(0) };
}

export function authPacket({ status, token }: AuthPacket): Uint8Array {
  const writer = new JuteWriter(HEADER_BYTES + token.length);
  writer.bigLong(MAGIC);
  writer.int(status);
  writer.buffer(token);
  return writer.bytes();
}
