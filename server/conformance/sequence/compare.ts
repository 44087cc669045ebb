import type { Difference } from './differences.ts';
import type { Step } from './transcript.ts';

/** A step that two servers answered differently. */
export interface Mismatch {
  readonly id: string;
  readonly request: string;
  readonly expected: readonly string[];
  readonly actual: readonly string[];
}

export interface Comparison {
  readonly stepCount: number;
  readonly mismatches: readonly Mismatch[];
  /** Differences of the list that were met, and how many times. */
  readonly known: ReadonlyMap<Difference, number>;
}

/** Compares what a server did (`actual`) with what the reference did, step by step. */
export function compare(
  expected: readonly Step[],
  actual: readonly Step[],
  differences: readonly Difference[],
): Comparison {
  const mismatches: Mismatch[] = [];
  const known = new Map<Difference, number>();
  const length = Math.max(expected.length, actual.length);
  for (let i = 0; i < length; i++) {
    const mismatch = mismatchOf(expected[i], actual[i]);
    if (mismatch === null) continue;
    const explanation = explain(mismatch, differences);
    if (explanation === null) mismatches.push(mismatch);
    else for (const difference of explanation) known.set(difference, (known.get(difference) ?? 0) + 1);
  }
  return { stepCount: length, mismatches, known };
}

function mismatchOf(expected: Step | undefined, actual: Step | undefined): Mismatch | null {
  const either = expected ?? actual;
  if (either === undefined) return null;
  const mismatch = {
    id: either.id,
    request: either.request,
    expected: expected?.observed ?? ['(no such step)'],
    actual: actual?.observed ?? ['(no such step)'],
  };
  // The sequence takes no decision by what it sees, so the requests of two runs differ only if a server hands
  // out something else than the other did (another file, an older transcript).
  if (expected !== undefined && actual !== undefined && expected.request !== actual.request) {
    return { ...mismatch, actual: [`(another request: ${actual.request})`, ...actual.observed] };
  }
  return areEqual(mismatch.expected, mismatch.actual) ? null : mismatch;
}

/** The known differences that together account for all of it, or null. */
function explain(mismatch: Mismatch, differences: readonly Difference[]): Difference[] | null {
  let { expected, actual } = mismatch;
  const used: Difference[] = [];
  for (const difference of differences) {
    if (difference.type === 'step') {
      if (difference.id !== mismatch.id || !areEqual(actual, difference.ours)) continue;
      return [...used, difference];
    }
    const rewrite = (line: string): string => line.replace(difference.pattern, difference.replacement);
    const [before, after] = [`${expected.join('\n')}\n${actual.join('\n')}`, expected.map(rewrite)];
    expected = after;
    actual = actual.map(rewrite);
    if (`${expected.join('\n')}\n${actual.join('\n')}` !== before) used.push(difference);
    if (areEqual(expected, actual)) return used;
  }
  return null;
}

function areEqual(first: readonly string[], second: readonly string[]): boolean {
  return first.length === second.length && first.every((line, index) => line === second[index]);
}

/** For a person: what was asked, what the reference said (−) and what this server said (+). */
export function formatMismatch({ id, request, expected, actual }: Mismatch): string {
  return [
    `${id} ${request}`,
    ...expected.filter((line) => !actual.includes(line)).map((line) => `  - ${line}`),
    ...actual.filter((line) => !expected.includes(line)).map((line) => `  + ${line}`),
    ...(isReordered(expected, actual)
      ? ['  (the same lines in another order)', ...actual.map((line) => `  + ${line}`)]
      : []),
  ].join('\n');
}

function isReordered(expected: readonly string[], actual: readonly string[]): boolean {
  return expected.every((line) => actual.includes(line)) && actual.every((line) => expected.includes(line));
}
