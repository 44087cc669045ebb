import type { ComparisonMeasure } from '../history/comparison-schema.ts';
import { ELECTION_POLL_MS } from '../nemesis/fault-rounds.ts';
import type { Missing } from '../stats/evidence.ts';
import { ALL, type Report } from '../history/report-schema.ts';

/** One figure of a round. */
export interface Measure extends ComparisonMeasure {
  /** What it is exact to, in its unit: a smaller difference counts as none. */
  readonly resolution: number;
  /** What it means that a round has none: see `Missing`. */
  readonly missing: Missing;
  /** Null: the round did not come to that. */
  readonly of: (report: Report) => number | null;
}

/** Of the usual probes; what they show is exact to that. */
const PROBE_INTERVAL_MS = 40;
/** Before anything was disturbed: what is lost in a fault has measures of its own. */
const CALM = 'measure';

const latency = (name: string, label: string, quantile: 'p50Us' | 'p99Us' | 'p999Us'): Measure => ({
  name,
  label,
  unit: 'ms',
  better: 'lower',
  resolution: 0.05,
  missing: 'unknown',
  of: (report) => {
    const us = calmTotals(report)?.responseTime?.[quantile] ?? null;
    return us === null ? null : us / 1000;
  },
});

/** What a load shows of servers that nothing happens to. */
const LOAD_MEASURES: readonly Measure[] = [
  {
    name: 'throughput',
    label: 'Throughput',
    unit: 'ops/s',
    better: 'higher',
    resolution: 1,
    missing: 'unknown',
    of: (report) => calmTotals(report)?.opsPerSecond ?? null,
  },
  latency('p50', 'Latency p50', 'p50Us'),
  latency('p99', 'Latency p99', 'p99Us'),
  latency('p99.9', 'Latency p99.9', 'p999Us'),
];

/** What a fault costs (the harness' names: see docs/ARCHITECTURE.md), from when it had taken effect. */
const FAULT_MEASURES: readonly Measure[] = [
  {
    name: 'write-gap',
    label: 'Longest time without a write',
    unit: 'ms',
    better: 'lower',
    resolution: 2,
    missing: 'unknown',
    of: ({ recoveries: [first] }) => first?.writeGapMs ?? null,
  },
  since({
    name: 't_detect',
    label: 'Until it was noticed',
    resolution: PROBE_INTERVAL_MS,
    missing: 'unknown',
    atMs: ({ recovery }) => recovery?.faults[0]?.detectedAtMs,
  }),
  since({
    name: 't_elect',
    label: 'Until there was a leader',
    resolution: ELECTION_POLL_MS,
    missing: 'unknown',
    atMs: ({ recoveries: [first], recovery }) => first?.electedAtMs ?? recovery?.faults[0]?.electedAtMs,
  }),
  since({
    name: 't_first',
    label: 'Until the first write after it',
    resolution: 2,
    missing: 'unknown',
    atMs: ({ recoveries: [first] }) => first?.firstSuccessAtMs,
  }),
  since({
    name: 't_steady',
    label: 'Until all was as before',
    resolution: PROBE_INTERVAL_MS,
    missing: 'never',
    atMs: ({ recovery }) => recovery?.faults[0]?.steadyAtMs,
  }),
  {
    name: 'lost-availability',
    label: 'Availability lost to writes',
    unit: 's',
    better: 'lower',
    resolution: PROBE_INTERVAL_MS / 1000,
    missing: 'unknown',
    of: ({ recovery }) =>
      recovery?.faults[0]?.series.find(
        ({ probeClass, serverId }) => probeClass === 'write' && serverId === null,
      )?.lostAvailabilitySeconds ?? null,
  },
];

function since({
  name,
  label,
  resolution,
  missing,
  atMs,
}: Pick<Measure, 'name' | 'label' | 'resolution' | 'missing'> & {
  readonly atMs: (report: Report) => number | null | undefined;
}): Measure {
  return {
    name,
    label,
    unit: 'ms',
    better: 'lower',
    resolution,
    missing,
    of: (report) => {
      const at = atMs(report);
      const from = report.recoveries[0]?.killedAtMs;
      return at === null || at === undefined || from === null || from === undefined
        ? null
        : Math.max(0, at - from);
    },
  };
}

function calmTotals({ totals }: Report): Report['totals'][number] | undefined {
  return totals.find(({ op, phase }) => op === ALL && phase === CALM);
}

/** What there is to compare; `isOpenLoop`: throughput is what was asked for, and no measure of anything. */
export function measuresFor(run: { readonly hasFault: boolean; readonly isOpenLoop: boolean }): Measure[] {
  const load = LOAD_MEASURES.filter(({ name }) => !run.isOpenLoop || name !== 'throughput');
  return [...(run.hasFault ? FAULT_MEASURES : []), ...load];
}
