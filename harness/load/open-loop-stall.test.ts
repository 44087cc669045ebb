import t, { type Test } from 'tap';
import { pause } from '../ensemble/wait-until.ts';
import { readHistory } from '../history/history-reader.ts';
import type { History } from '../history/history.ts';
import { NONE, Phase } from '../history/op.ts';
import { createRunDirectory, historyFiles } from '../history/run-directory.ts';
import { ScriptedServer } from '../probes/testing/scripted-server.ts';
import { monotonicClock } from './load-clock.ts';
import { runLoad } from './run-load.ts';
import { parseWorkload } from './workload.ts';

const RATE = 1000;
const SHARE_OFF_MAX = 0.02;
/**
 * A client that has sent so many times more has read what it was answered before: one request may have been on its way,
 * and one is sent where the clock and the answer come in one turn.
 */
const SENDS_AFTER_ANSWER = 3;
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
    connections: 1,
    rate: RATE,
    arrivals: 'constant',
    durationS: 4,
    warmupS: 0,
  },
  'stall',
);

/** An operation's waiting in ms: until the server's answer, and until the server knew that it had come. */
interface Wait {
  readonly intendedMs: number;
  readonly answeredMs: number;
  readonly takenMs: number;
}

/** A load on a server that stalls in the midst of it. */
async function loadThroughStall(t: Test) {
  const startNs = process.hrtime.bigint();
  const server = new ScriptedServer(monotonicClock(startNs));
  await server.start();
  t.teardown(() => server.stop());
  const run = createRunDirectory({ parent: t.testdir(), workload: 'stall', now: new Date() });
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
    },
  });
  const [stalledMs, servedMs] = server.stamps.map(({ atMs }) => atMs);
  if (stalledMs === undefined || servedMs === undefined) throw new Error('there was a stall');
  return { result, waits: waitsOf(readHistory(historyFiles(run)), server), stallMs: servedMs - stalledMs };
}

/** By the clock of the server, which tells the load's one connection by its xids, and by the schedule. */
function waitsOf(history: History, { answers, heardMs }: ScriptedServer): Wait[] {
  const answeredMs = new Map(answers.map(({ xid, atMs }) => [xid, atMs]));
  const waits: Wait[] = [];
  for (let row = 0; row < history.size; row++) {
    if (history.phase[row] !== Phase.measure) continue;
    const intendedMs = (history.intendedNs[row] ?? NaN) / 1e6;
    const atMs = answeredMs.get(history.xid[row] ?? NONE) ?? NaN;
    const heard = heardMs.findIndex((ms) => ms > atMs);
    // The last that is heard of a client is that it leaves, with all that it waited for.
    const takenMs = heardMs[heard + SENDS_AFTER_ANSWER - 1] ?? heardMs.at(-1) ?? NaN;
    waits.push({ intendedMs, answeredMs: atMs - intendedMs, takenMs: takenMs - intendedMs });
  }
  return waits.sort((a, b) => a.intendedMs - b.intendedMs);
}

function percentileOf(values: readonly number[], percentile: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((percentile / 100) * sorted.length) - 1] ?? NaN;
}

await t.test(
  'a server that stalls for 1 s at 1,000 ops/s has the percentiles of who waited for it, to 2 %',
  async (t) => {
    const { result, waits, stallMs } = await loadThroughStall(t);
    const first = waits[0]?.intendedMs ?? NaN;
    const offTheGrid = waits.filter(
      ({ intendedMs }, at) => Math.abs(intendedMs - first - (at * 1000) / RATE) > 0.01,
    );
    t.same(offTheGrid, [], 'every one was meant for its place in the schedule, in the stall as well');
    const all = result.totals.find(({ phase, op }) => phase === 'measure' && op === 'all');
    t.match(all, { count: waits.length, ok: waits.length });

    const answeredMs = waits.map((wait) => wait.answeredMs);
    const takenMs = waits.map((wait) => wait.takenMs);
    for (const [figure, percentile] of FIGURES) {
      const expected = percentileOf(answeredMs, percentile);
      // Who had no CPU when the answer came is late, by as much as the server then heard nothing.
      const latest = Math.max(expected * (1 + SHARE_OFF_MAX), percentileOf(takenMs, percentile));
      const measured = Number(all?.responseTime?.[figure]) / 1000;
      const off = ((100 * (measured - expected)) / expected).toFixed(2);
      t.ok(
        measured >= expected * (1 - SHARE_OFF_MAX) && measured <= latest,
        `${figure}: ${measured.toFixed(1)} ms for ${expected.toFixed(1)} ms, ${off} % off; ` +
          `${latest.toFixed(1)} at most`,
      );
    }
    const p99Ms = Number(all?.responseTime?.p99Us) / 1000;
    t.ok(p99Ms > 0.5 * stallMs, 'who had waited for answers would have sent one');
  },
);
