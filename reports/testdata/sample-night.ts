import { type Night, nightSchema, type NightPart, type NightRun } from '../../harness/history/night-schema.ts';
import { HOSTILE } from './sample-report.ts';

const DAY_MS = 86_400_000;
const FIRST = Date.parse('2026-03-01T02:00:00.000Z');

/** Nights that never were: the third found something, and the last is slower than those before. */
export function sampleNights(): Night[] {
  return [0, 1, 2, 3, 4].map((day) => sampleNight(day));
}

function sampleNight(day: number): Night {
  const startedAt = new Date(FIRST + day * DAY_MS).toISOString();
  const id = `${startedAt.slice(0, 10).replaceAll('-', '')}T020000Z-night-00000${day}`;
  const isFailed = day === 2;
  const isSlow = day === 4;
  const rounds = [0, 1, 2].map((round) => ({
    throughput: (isSlow ? 5000 : 9000) + 300 * round,
    p99: (isSlow ? 9 : 4) + round / 10,
    'write-gap': round === 1 ? null : 60 + 5 * round,
  }));
  const exitCode = isFailed ? 100 : isSlow ? 99 : 0;
  return nightSchema.parse({
    schema: 'stampede.night/1',
    id,
    toolVersion: '0.1.0',
    command: 'npm run nightly -- --minutes 10',
    seed: 42 + day,
    minutes: 10,
    mutant: null,
    startedAt,
    durationMs: 612_000,
    environment: {
      node: 'v20.19.0',
      platform: 'linux',
      arch: 'x64',
      kernel: '6.1',
      cpu: { model: 'some processor', logical: 2 },
      memoryBytes: 2 ** 33,
      disk: null,
      git: null,
    },
    parts: [
      part('swarm', 'Simulated ensembles, fresh seeds', [run('seeds from 7')]),
      part('chaos', 'Chaos: workloads under faults, servers of ours', [
        run('lock × kill-leader, seed 7'),
        ...(isFailed ? [run('queue × partition-halves, seed 8', 'failed'), run('apache: set × kill-all', 'noted')] : []),
      ]),
      { ...part('chaos-apache', "Chaos: workloads under faults, Apache's servers", []), outcome: 'skipped' },
    ],
    bench: { settings: ['--workload', 'write-heavy'], rounds },
    trend: [
      trend('throughput', 'Throughput', 'ops/s', 'higher', isSlow ? 5300 : 9300),
      trend('p99', 'Latency p99', 'ms', 'lower', isSlow ? 9.1 : 4.1),
      trend('write-gap', 'Longest time without a write', 'ms', 'lower', 65),
    ],
    verdict: {
      passed: exitCode === 0,
      valid: true,
      exitCode,
      sentence: exitCode === 0 ? 'Nothing was found, and nothing got worse.' : 'Something is wrong.',
    },
  });

  function trend(measure: string, label: string, unit: string, better: string, value: number): unknown {
    const verdict = isSlow && measure === 'throughput' ? 'worse' : 'equal';
    const common = { measure, label, unit, better, value, nights: 3, verdict };
    return { ...common, baseline: value * 1.1, ratio: 1 / 1.1, sentence: `${label}: ${verdict}.` };
  }
}

function part(name: string, title: string, runs: readonly NightRun[]): NightPart {
  const isFailed = runs.some(({ outcome }) => outcome === 'failed');
  return {
    name,
    title,
    outcome: isFailed ? 'failed' : 'passed',
    exitCode: isFailed ? 100 : 0,
    budgetMs: 120_000,
    durationMs: 118_000,
    sentence: `${runs.length} runs`,
    runs: [...runs],
  };
}

function run(name: string, outcome: NightRun['outcome'] = 'passed'): NightRun {
  const isPassed = outcome === 'passed';
  return {
    name,
    outcome,
    exitCode: isPassed ? 0 : 100,
    durationMs: 8000,
    why: isPassed ? null : 'given twice: C3 and C5',
    again: isPassed ? null : 'npm run chaos -- --workload queue --seed 8',
    directory: isPassed ? null : 'runs/ours/matrix-8',
    report: isPassed ? null : 'runs/ours/matrix-8/run/report.html',
  };
}

/** One that was interrupted with a planted bug missed, and whose runs bear names that mean harm. */
export function hostileNight(): Night {
  const [sample] = sampleNights().slice(2);
  if (sample === undefined) throw new Error('there are five');
  return {
    ...sample,
    command: HOSTILE,
    mutant: { id: HOSTILE, what: HOSTILE },
    parts: sample.parts.map((part) => ({
      ...part,
      name: HOSTILE,
      title: HOSTILE,
      outcome: part.outcome === 'passed' ? 'interrupted' : part.outcome,
      sentence: `${HOSTILE}\u0000\u001b[31m\uD800`,
      runs: part.runs.map((run) => ({ ...run, name: HOSTILE, why: `${HOSTILE}\u0007]]>\n${HOSTILE}`, again: HOSTILE })),
    })),
    bench: { settings: [HOSTILE], rounds: [] },
    trend: sample.trend.map((finding) => ({
      ...finding,
      label: HOSTILE,
      sentence: HOSTILE,
      value: null,
      baseline: null,
      ratio: null,
    })),
    verdict: { passed: false, valid: false, exitCode: 101, sentence: HOSTILE },
  };
}
