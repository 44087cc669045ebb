import t from 'tap';
import {
  create,
  del,
  getData,
  setData,
  tinyHistory,
  type TinyOp,
  unknown,
} from '../checkers/self-test/tiny-history.ts';
import { reportSchema } from '../history/report-schema.ts';
import type { FaultRound } from '../nemesis/fault.ts';
import { completionsIn, recoveriesOf, spreadOf, summarizeRecoveries } from './recoveries.ts';

/** It ends at that moment, in ms, and began a little before it. */
const at = (ms: number, op: TinyOp): TinyOp => ({ ...op, invokeNs: ms * 1e6 - 1000, completeNs: ms * 1e6 });
let version = 0;
const write = (ms: number): TinyOp => at(ms, setData(0, 1, 100 + ms, { valueId: ms, version: ++version }));

const history = tinyHistory([
  at(100, create(0, 1, 50, 1)),
  write(990),
  // On its way when the leader died.
  write(1003),
  at(1100, unknown(del(1, 1, 0))),
  // Reads go on, and are no writes.
  at(1300, getData(2, 1, 1103, { valueId: 1003, version, mzxid: 1103 })),
  write(1703),
  write(1710),
  write(1801),
  // A longer gap, and long after the fault.
  write(4000),
]);

const timeline = reportSchema.shape.timeline
  .unwrap()
  .unwrap()
  .parse({
    intervalMs: 100,
    points: [
      { tMs: 900, ok: {}, availability: 0 },
      { tMs: 1000, ok: {}, availability: 0.5 },
      { tMs: 1100, ok: {}, availability: 0 },
      // Nothing was even begun.
      { tMs: 1200, ok: {} },
      { tMs: 1700, ok: {}, availability: 1 },
    ],
  });

const leaderKilled: FaultRound = {
  fault: 'kill-leader',
  step: { fault: 'kill-leader', params: {} },
  effect: 'killed',
  label: 'leader killed (server 3)',
  serverIds: [3],
  injectedAtMs: 1000,
  electedAtMs: 1650,
  leaderId: 2,
  servedAtMs: 1800,
  evidence: [],
  noEffect: null,
  mendedAtMs: 1800,
  rejoinedAtMs: 2500,
};

await t.test('what a fault cost is read off the history, to the millisecond', async (t) => {
  t.match(recoveriesOf(completionsIn(history), [leaderKilled], timeline), [
    {
      fault: 'leader killed (server 3)',
      kind: 'kill-leader',
      serverId: 3,
      killedAtMs: 1000,
      detectedAtMs: 1100,
      electedAtMs: 1650,
      firstSuccessAtMs: 1703,
      writeGapMs: 700,
      restartedAtMs: 1800,
      rejoinedAtMs: 2500,
      lostAvailabilitySeconds: 0.05 + 0.1 + 0.1,
      resolutionMs: 10,
    },
  ]);
  const [paused] = recoveriesOf(completionsIn(history), [{ ...leaderKilled, effect: 'paused' }], timeline);
  t.match(paused, { resumedAtMs: 1800, rejoinedAtMs: 2500 });
  t.equal(paused?.restartedAtMs, undefined, 'what was paused was not started again');
});

await t.test('a server on its own is back when it serves', async (t) => {
  const alone = { ...leaderKilled, electedAtMs: null, leaderId: null, rejoinedAtMs: null };
  const [recovery] = recoveriesOf(completionsIn(history), [alone], null);
  t.match(recovery, { restartedAtMs: 1800, electedAtMs: null, rejoinedAtMs: null, resolutionMs: null });
  t.match(recovery, { lostAvailabilitySeconds: null });
});

await t.test('a round that the end of the run cut short says what it can', async (t) => {
  const cut = { ...leaderKilled, electedAtMs: null, servedAtMs: null, mendedAtMs: null, rejoinedAtMs: null };
  const [recovery] = recoveriesOf(completionsIn(history), [cut], timeline);
  t.match(recovery, { writeGapMs: 2199, electedAtMs: null, lostAvailabilitySeconds: null });
});

await t.test('a spread is the median, the 90th percentile and the largest of what there is', async (t) => {
  t.equal(spreadOf([null, undefined]), null);
  t.same(spreadOf([7]), { rounds: 1, median: 7, p90: 7, max: 7 });
  t.same(spreadOf([4, 1, null, 3, 2]), { rounds: 4, median: 2.5, p90: 4, max: 4 });
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  t.same(spreadOf(hundred), { rounds: 100, median: 50.5, p90: 90, max: 100 });
});

function roundOf(kind: string, gapMs: number, electedAtMs: number | null) {
  return {
    fault: 'x',
    kind,
    killedAtMs: 1000,
    electedAtMs,
    rejoinedAtMs: 1000 + 3 * gapMs,
    writeGapMs: gapMs,
    lostAvailabilitySeconds: gapMs / 1000,
  };
}

await t.test('rounds of one kind are summed up together, and a single one is not', async (t) => {
  const summaries = summarizeRecoveries([
    roundOf('kill-leader', 600, 1500),
    roundOf('kill-all', 9000, 9000),
    roundOf('kill-leader', 700, null),
    roundOf('kill-leader', 800, 1700),
  ]);
  t.same(summaries, [
    {
      kind: 'kill-leader',
      rounds: 3,
      writeGapMs: { rounds: 3, median: 700, p90: 800, max: 800 },
      electionMs: { rounds: 2, median: 600, p90: 700, max: 700 },
      rejoinMs: { rounds: 3, median: 2100, p90: 2400, max: 2400 },
      lostAvailabilitySeconds: { rounds: 3, median: 0.7, p90: 0.8, max: 0.8 },
    },
  ]);
});
