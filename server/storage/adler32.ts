import { createVectorAdler32 } from './adler32-vectors.ts';

const MODULUS = 65521;
/** So many bytes may be summed before the 32-bit sums must be reduced. */
const RUN_BYTES = 5552;
/** Below this a call costs more than the loop. */
const VECTORS_FROM_BYTES = 128;

const withVectors = createVectorAdler32();

/** The checksum of no bytes, from which a running checksum starts. */
export const ADLER_START = 1;

/**
 * Adler-32 over `[start, end)` of the bytes that `view` covers, continued from `seed`; unsigned. ZooKeeper's
 * log entries and snapshots are sealed with it (protocol §3.2, §3.3): for each write over all of it, so that it takes
 * vectors for what is longer than a few words.
 */
export function adler32(view: DataView, start: number, end: number, seed: number = ADLER_START): number {
  if (withVectors !== null && end - start >= VECTORS_FROM_BYTES) return withVectors(view, start, end, seed);
  return plainAdler32(view, start, end, seed);
}

/** The same byte by byte, as RFC 1950 has it. */
export function plainAdler32(view: DataView, start: number, end: number, seed: number): number {
  let a = seed & 0xffff;
  let b = seed >>> 16;
  for (let at = start; at < end;) {
    for (const runEnd = Math.min(end, at + RUN_BYTES); at < runEnd; at++) {
      a += view.getUint8(at);
      b += a;
    }
    a %= MODULUS;
    b %= MODULUS;
  }
  return ((b << 16) | a) >>> 0;
}
