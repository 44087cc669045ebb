import t from 'tap';
import { VirtualTime } from '../zab/testing/virtual-time.ts';
import { repeat, repeatAtMultiples } from './repeat.ts';

await t.test('a repeated call comes at every interval until it is cancelled', async (t) => {
  const time = new VirtualTime();
  time.nowMs = 150;
  const at: number[] = [];
  const cancel = repeat(time, 100, () => at.push(time.nowMs));
  time.runUntil(400);
  cancel();
  time.runUntil(1000);
  t.same(at, [250, 350]);
});

await t.test('a call at multiples comes when a bucket is over, however it began', async (t) => {
  const time = new VirtualTime();
  time.nowMs = 1550.5;
  const at: number[] = [];
  const cancel = repeatAtMultiples({ timers: time, clock: time }, 1000, () => at.push(time.nowMs));
  time.runUntil(4600);
  cancel();
  time.runUntil(9000);
  t.same(at.map(Math.floor), [2000, 3000, 4000]);
  t.ok(at.every((ms) => ms % 1000 < 1));
});

await t.test('a timer that is early comes again when the bucket is over', async (t) => {
  const time = new VirtualTime();
  const early = {
    after: (delayMs: number, run: () => void) => time.after(delayMs > 5 ? delayMs - 3 : delayMs, run),
  };
  const at: number[] = [];
  repeatAtMultiples({ timers: early, clock: time }, 1000, () => at.push(time.nowMs));
  time.runUntil(2500);
  t.same(at, [997, 1000, 1997, 2000]);
});
