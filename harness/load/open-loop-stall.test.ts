import t, { type Test } from 'tap';
import { pause } from '../ensemble/wait-until.ts';
import { readHistory } from '../history/history-reader.ts';
import { Phase } from '../history/op.ts';
import { createRunDirectory, historyFiles } from '../history/run-directory.ts';
import { ScriptedServer } from '../probes/testing/scripted-server.ts';
import { monotonicClock } from './load-clock.ts';
import { runLoad } from './run-load.ts';
import { parseWorkload } from './workload.ts';

const RATE = 1000;
const SHARE_OFF_MAX = 0.02;
const FIGURES = [
  ['p90Us', 90],
  ['p95Us', 95],
  ['p975Us', 97.5],
  ['p99Us', 99],
  ['p999Us', 99.9],
  ['maxUs', 100],
] as const;
const WORKLOAD = parseWorkload(
  {
    name: 'stall',
    mix: { read: 1, write: 1 },
    keys: { count: 10 },
    valueSize: 100,
    connections: 4,
    rate: RATE,
    arrivals: 'constant',
    durationS: 4,
    warmupS: 0,
  },
  'stall',
);

/** A load on a server that stalls in the midst of it; the times are in ms on the run's clock. */
async function loadThroughStall(t: Test) {
  const startNs = process.hrtime.bigint();
  const clock = monotonicClock(startNs);
  const server = new ScriptedServer(clock);
  await server.start();
  t.teardown(() => server.stop());
  const run = createRunDirectory({ parent: t.testdir(), workload: 'stall', now: new Date() });
  let answeredMs = 0;
  const result = await runLoad({
    workload: WORKLOAD,
    connectString: server.address,
    seed: 1,
    run,
    startNs,
    during: async () => {
      await pause(1500);
      await server.behave({ type: 'stalls' });
      await pause(1000);
      await server.behave({ type: 'serves' });
      answeredMs = clock.nowNs() / 1e6;
    },
  });
  const [stalledMs, servedMs] = server.stamps.map(({ atMs }) => atMs);
  if (stalledMs === undefined || servedMs === undefined) throw new Error('there was a stall');
  const history = readHistory(historyFiles(run));
  const intendedMs = [...history.intendedNs]
    .filter((_, row) => history.phase[row] === Phase.measure)
    .map((ns) => ns / 1e6)
    .sort((a, b) => a - b);
  /** `answeredMs`: when the last of what had waited was answered. */
  return { result, intendedMs, stalledMs, servedMs, answeredMs };
}

await t.test(
  'a server that stalls for 1 s at 1,000 ops/s has the percentiles of the closed form',
  async (t) => {
    const { result, intendedMs, stalledMs, servedMs, answeredMs } = await loadThroughStall(t);
    const first = intendedMs[0] ?? NaN;
    const offTheGrid = intendedMs.filter((ms, i) => Math.abs(ms - first - (i * 1000) / RATE) > 0.01);
    t.same(offTheGrid, [], 'every one was meant for its place in the schedule, in the stall as well');

    // What came while the server stalled waited until it went on; whatever came at another time did not wait.
    const waitsMs = intendedMs
      .map((ms) => (ms >= stalledMs && ms < servedMs ? servedMs - ms : 0))
      .sort((a, b) => a - b);
    const all = result.totals.find(({ phase, op }) => phase === 'measure' && op === 'all');
    t.match(all, { count: waitsMs.length, ok: waitsMs.length });
    // On either side somebody may have had no CPU for a while: by so much it is no matter of the schedule.
    const lateMs = answeredMs - servedMs + (result.generator.scheduleLagMaxMs ?? 0);
    for (const [figure, percentile] of FIGURES) {
      const expected = waitsMs[Math.ceil((percentile / 100) * waitsMs.length) - 1] ?? NaN;
      const measured = Number(all?.responseTime?.[figure]) / 1000;
      const off = Math.abs(measured - expected);
      t.ok(
        off <= SHARE_OFF_MAX * expected + lateMs,
        `${figure}: ${measured.toFixed(1)} ms for ${expected.toFixed(1)} ms, ` +
          `${((100 * off) / expected).toFixed(2)} % off; ${lateMs.toFixed(1)} ms late`,
      );
    }
    const p99Ms = Number(all?.responseTime?.p99Us) / 1000;
    t.ok(p99Ms > 0.5 * (servedMs - stalledMs), 'who had waited for answers would have sent four');
  },
);
