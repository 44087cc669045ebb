import t from 'tap';
import { REAL_CLOCK } from './clock.ts';

await t.test('an appointment is never early, whatever fraction of a millisecond it is for', async (t) => {
  for (const ms of [0, 0.1, 0.7, 1, 1.3, 2.9, 5.5]) {
    const untilMs = REAL_CLOCK.nowMs() + ms;
    const calledMs = await new Promise<number>((resolve) => {
      REAL_CLOCK.callAt(untilMs, () => resolve(REAL_CLOCK.nowMs()));
    });
    t.ok(calledMs >= untilMs, `${ms} ms`);
  }
});

await t.test(
  'one that is longer than a timer of Node can be is not due at once, and one that is cancelled never',
  async (t) => {
    const called: string[] = [];
    const far = REAL_CLOCK.callAt(REAL_CLOCK.nowMs() + 1e12, () => called.push('far'));
    const cancelled = [0.5, 3].map((ms) =>
      REAL_CLOCK.callAt(REAL_CLOCK.nowMs() + ms, () => called.push('cancelled')),
    );
    for (const appointment of cancelled) appointment.cancel();
    await new Promise<void>((resolve) => void REAL_CLOCK.callAt(REAL_CLOCK.nowMs() + 5, resolve));
    far.cancel();
    t.same(called, []);
  },
);
