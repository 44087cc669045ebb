import t from 'tap';
import { PROBE_OUTCOME, type ProbeRecord } from './probe-record.ts';
import { ProbeSeries } from './probe-series.ts';

const MS = 1e6;
const CONNECTION_LOSS = -4;
const { ok, deadlinePassed, notConnected } = PROBE_OUTCOME;

/** A series with a deadline of 100 ms, on a clock that stands where it is put. */
function series() {
  const records: ProbeRecord[] = [];
  const clock = { ms: 0, nowNs: () => clock.ms * MS };
  const one = new ProbeSeries({
    probeClass: 'read',
    target: 3,
    clock,
    deadlineNs: 100 * MS,
    record: (record) => records.push(record),
  });
  const outcomes = () => records.map(({ outcome, completedNs }) => [outcome, completedNs / MS]);
  return { one, clock, records, outcomes };
}

await t.test('a probe has its three times, and one end', async (t) => {
  const { one, clock, records } = series();
  clock.ms = 12;
  const probe = one.sent(10 * MS);
  clock.ms = 15;
  one.answered(probe, 0);
  one.answered(probe, CONNECTION_LOSS);
  const times = { intendedNs: 10 * MS, sentNs: 12 * MS, completedNs: 15 * MS };
  t.same(records, [{ probeClass: 'read', target: 3, ...times, outcome: ok }]);
  t.equal(one.isIdle, true);
});

await t.test('the deadline counts from when it was meant, and an answer after it is none', async (t) => {
  const { one, clock, outcomes } = series();
  const [late, later, inTime] = [one.sent(0), one.sent(0), one.sent(20 * MS)];
  clock.ms = 101;
  one.answered(late, 0);
  one.look();
  one.answered(later, 0);
  t.same(outcomes(), [
    [deadlinePassed, 100],
    [deadlinePassed, 100],
  ]);
  t.equal(one.isIdle, false);
  one.answered(inTime, CONNECTION_LOSS);
  clock.ms = 500;
  one.look();
  t.same(outcomes().at(-1), [CONNECTION_LOSS, 101], 'who has failed does not fail again');
  t.equal(outcomes().length, 3);
});

await t.test('what cannot be sent has failed when it was due', async (t) => {
  const { one, clock, records } = series();
  clock.ms = 31;
  one.notConnected(30 * MS);
  t.match(records, [{ intendedNs: 30 * MS, sentNs: NaN, completedNs: 31 * MS, outcome: notConnected }]);
});
