import t from 'tap';
import type { GeneratorSummary, PhaseReport } from './generator-messages.ts';
import { judgeGenerator } from './judge-generator.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import { parseWorkload } from './workload.ts';
import type { Workload } from './workload.ts';

function workload(loop: { depth: number } | { rate: number }): Workload {
  const base = { name: 'w', mix: { read: 1 }, keys: { count: 1 }, valueSize: 8, connections: 1 };
  return parseWorkload({ ...base, ...loop, durationS: 1, warmupS: 0 }, 'w');
}

function summary(lagsMs: readonly number[]): GeneratorSummary {
  const lag = new LatencyHistogram(2);
  for (const ms of lagsMs) lag.record(ms * 1e6);
  const encoded = lag.encode();
  lag.destroy();
  return { lag: encoded, availability: { intended: [], succeeded: [] }, historyOps: 0, historyStalls: 0 };
}

function phase(cpuShare: number, eventLoopDelayMaxMs = 1): PhaseReport {
  const times = { startNs: 0, endNs: 1 };
  const delay = { eventLoopDelayP99Ms: 1, eventLoopDelayMaxMs };
  return { phase: 'measure', ...times, ...delay, cpuShare, histograms: [], totals: [], abandoned: 0 };
}

await t.test('an open loop is judged by its lag, over all generators', async (t) => {
  const open = { workload: workload({ rate: 100 }), phases: [phase(1)], lagBudgetMs: 1 };
  const punctual = judgeGenerator({ ...open, summaries: [summary(Array.from({ length: 100 }, () => 0.1))] });
  t.same([punctual.limited, punctual.reasons], [false, []]);
  const [late, early] = [Array.from({ length: 10 }, () => 7), Array.from({ length: 90 }, () => 0.1)];
  const judged = judgeGenerator({ ...open, summaries: [summary(early), summary(late)] });
  t.equal(judged.limited, true);
  t.match(judged.reasons[0], /^p99 of the schedule lag is 7\.\d+ ms, above the budget of 1 ms/);
  t.ok(Math.abs((judged.scheduleLagMaxMs ?? 0) - 7) < 0.07);
});

await t.test('a closed loop is judged by whether it had a core to spare', async (t) => {
  const closed = { workload: workload({ depth: 1 }), summaries: [summary([])], lagBudgetMs: 1 };
  const spare = judgeGenerator({ ...closed, phases: [phase(0.9), phase(0.5, 30)] });
  t.match(spare, { limited: false, cpuShare: 0.9, eventLoopDelayMaxMs: 30, scheduleLagP99Ms: null });
  const full = judgeGenerator({ ...closed, phases: [phase(0.5), phase(0.99)] });
  t.equal(full.limited, true);
  t.match(full.reasons[0], /used 99 % of a core: .* divide the connections among more generators/);
});
