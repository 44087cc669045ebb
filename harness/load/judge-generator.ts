import type { GeneratorCheck } from '../history/report-schema.ts';
import type { GeneratorSummary, PhaseReport } from './generator-messages.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import type { Workload } from './workload.ts';

/** From here on a closed loop's figure may be the generator's and not the server's. */
const CPU_SHARE_MAX = 0.97;

/**
 * The instrument's judgement of itself. A run that the generator could not sustain is flagged with the reasons,
 * because its figures would say something about the generator and be taken for the server's.
 */
export function judgeGenerator(of: {
  readonly workload: Workload;
  readonly summaries: readonly GeneratorSummary[];
  /** Of the phases that count. */
  readonly phases: readonly PhaseReport[];
  readonly lagBudgetMs: number;
}): GeneratorCheck {
  const lag = mergedLag(of.summaries);
  const isOpen = of.workload.rate !== undefined;
  const lagP99Ms = isOpen ? lag.percentile(99) / 1e6 : null;
  const lagMaxMs = isOpen ? lag.maxNs / 1e6 : null;
  lag.destroy();
  const cpuShare = Math.max(0, ...of.phases.map((phase) => phase.cpuShare));

  const reasons: string[] = [];
  if (lagP99Ms !== null && lagP99Ms > of.lagBudgetMs) {
    reasons.push(
      `p99 of the schedule lag is ${lagP99Ms.toFixed(2)} ms, above the budget of ${of.lagBudgetMs} ms: ` +
        'operations were started later than intended; lower the rate, or give the generator a core of its own',
    );
  }
  if (!isOpen && cpuShare > CPU_SHARE_MAX) {
    reasons.push(
      `a generator used ${Math.round(cpuShare * 100)} % of a core: the servers may be faster than it; ` +
        'divide the connections among more generators',
    );
  }
  return {
    generators: of.summaries.length,
    scheduleLagP99Ms: lagP99Ms,
    scheduleLagMaxMs: lagMaxMs,
    eventLoopDelayP99Ms: Math.max(0, ...of.phases.map((phase) => phase.eventLoopDelayP99Ms)),
    eventLoopDelayMaxMs: Math.max(0, ...of.phases.map((phase) => phase.eventLoopDelayMaxMs)),
    cpuShare,
    limited: reasons.length > 0,
    reasons,
  };
}

function mergedLag(summaries: readonly GeneratorSummary[]): LatencyHistogram {
  const all = new LatencyHistogram(2);
  for (const { lag } of summaries) {
    const one = LatencyHistogram.decode(lag);
    all.add(one);
    one.destroy();
  }
  return all;
}
