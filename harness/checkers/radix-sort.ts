const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
/** Five digits of 11 bits cover the 53 that a double is exact in. */
const PASSES = 5;

/**
 * Sorts `rows` by `keys[row]`, stably, and returns them (perhaps in another array). The keys are integers from
 * 0 up to 2^53. A digit that is the same in all keys costs no pass: zxids of one epoch take two or three.
 */
export function radixSort(rows: Int32Array, keys: Float64Array): Int32Array {
  const size = rows.length;
  if (size < 2) return rows;
  let smallest = Infinity;
  let largest = 0;
  for (const row of rows) {
    const key = keys[row] ?? 0;
    if (key < smallest) smallest = key;
    if (key > largest) largest = key;
  }

  let from: Int32Array = rows;
  let to: Int32Array = new Int32Array(size);
  const digits = new Uint16Array(size);
  const starts = new Int32Array(DIGITS);
  let scale = 1;
  for (let pass = 0; pass < PASSES && scale <= largest - smallest; pass++, scale *= DIGITS) {
    starts.fill(0);
    for (let at = 0; at < size; at++) {
      // The keys count from the smallest: otherwise the epoch in the high bits would add passes.
      const rest = (keys[from[at] ?? 0] ?? 0) - smallest;
      const digit = (scale === 1 ? rest : Math.floor(rest / scale)) & (DIGITS - 1);
      digits[at] = digit;
      starts[digit] = (starts[digit] ?? 0) + 1;
    }
    let start = 0;
    for (let digit = 0; digit < DIGITS; digit++) {
      const count = starts[digit] ?? 0;
      starts[digit] = start;
      start += count;
    }
    for (let at = 0; at < size; at++) {
      const digit = digits[at] ?? 0;
      const place = starts[digit] ?? 0;
      starts[digit] = place + 1;
      to[place] = from[at] ?? 0;
    }
    [from, to] = [to, from];
  }
  return from;
}
