import t from 'tap';
import type { ServerRole } from '../ensemble/ensemble.ts';
import { availabilityBins } from './availability.ts';
import { PROBE_OUTCOME } from './probe-record.ts';
import type { RoleObservation } from './probe-record.ts';
import { type FaultWindow, recoveryOf } from './recovery.ts';
import { seriesOf } from './series.ts';
import { type Fate, probesOnPaper } from './testing/probe-log.ts';

const { notConnected, deadlinePassed } = PROBE_OUTCOME;
const CONNECTION_LOSS = -4;

const FAULT: FaultWindow = {
  activeMs: 3000,
  healedMs: 4000,
  untilMs: 8000,
  baseline: { fromMs: 0, toMs: 3000 },
};

/** Everything takes 2 ms, but from 3000 on nobody is served: the ensemble not until 3400, server 1 until 4250. */
const leaderGone: Fate = (atMs, { serverId }) => {
  const untilMs = serverId === null ? 3400 : serverId === 1 ? 4250 : 3000;
  return atMs >= 3000 && atMs < untilMs ? { tookMs: 1, outcome: notConnected } : { tookMs: 2 };
};

function recovery(fate: Fate, fault = FAULT, roles: readonly RoleObservation[] = []) {
  const times = recoveryOf(probesOnPaper({ serverIds: [1, 2, 3], endMs: 8000, fate, roles }), fault);
  const [read] = times.series.filter(
    ({ serverId, probeClass }) => serverId === null && probeClass === 'read',
  );
  if (read === undefined) throw new Error('there were reads');
  return { times, read };
}

function failingEvery(few: number): Fate {
  return (atMs) =>
    atMs >= 3000 && (atMs / 20) % few === 0 ? { tookMs: 1, outcome: CONNECTION_LOSS } : { tookMs: 2 };
}

function slowUntil3700(tookMs: number): Fate {
  return (atMs) => (atMs >= 3000 && atMs < 3700 ? { tookMs } : { tookMs: 2 });
}

function lateAt(lateAtMs: number): Fate {
  return (atMs) => ({ tookMs: 2, lateMs: atMs === lateAtMs ? 60 : 0 });
}

function role(serverId: number, atMs: number, role: ServerRole | null): RoleObservation {
  return { serverId, askedNs: (atMs - 1) * 1e6, answeredNs: atMs * 1e6, role };
}

await t.test('each time of an outage is that of the probe that showed it', async (t) => {
  const { times, read } = recovery(leaderGone);
  t.match(times, {
    detectedAtMs: 3001,
    detectedBy: 'probe',
    steadyAtMs: 3400,
    // Server 1 is probed every 100 ms: 4300 is the first time after 4250.
    rejoinedAtMs: 4302,
    resolutionMs: 25,
    lagMaxMs: 0,
    isLimited: false,
  });
  t.match(read, {
    firstFailureAtMs: 3001,
    firstSuccessAtMs: 3402,
    steadyAtMs: 3400,
    longestGapMs: 420,
  });
  t.ok(Math.abs(Number(read.lostAvailabilitySeconds) - 0.4) < 1e-9);
});

await t.test(
  'without a fault nothing is found: steady from the start, no gap but the interval',
  async (t) => {
    const { times, read } = recovery(() => ({ tookMs: 2 }));
    t.match(times, { detectedAtMs: null, detectedBy: null, steadyAtMs: 3000, rejoinedAtMs: null });
    t.match(read, { firstFailureAtMs: null, firstSuccessAtMs: null, lostAvailabilitySeconds: 0 });
    t.equal(read.longestGapMs, 20);
  },
);

await t.test('what was on its way when the fault struck is the first to fail', async (t) => {
  const { read } = recovery((atMs) =>
    atMs === 2980 ? { tookMs: 25, outcome: CONNECTION_LOSS } : { tookMs: 2 },
  );
  t.equal(read.firstFailureAtMs, 3005);
  const { times } = recovery((atMs) =>
    atMs === 2960 ? { tookMs: 25, outcome: CONNECTION_LOSS } : { tookMs: 2 },
  );
  t.equal(times.detectedAtMs, null, 'and what had failed before is not its doing');
});

await t.test('it is steady when one in twenty fails, and not when two do', async (t) => {
  // The window of 1 s holds 50: two failures are 4 %, four are 8 %.
  t.equal(recovery(failingEvery(25)).read.steadyAtMs, 3020);
  t.equal(recovery(failingEvery(12)).read.steadyAtMs, null);
});

await t.test('it is steady when the p99 is twice that of before, and not when it is more', async (t) => {
  t.equal(recovery(slowUntil3700(4)).read.steadyAtMs, 3000);
  t.equal(recovery(slowUntil3700(5)).read.steadyAtMs, 3700);
  // Of fifty even one may not be slow, wherever it is.
  t.equal(recovery((atMs) => ({ tookMs: atMs === 3500 ? 5 : 2 })).read.steadyAtMs, 3520);
});

await t.test('two short outages are over after the second', async (t) => {
  const { times, read } = recovery((atMs) =>
    (atMs >= 3000 && atMs < 3200) || (atMs >= 3500 && atMs < 3600)
      ? { tookMs: 1, outcome: notConnected }
      : { tookMs: 2 },
  );
  t.equal(read.firstSuccessAtMs, 3202, 'the first success is the first');
  t.equal(times.steadyAtMs, 3600);
  t.equal(read.longestGapMs, 220);
  t.ok(Math.abs(Number(read.lostAvailabilitySeconds) - 0.3) < 1e-9);
});

await t.test('what never comes back has no time, and its gap goes on to the end', async (t) => {
  const { times, read } = recovery((atMs) =>
    atMs >= 3000 ? { tookMs: 1000, outcome: deadlinePassed } : { tookMs: 2 },
  );
  t.match(times, { detectedAtMs: 4000, steadyAtMs: null, rejoinedAtMs: null });
  t.match(read, { firstSuccessAtMs: null, steadyAtMs: null });
  t.equal(read.longestGapMs, 7980 - 2982);
  t.ok(Math.abs(Number(read.lostAvailabilitySeconds) - 5) < 1e-9);
});

await t.test('with the next fault before it was as before, that is not known', async (t) => {
  const { times } = recovery(leaderGone, { ...FAULT, untilMs: 3300 });
  t.match(times, { detectedAtMs: 3001, steadyAtMs: null });
  const { times: short } = recovery(leaderGone, { ...FAULT, baseline: { fromMs: -10, toMs: 0 } });
  t.equal(short.steadyAtMs, null, 'and nor is it without anything to compare with');
});

await t.test('a prober that was late in the window is said to be', async (t) => {
  t.match(recovery(lateAt(3000)).times, { lagMaxMs: 60, isLimited: true });
  t.match(
    recovery(lateAt(6000)).times,
    { lagMaxMs: 0, isLimited: false },
    'after all was as before it is no matter',
  );
});

await t.test('a leader is one that did not lead before, or did not in between', async (t) => {
  const before = [role(1, 2900, 'leader'), role(2, 2900, 'follower')];
  const elected = (...after: readonly RoleObservation[]) => {
    const { times } = recovery(() => ({ tookMs: 2 }), FAULT, [...before, ...after]);
    const { electedAtMs, leaderId, electedWithinMs, detectedAtMs } = times;
    return { electedAtMs, leaderId, electedWithinMs, detectedAtMs };
  };
  t.match(elected(role(1, 3010, null), role(2, 3200, null), role(2, 3220, 'leader')), {
    detectedAtMs: 3010,
    electedAtMs: 3220,
    leaderId: 2,
    electedWithinMs: 21,
  });
  t.match(
    elected(role(1, 3300, 'leader')),
    { electedAtMs: null, leaderId: null, detectedAtMs: null },
    'one that was paused says what it was',
  );
  t.match(elected(role(1, 3010, null), role(1, 3300, 'leader')), { electedAtMs: 3300, leaderId: 1 });
});

await t.test('availability counts what was intended, and a bin without that has none', async (t) => {
  const [read] = seriesOf(
    probesOnPaper({
      serverIds: [],
      endMs: 300,
      fate: (atMs) => (atMs < 100 ? { tookMs: 2 } : { tookMs: 1, outcome: notConnected }),
    }),
  );
  if (read === undefined) throw new Error('there were reads');
  t.same(availabilityBins(read, { fromMs: 0, toMs: 500, binMs: 80 }), [1, 0.25, 0, 0, null, null, null]);
});
