import type { DiskFile } from './disk.ts';
import { type DiskScript, readFile } from './disk-script.ts';
import { TAIL_MARK_BYTES } from './log-format.ts';

const ZEROS_WINDOW_BYTES = 128 << 10;

/**
 * The bytes from `offset` on, up to the last that is not zero and `TAIL_MARK_BYTES` zeros further; none if all
 * are zero. Of a stretch longer than `limit` only so much that it can be seen to be longer.
 */
export function* readRest(
  file: DiskFile,
  where: { readonly offset: number; readonly limit: number },
): DiskScript<Uint8Array> {
  const window = new Uint8Array(ZEROS_WINDOW_BYTES);
  const words = new Int32Array(window.buffer);
  let kept: Uint8Array = new Uint8Array(0);
  let length = 0;
  for (let position = where.offset; length <= where.limit;) {
    const got = yield* readFile(file, window, position);
    if (got === 0) break;
    const nonZero = lastNonZero(window, words, got) + 1;
    if (nonZero > 0) {
      const begin = position - where.offset;
      if (kept.length < begin + nonZero + TAIL_MARK_BYTES)
        kept = enlarged(kept, begin + got + TAIL_MARK_BYTES);
      kept.set(window.subarray(0, nonZero), begin);
      length = begin + nonZero;
    }
    position += got;
  }
  return length === 0 ? kept : kept.subarray(0, length + TAIL_MARK_BYTES);
}

/** Four bytes at a time: a log that was barely used ends in 64 MiB of zeros, and there may be many of them. */
function lastNonZero(bytes: Uint8Array, words: Int32Array, length: number): number {
  let last = length - 1;
  while (last >= 0 && last % 4 !== 3 && bytes[last] === 0) last--;
  if (last % 4 !== 3) return last;
  let word = last >> 2;
  while (word >= 0 && words[word] === 0) word--;
  last = 4 * word + 3;
  while (last >= 0 && bytes[last] === 0) last--;
  return last;
}

function enlarged(bytes: Uint8Array, length: number): Uint8Array {
  const larger = new Uint8Array(Math.max(length, 2 * bytes.length));
  larger.set(bytes);
  return larger;
}
