import { crc32 as platformCrc32 } from 'node:zlib';

const TABLE = new Int32Array(256);
for (let i = 0; i < 256; i++) {
  let value = i;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  TABLE[i] = value;
}

/** Below this a call into the platform costs more than the loop. */
const PLATFORM_FROM_BYTES = 128;

/** CRC-32 (IEEE) of `bytes`, continued from `previous`; unsigned. */
export function crc32(bytes: Uint8Array, previous = 0): number {
  if (bytes.length >= PLATFORM_FROM_BYTES) return platformCrc32(bytes, previous);
  let crc = ~previous;
  for (let i = 0; i < bytes.length; i++) {
    crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[i] as number)) & 0xff] as number);
  }
  return ~crc >>> 0;
}
