import t from 'tap';
import type { SessionId } from '../base/session-id.ts';
import { SessionTracker } from './session-tracker.ts';

const A = 1n as SessionId;
const B = 2n as SessionId;

function tracker(): SessionTracker {
  return new SessionTracker({ tickMs: 10, nowMs: 0 });
}

await t.test('a session lives as long as it is touched, and expires once', async (t) => {
  const sessions = tracker();
  sessions.add(A, 100, 0);
  sessions.add(B, 100, 0);
  for (let now = 50; now <= 500; now += 50) {
    t.equal(sessions.touch(A, now), true);
    t.same(sessions.expire(now), now === 150 ? [B] : []);
  }
  t.equal(sessions.isAlive(B), false);
  t.equal(sessions.has(B), true, 'until its closeSession is applied');
  t.equal(sessions.touch(B, 500), false);
  t.equal(sessions.reattach(B, 100, 500), false);
  sessions.remove(B);
  t.equal(sessions.has(B), false);
  t.same(sessions.expire(10_000), [A]);
  t.same(sessions.expire(20_000), []);
});

await t.test('a session that is being closed can’t be touched or come back to', async (t) => {
  const sessions = tracker();
  sessions.add(A, 100, 0);
  sessions.markClosing(A);
  t.equal(sessions.touch(A, 1), false);
  t.equal(sessions.reattach(A, 100, 1), false);
  t.equal(sessions.isAlive(A), false);
});

await t.test('who is asked about again and again is known by what has become of it', async (t) => {
  const sessions = tracker();
  t.equal(sessions.isAlive(A), false);
  sessions.add(A, 100, 0);
  sessions.add(B, 100, 0);
  t.same(
    [A, A, B, A].map((id) => sessions.isAlive(id)),
    [true, true, true, true],
  );
  sessions.remove(A);
  t.same([sessions.isAlive(A), sessions.isAlive(B)], [false, true]);
  sessions.markClosing(B);
  t.equal(sessions.isAlive(B), false);
  sessions.add(A, 100, 0);
  t.equal(sessions.isAlive(A), true);
});

await t.test('a client that comes back may ask for another timeout', async (t) => {
  const sessions = tracker();
  sessions.add(A, 100, 0);
  t.equal(sessions.reattach(A, 300, 50), true);
  t.equal(sessions.timeoutOf(A), 300);
  t.same([...sessions.timeouts()], [[A, 300]]);
  t.same([...sessions.ids()], [A]);
  t.same(sessions.expire(350), []);
  t.same(sessions.expire(360), [A]);
  t.equal(sessions.timeoutOf(B), 0);
  t.equal(sessions.touch(B, 0), false);
});

await t.test('who takes over gives everybody the full timeout again (trap 20)', async (t) => {
  const sessions = tracker();
  sessions.add(A, 100, 0);
  sessions.restartClocks(95);
  t.same(sessions.expire(190), []);
  t.same(sessions.expire(200), [A]);
  sessions.add(A, 200, 0);
  t.equal(sessions.count, 1);
});
