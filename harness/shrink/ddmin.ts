/**
 * Zeller and Hildebrandt's delta debugging, by what is taken away: first everything, then each half of what is left, each
 * quarter, and so on down to single items, until none of these can go any more. Yields what is to be tried, is told
 * whether it still fails, and returns the smallest that did; `items` are known to fail.
 *
 * Of answers that are always the same for the same items, the result is 1-minimal: without any one of its items it does
 * not fail. At most n² + 3n are tried of n items, and about 2n where nothing that fails stops to fail by having more.
 */
export function* ddmin<T>(items: readonly T[]): Generator<readonly T[], readonly T[], boolean> {
  let left = items;
  let size = items.length;
  while (left.length > 0) {
    const before = left.length;
    left = yield* withoutRuns(left, size);
    if (size === 1 && left.length === before) break;
    size = Math.max(1, Math.min(size, left.length) >> 1);
  }
  return left;
}

/** Takes away what is not needed of each run of so many, one run after the other. */
function* withoutRuns<T>(items: readonly T[], size: number): Generator<readonly T[], readonly T[], boolean> {
  let left = items;
  for (let at = 0; at < left.length;) {
    const rest = left.toSpliced(at, size);
    if (yield rest) left = rest;
    else at += size;
  }
  return left;
}
