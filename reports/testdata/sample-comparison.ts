import {
  type Comparison,
  type ComparisonFinding,
  comparisonSchema,
} from '../../harness/history/comparison-schema.ts';
import { HOSTILE } from './sample-report.ts';

const ROUNDS = 20;
const AFTER = 60;

/** A comparison that never was: of two tick times under a leader that freezes. */
export function sampleComparison(): Comparison {
  const rounds = Array.from({ length: 2 * ROUNDS }, (_, index): Comparison['rounds'][number] => {
    const arm = index % 2;
    const gapMs = (arm === 0 ? 2600 : 10_200) + 17 * index;
    return {
      number: index + 1,
      arm,
      seed: 42 + (index >> 1),
      runDirectory: `rounds/${String(index + 1).padStart(3, '0')}/run`,
      exitCode: index === 7 ? 102 : 0,
      excluded: index === 7 ? 'The load generator could not keep up.' : null,
      values: { 'write-gap': gapMs, t_steady: index === 9 ? null : gapMs + 40, p99: index === 11 ? null : 3 + (index % 5) / 10 },
      lateMs: {},
      doubts: index === 11 ? { p99: 'the load was late' } : {},
      course: {
        intervalMs: 200,
        fromMs: -1000,
        opsPerSecond: [
          ...Array<number>(5).fill(1000),
          ...Array<number>(Math.round(gapMs / 200)).fill(0),
          ...Array<number>(AFTER).fill(990),
        ],
      },
    };
  });
  return comparisonSchema.parse({
    schema: 'stampede.comparison/1',
    id: '20260301T120000Z-compare-k3f9',
    toolVersion: '0.1.0',
    command: 'npm run compare -- --set tickTime=500 --vs tickTime=2000 --fault freeze-leader',
    seed: 42,
    startedAt: '2026-03-01T12:00:00.000Z',
    durationMs: 700_000,
    ended: 'rounds',
    environment: null,
    rules: { roundsMax: ROUNDS, alpha: 0.05, effect: 0.05 },
    arms: [
      { name: 'tickTime=500', flags: ['--set', 'tickTime=500'] },
      { name: 'tickTime=2000', flags: ['--set', 'tickTime=2000'] },
    ],
    measures: [
      { name: 'write-gap', label: 'Longest time without a write', unit: 'ms', better: 'lower' },
      { name: 't_steady', label: 'Until all was as before', unit: 'ms', better: 'lower' },
      { name: 'p99', label: 'Latency p99', unit: 'ms', better: 'lower' },
    ],
    rounds,
    findings: [
      finding('write-gap', 'worse', 3.9),
      finding('t_steady', 'undecided', null),
      finding('p99', 'equal', 1.01),
    ],
    conclusion: 'tickTime=2000 against tickTime=500: worse in longest time without a write (× 3.9).',
  });
}

const interval = (value: number) => ({ value, low: value * 0.98, high: value * 1.02 });

function finding(
  measure: string,
  verdict: ComparisonFinding['verdict'],
  ratio: number | null,
): ComparisonFinding {
  return {
    arm: 1,
    measure,
    rounds: { base: 20, other: 19 },
    doubtful: { base: 0, other: measure === 'p99' ? 1 : 0 },
    median: { base: 2600, other: ratio === null ? null : 2600 * ratio },
    difference: ratio === null ? null : interval(2600 * (ratio - 1)),
    ratio: ratio === null ? null : interval(ratio),
    p: 0.01,
    pAdjusted: ratio === null ? null : 0.0004,
    verdict,
    moreRounds: verdict === 'undecided' ? 12 : null,
    sentence: `${measure}: ${verdict}.`,
  };
}

/** One that ended before it came to anything, whose arm bears a name that means harm. */
export function hostileComparison(): Comparison {
  const sample = sampleComparison();
  return {
    ...sample,
    ended: 'interrupted',
    arms: [{ name: HOSTILE, flags: [HOSTILE] }, ...sample.arms.slice(1)],
    rounds: sample.rounds.slice(0, 1).map((round) => ({ ...round, excluded: HOSTILE, course: null })),
    findings: [],
    conclusion: HOSTILE,
  };
}
