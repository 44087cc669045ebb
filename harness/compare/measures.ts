import type { ComparisonMeasure } from '../history/comparison-schema.ts';
import { ALL, type Report } from '../history/report-schema.ts';
import { ELECTION_POLL_MS } from '../nemesis/fault-rounds.ts';
import type { Missing } from '../stats/evidence.ts';

/** One figure of a round. */
export interface Measure extends ComparisonMeasure {
  /** What it is exact to, in its unit: a smaller difference counts as none. */
  readonly resolution: number;
  /** What it means that a round has none: see `Missing`. */
  readonly missing: Missing;
  /** Null: the round did not come to that. */
  readonly of: (report: Report) => number | null;
  /** Why this round's figure would be the instrument's own; null: it is the servers'. */
  readonly doubt: (report: Report) => string | null;
  /** Of a time: by how much its instrument was late in this round, ms. */
  readonly lateMs: (report: Report) => number;
}

/** Of the usual probes; what they show is exact to that. */
const PROBE_INTERVAL_MS = 40;
/** Before anything was disturbed: what is lost in a fault has measures of its own. */
const CALM = 'measure';
/** What an instrument is exact to when nothing delays it, and by how much it was late in a run. */
const LATENESS = {
  load: { resolutionMs: 2, lateMs: ({ generator }: Report) => generator?.scheduleLagP99Ms ?? 0 },
  probes: {
    resolutionMs: PROBE_INTERVAL_MS,
    lateMs: ({ recovery }: Report) => recovery?.faults[0]?.lagMaxMs ?? 0,
  },
} as const;

const latency = (name: string, label: string, quantile: 'p50Us' | 'p99Us' | 'p999Us'): Measure => ({
  name,
  label,
  unit: 'ms',
  better: 'lower',
  resolution: 0.05,
  missing: 'unknown',
  doubt: doubtOfLoad,
  lateMs: () => 0,
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
    doubt: doubtOfLoad,
    lateMs: () => 0,
    of: (report) => calmTotals(report)?.opsPerSecond ?? null,
  },
  latency('p50', 'Latency p50', 'p50Us'),
  latency('p99', 'Latency p99', 'p99Us'),
  latency('p99.9', 'Latency p99.9', 'p999Us'),
];

/** What a fault costs, from when it had taken effect: what the report of a run calls so, as the load saw it or the probes. */
const FAULT_MEASURES: readonly Measure[] = [
  seenBy('load', {
    name: 'write-gap',
    label: 'Longest time without a write',
    ms: ({ recoveries: [first] }) => first?.writeGapMs,
  }),
  seenBy('probes', {
    name: 't_detect',
    label: 'Until it was noticed',
    ms: (report) => sinceFault(report, report.recovery?.faults[0]?.detectedAtMs),
  }),
  {
    ...seenBy('load', {
      name: 't_elect',
      label: 'Until there was a leader',
      ms: (report) =>
        sinceFault(report, report.recoveries[0]?.electedAtMs ?? report.recovery?.faults[0]?.electedAtMs),
    }),
    resolution: ELECTION_POLL_MS,
  },
  seenBy('load', {
    name: 't_first',
    label: 'Until the first write after it',
    ms: (report) => sinceFault(report, report.recoveries[0]?.firstSuccessAtMs),
  }),
  {
    ...seenBy('probes', {
      name: 't_steady',
      label: 'Until all was as before',
      ms: (report) => sinceFault(report, report.recovery?.faults[0]?.steadyAtMs),
    }),
    missing: 'never',
  },
  seenBy('probes', {
    name: 'lost-availability',
    label: 'Availability lost to writes',
    ms: ({ recovery }) => {
      const writes = recovery?.faults[0]?.series.find(
        ({ probeClass, serverId }) => probeClass === 'write' && serverId === null,
      );
      const lostS = writes?.lostAvailabilitySeconds ?? null;
      return lostS === null ? null : lostS * 1000;
    },
  }),
];

/** A length of time that the load's clients or the probes have seen. */
function seenBy(
  instrument: keyof typeof LATENESS,
  {
    name,
    label,
    ms,
  }: Pick<Measure, 'name' | 'label'> & { readonly ms: (report: Report) => number | null | undefined },
): Measure {
  const { resolutionMs, lateMs } = LATENESS[instrument];
  return {
    name,
    label,
    unit: 'ms',
    better: 'lower',
    resolution: resolutionMs,
    missing: 'unknown',
    of: (report) => ms(report) ?? null,
    doubt: () => null,
    lateMs,
  };
}

/** Of rates and latencies: they are the generator's where it could not keep up. */
function doubtOfLoad({ generator }: Report): string | null {
  return generator?.limited === true ? generator.reasons.join('; ') : null;
}

function sinceFault({ recoveries: [first] }: Report, atMs: number | null | undefined): number | null {
  const fromMs = first?.killedAtMs ?? null;
  return atMs === null || atMs === undefined || fromMs === null ? null : Math.max(0, atMs - fromMs);
}

function calmTotals({ totals }: Report): Report['totals'][number] | undefined {
  return totals.find(({ op, phase }) => op === ALL && phase === CALM);
}

/** What there is to compare; `isOpenLoop`: throughput is what was asked for, and no measure of anything. */
export function measuresFor(run: { readonly hasFault: boolean; readonly isOpenLoop: boolean }): Measure[] {
  const load = LOAD_MEASURES.filter(({ name }) => !run.isOpenLoop || name !== 'throughput');
  return [...(run.hasFault ? FAULT_MEASURES : []), ...load];
}
