import type { SessionId } from '../base/session-id.ts';

const PASSWORD_BYTES = 16;
const SALT = 0xb3415c00n;
const MULTIPLIER = 0x5deece66dn;
const INCREMENT = 0xbn;
const MASK_48 = (1n << 48n) - 1n;

/** What gives a session's id its password: the same on every server of an ensemble. */
export type PasswordOf = (id: SessionId) => Uint8Array;

/**
 * The password every ZooKeeper server derives from a session's id: the first 16 bytes of
 * `java.util.Random(id ^ 0xB3415C00)` (protocol §1.3). It has to be this function wherever an Apache server
 * may check it; as a secret it is worth nothing to anyone who knows the id.
 */
export function sessionPassword(id: SessionId): Uint8Array {
  const password = new Uint8Array(PASSWORD_BYTES);
  const view = new DataView(password.buffer);
  let state = (id ^ SALT ^ MULTIPLIER) & MASK_48;
  for (let at = 0; at < PASSWORD_BYTES; at += 4) {
    state = (state * MULTIPLIER + INCREMENT) & MASK_48;
    view.setUint32(at, Number((state >> 16n) & 0xffffffffn), true);
  }
  return password;
}

/** Takes the same time whatever differs. Session 0 never has a right password. */
export function isSessionPassword(
  id: SessionId,
  password: Uint8Array | null,
  passwordOf: PasswordOf = sessionPassword,
): boolean {
  if (id === 0n || password === null || password.length !== PASSWORD_BYTES) return false;
  const right = passwordOf(id);
  let difference = 0;
  for (let i = 0; i < PASSWORD_BYTES; i++) difference |= (right[i] as number) ^ (password[i] as number);
  return difference === 0;
}
