import { CONFIG_KEY_NAMES } from './config-keys.ts';

/** A key longer than this is nobody's typo; keeps the comparison below small. */
const KEY_LENGTH_MAX = 64;

/**
 * The known key that an unknown one most likely is: the same letters in another case or punctuation
 * (`ticktime`, `snap_count`), or one or two slips of the finger in a long enough word.
 */
export function likelyMeant(unknown: string): string | undefined {
  if (unknown.length > KEY_LENGTH_MAX) return undefined;
  const bare = lettersOf(unknown);
  let best: { key: string; distance: number } | undefined;
  for (const key of CONFIG_KEY_NAMES) {
    const known = lettersOf(key);
    const allowed = known.length < 6 ? 0 : known.length < 9 ? 1 : 2;
    const distance = editDistance(bare, known);
    if (distance <= allowed && distance < (best?.distance ?? Infinity)) best = { key, distance };
  }
  return best?.key;
}

function lettersOf(key: string): string {
  return key.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** Insertions, deletions, replacements and swaps of neighbours that lead from one text to the other. */
function editDistance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > 2) return Infinity;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      let cost = Math.min(at(row, j - 1) + 1, at(last, j) + 1, at(last, j - 1) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (swapped) cost = Math.min(cost, at(beforeLast, j - 2) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
