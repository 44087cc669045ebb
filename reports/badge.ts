import type { Report } from '../harness/history/report-schema.ts';
import type { Verdict } from '../harness/history/verification.ts';

export type Tone = 'good' | 'bad' | 'warn' | 'plain';

export type Badge = { readonly label: string; readonly tone: Tone };

/** By the exit codes every command shares; a run without a verdict was never judged. */
const BADGE_OF_EXIT_CODE: ReadonlyMap<number, Badge> = new Map<number, Badge>([
  [0, { label: 'passed', tone: 'good' }],
  [1, { label: 'internal error', tone: 'bad' }],
  [2, { label: 'usage error', tone: 'bad' }],
  [3, { label: 'not reachable', tone: 'bad' }],
  [99, { label: 'threshold missed', tone: 'bad' }],
  [100, { label: 'history invalid', tone: 'bad' }],
  [101, { label: 'verdict unknown', tone: 'warn' }],
  [102, { label: 'generator-limited', tone: 'warn' }],
  [130, { label: 'interrupted', tone: 'warn' }],
  [143, { label: 'interrupted', tone: 'warn' }],
]);

export function runBadge(report: Report): Badge {
  const { verdict, identity } = report;
  if (verdict === null) {
    return { label: identity.status === 'complete' ? 'not judged' : 'interrupted', tone: 'warn' };
  }
  // A verdict that contradicts itself is shown as the worse of the two.
  if (verdict.exitCode === 0 && verdict.passed !== true) return { label: 'not judged', tone: 'warn' };
  return exitCodeBadge(verdict.exitCode);
}

/** Null: a signal has ended it. */
export function exitCodeBadge(exitCode: number | null): Badge {
  if (exitCode === null) return { label: 'killed', tone: 'bad' };
  return BADGE_OF_EXIT_CODE.get(exitCode) ?? { label: `exit ${exitCode}`, tone: 'bad' };
}

const BADGE_OF_VERDICT: Readonly<Record<Verdict, Badge>> = {
  valid: { label: 'valid', tone: 'good' },
  unknown: { label: 'unknown', tone: 'warn' },
  invalid: { label: 'invalid', tone: 'bad' },
};

export function verificationBadge(verdict: Verdict): Badge {
  return BADGE_OF_VERDICT[verdict];
}

/** The run in one sentence, whether or not it came to a verdict. */
export function runSentence(report: Report): string {
  if (report.verdict !== null) return report.verdict.sentence;
  return report.identity.status === 'complete'
    ? 'The run was not judged.'
    : 'The run ended before it could be judged; what it had measured until then is below.';
}
