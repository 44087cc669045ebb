import type { Outcome } from './outcome.ts';

export interface FileSummary {
  /** `test_client.py` */
  readonly file: string;
  readonly passed: number;
  readonly skipped: number;
  /** As expected. */
  readonly expected: number;
  /** Not as expected. */
  readonly wrong: number;
}

export interface Judgement {
  readonly files: readonly FileSummary[];
  /** What must not be: a test fails and is not on the list, hangs, or is on the list and passes. */
  readonly wrong: readonly { readonly name: string; readonly why: string }[];
  /** Test and reason. */
  readonly expected: readonly { readonly name: string; readonly why: string }[];
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
}

/** Compares what happened with the recorded list of tests that fail, each with its reason. */
export function judge(
  outcomes: readonly Outcome[],
  expectedFailures: ReadonlyMap<string, string>,
): Judgement {
  const files = new Map<string, { passed: number; skipped: number; expected: number; wrong: number }>();
  const wrong: { name: string; why: string }[] = [];
  const expected: { name: string; why: string }[] = [];
  const skipped: { name: string; why: string }[] = [];
  for (const { name, outcome, detail } of outcomes) {
    const file = name.slice(0, name.indexOf('::'));
    const counts = files.get(file) ?? { passed: 0, skipped: 0, expected: 0, wrong: 0 };
    files.set(file, counts);
    const reason = expectedFailures.get(name);
    if (outcome === 'skipped') {
      counts.skipped++;
      skipped.push({ name, why: detail });
    } else if (outcome === 'failed' && reason !== undefined) {
      counts.expected++;
      expected.push({ name, why: reason });
    } else if (outcome === 'passed' && reason === undefined) {
      counts.passed++;
    } else {
      counts.wrong++;
      wrong.push({ name, why: complaint(outcome, detail, reason) });
    }
  }
  return {
    files: [...files].map(([file, counts]) => ({ file, ...counts })),
    wrong,
    expected,
    skipped,
  };
}

function complaint(outcome: Outcome['outcome'], detail: string, reason: string | undefined): string {
  if (outcome === 'started') return 'it has not ended';
  if (outcome === 'failed') return detail;
  return `it passes, and was expected to fail (${reason ?? ''}): take it off the list`;
}
