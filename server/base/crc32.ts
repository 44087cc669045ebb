import { crc32 as platformCrc32 } from 'node:zlib';

/**
 * Four tables of 256 behind each other: the first for the last byte of a word, the next for the byte before it, and
 * so on, so that a word's four look-ups do not wait for one another.
 */
const TABLES = new Int32Array(4 * 256);
for (let i = 0; i < 256; i++) {
  let value = i;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  TABLES[i] = value;
}
for (let i = 256; i < TABLES.length; i++) {
  const before = TABLES[i - 256] as number;
  TABLES[i] = (before >>> 8) ^ (TABLES[before & 0xff] as number);
}

/** Below this a call into the platform costs more than the loop. */
const PLATFORM_FROM_BYTES = 128;

/** CRC-32 (IEEE) of `bytes`, continued from `previous`; unsigned. */
export function crc32(bytes: Uint8Array, previous = 0): number {
  const { length } = bytes;
  if (length >= PLATFORM_FROM_BYTES) return platformCrc32(bytes, previous);
  let crc = ~previous;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    crc ^=
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24);
    crc =
      (TABLES[(crc & 0xff) + 768] as number) ^
      (TABLES[((crc >>> 8) & 0xff) + 512] as number) ^
      (TABLES[((crc >>> 16) & 0xff) + 256] as number) ^
      (TABLES[crc >>> 24] as number);
  }
  for (; i < length; i++) crc = (crc >>> 8) ^ (TABLES[(crc ^ (bytes[i] as number)) & 0xff] as number);
  return ~crc >>> 0;
}
