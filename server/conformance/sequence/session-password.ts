const MULTIPLIER = 0x5deece66dn;
const INCREMENT = 0xbn;
const MASK_48 = (1n << 48n) - 1n;
const SECRET = 0xb3415c00n;

/**
 * The password that every server of an ensemble gives and expects for a session id: 16 bytes of Java's
 * `Random`, seeded with the id (protocol §1.3). Written here a second time on purpose: the sequence judges the
 * server's own function.
 */
export function passwordOf(sessionId: bigint): Uint8Array {
  const password = new Uint8Array(16);
  const view = new DataView(password.buffer);
  let state = (BigInt.asUintN(64, sessionId) ^ SECRET ^ MULTIPLIER) & MASK_48;
  for (let i = 0; i < 4; i++) {
    state = (state * MULTIPLIER + INCREMENT) & MASK_48;
    view.setUint32(4 * i, Number(BigInt.asUintN(32, state >> 16n)), true);
  }
  return password;
}
