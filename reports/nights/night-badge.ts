import type { Night, NightPart, TrendFinding } from '../../harness/history/night-schema.ts';
import { type Badge, exitCodeBadge } from '../badge.ts';

/** A night that could not have found anything comes before what it has found or not. */
export function nightBadge({ verdict }: Night): Badge {
  return verdict.valid ? exitCodeBadge(verdict.exitCode) : { label: 'invalid night', tone: 'bad' };
}

export function partBadge({ outcome, exitCode }: NightPart): Badge {
  switch (outcome) {
    case 'passed':
      return { label: 'passed', tone: 'good' };
    case 'failed':
      return exitCodeBadge(exitCode);
    case 'skipped':
      return { label: 'skipped', tone: 'plain' };
    case 'interrupted':
      return { label: 'interrupted', tone: 'warn' };
  }
}

export function trendBadge({ verdict }: TrendFinding): Badge {
  const tones = { better: 'good', worse: 'bad', equal: 'good', unjudged: 'plain' } as const;
  return { label: verdict, tone: tones[verdict] };
}
