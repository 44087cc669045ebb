import t from 'tap';
import type { SessionId } from '../base/session-id.ts';
import { Turn } from '../base/turn.ts';
import { SessionTracker } from '../session/session-tracker.ts';
import { ENDED_COUNT_MAX, ENDED_KEPT_MS, ReadOnlyPath } from './read-only-path.ts';

const TICK_MS = 1000;
const TIMEOUT_MS = 4000;

class Bench {
  nowMs = 0;
  readonly path: ReadOnlyPath;
  readonly #turn: Turn;

  constructor() {
    const clock = { monotonicMs: () => this.nowMs, wallMs: () => 0 };
    this.#turn = new Turn(clock, () => undefined);
    const sessions = new SessionTracker({ tickMs: TICK_MS, nowMs: 0 });
    this.path = new ReadOnlyPath({ sessions, turn: this.#turn });
  }

  create(id: number): void {
    this.path.createSession(BigInt(id) as SessionId, TIMEOUT_MS);
  }

  end(id: number): void {
    this.path.closeSession(BigInt(id) as SessionId);
  }

  comesBack(id: number): boolean | 'unknown' {
    return this.path.reattach(BigInt(id) as SessionId, TIMEOUT_MS);
  }

  pass(ms: number): readonly SessionId[] {
    this.nowMs += ms;
    this.#turn.end();
    this.#turn.begin();
    const expired = this.path.expire();
    this.#turn.end();
    return expired;
  }
}

await t.test('who comes back to a session that has ended here is told', async (t) => {
  const bench = new Bench();
  bench.create(1);
  bench.create(2);
  bench.end(1);
  t.equal(bench.comesBack(1), false, 'closed');
  t.equal(bench.comesBack(2), true);
  t.same(bench.pass(TIMEOUT_MS + TICK_MS), [2n]);
  t.equal(bench.comesBack(2), false, 'expired');
  t.equal(bench.comesBack(3), 'unknown');
});

await t.test('after a while it is a session like any that was never here: nothing is said', async (t) => {
  const bench = new Bench();
  bench.create(1);
  bench.end(1);
  bench.pass(ENDED_KEPT_MS - TICK_MS);
  bench.create(2);
  bench.end(2);
  t.equal(bench.comesBack(1), false);
  bench.pass(2 * TICK_MS);
  t.equal(bench.comesBack(1), 'unknown');
  t.equal(bench.comesBack(2), false, 'each has its own time');
});

await t.test('of many that have ended the first are forgotten', async (t) => {
  const bench = new Bench();
  for (let id = 1; id <= ENDED_COUNT_MAX + 2; id++) {
    bench.create(id);
    bench.end(id);
  }
  t.same(
    [1, 2, 3, ENDED_COUNT_MAX + 2].map((id) => bench.comesBack(id)),
    ['unknown', 'unknown', false, false],
  );
  t.equal(bench.path.endedCount, ENDED_COUNT_MAX);
});

await t.test('what has ended twice, or was never here, is kept once or not at all', async (t) => {
  const bench = new Bench();
  bench.create(1);
  bench.end(1);
  bench.end(1);
  bench.end(7);
  t.equal(bench.path.endedCount, 1);
  t.equal(bench.comesBack(7), 'unknown');
});
