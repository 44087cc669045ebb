import t from 'tap';
import type { Timers } from '../base/ports.ts';
import { VirtualTime } from './testing/virtual-time.ts';
import { Watchdog } from './watchdog.ts';

function watched(limitMs: number) {
  const time = new VirtualTime();
  const silentAt: number[] = [];
  const watchdog = new Watchdog({
    clock: time,
    timers: time,
    limitMs,
    onSilent: () => silentAt.push(time.nowMs),
  });
  return { time, silentAt, watchdog };
}

await t.test('silence is told once, not before its time and little after it', async (t) => {
  const { time, silentAt } = watched(1000);
  time.runUntil(1000);
  t.same(silentAt, [], 'the first alarm only asks to look again');
  time.runUntil(10_000);
  t.same(silentAt, [1025]);
});

await t.test('who speaks now and then is never silent', async (t) => {
  const { time, silentAt, watchdog } = watched(1000);
  for (let at = 900; at < 20_000; at += 900) {
    time.runUntil(at);
    watchdog.heard();
  }
  t.same(silentAt, []);
  time.runUntil(40_000);
  t.equal(silentAt.length, 1);
});

await t.test(
  'a process that was stopped is not deceived: its timers are due before its sockets are read',
  async (t) => {
    let nowMs = 0;
    let due: (() => void) | null = null;
    let dueAtMs = 0;
    const timers: Timers = {
      after: (delayMs, callback) => {
        due = callback;
        dueAtMs = nowMs + delayMs;
        return () => undefined;
      },
    };
    const run = (): void => {
      const callback = due;
      due = null;
      callback?.();
    };
    let silences = 0;
    const clock = { monotonicMs: () => nowMs, wallMs: () => nowMs };
    const watchdog = new Watchdog({ clock, timers, limitMs: 1000, onSilent: () => silences++ });
    // The clock went on while nothing ran; the timer is the first thing that runs, and then comes what lay unread.
    nowMs = 60_000;
    run();
    t.equal(silences, 0);
    watchdog.heard();
    nowMs = dueAtMs;
    run();
    t.equal(silences, 0);
    t.equal(dueAtMs, 61_000, 'and it goes on watching');
    nowMs = dueAtMs;
    run();
    nowMs = dueAtMs;
    run();
    t.equal(silences, 1);
  },
);

await t.test('another patience counts from now on', async (t) => {
  const { time, silentAt, watchdog } = watched(1000);
  time.runUntil(900);
  watchdog.setLimit(100);
  time.runUntil(1124);
  t.same(silentAt, [1025]);
});

await t.test('a longer patience is not cut short by the timer that was set', async (t) => {
  const { time, silentAt, watchdog } = watched(100);
  time.runUntil(50);
  watchdog.setLimit(1000);
  time.runUntil(1049);
  t.same(silentAt, []);
  time.runUntil(1100);
  t.same(silentAt, [1075]);
});

await t.test('stopped it says nothing, in its last grace neither, and does not begin again', async (t) => {
  for (const at of [10, 1010]) {
    const { time, silentAt, watchdog } = watched(1000);
    time.runUntil(at);
    watchdog.stop();
    watchdog.setLimit(10);
    watchdog.heard();
    time.runUntil(5000);
    t.same(silentAt, []);
  }
});
