import t from 'tap';
import { ActiveSettings } from './active-settings.ts';
import { FaultyClock } from './faulty-clock.ts';
import type { Setting } from './settings.ts';

/** A clock in a world whose time goes on when told. */
function world() {
  let nowMs = 1000;
  let lastId = 0;
  const trueClock = { wallMs: () => 5_000_000 + nowMs, monotonicMs: () => nowMs };
  const settings = new ActiveSettings(trueClock.monotonicMs, () => {});
  const clock = new FaultyClock(trueClock, settings);
  return {
    clock,
    pass: (ms: number) => (nowMs += ms),
    impose: (...all: Setting[]) => {
      settings.replace(all.map((setting) => ({ id: ++lastId, setting })));
      clock.settingsChanged();
    },
    wrongByMs: () => clock.wallMs() - trueClock.wallMs(),
  };
}

await t.test('by itself it is right', async (t) => {
  const { clock, pass, wrongByMs } = world();
  pass(123);
  t.equal(clock.monotonicMs(), 1123);
  t.equal(wrongByMs(), 0);
});

await t.test('a jump moves the wall clock alone, and going back is going back', async (t) => {
  const { clock, impose, wrongByMs } = world();
  impose({ type: 'clock-offset', byMs: -3_600_000, flipEveryMs: null });
  t.equal(wrongByMs(), -3_600_000);
  t.equal(clock.monotonicMs(), 1000);
  impose();
  t.equal(wrongByMs(), 0);
});

await t.test('offsets of several faults add up, and a strobe is on every other time', async (t) => {
  const { impose, pass, wrongByMs } = world();
  impose(
    { type: 'clock-offset', byMs: 500, flipEveryMs: null },
    { type: 'clock-offset', byMs: 10_000, flipEveryMs: 100 },
  );
  t.equal(wrongByMs(), 10_500);
  pass(100);
  t.equal(wrongByMs(), 500);
  pass(150);
  t.equal(wrongByMs(), 10_500);
});

await t.test('a fast clock gains, and its monotonic time never goes back', async (t) => {
  const { clock, impose, pass, wrongByMs } = world();
  impose({ type: 'clock-rate', rate: 1.5 });
  pass(1000);
  t.equal(clock.monotonicMs(), 2500);
  t.equal(wrongByMs(), 500);
  impose({ type: 'clock-rate', rate: 0.5 });
  t.equal(clock.monotonicMs(), 2500);
  t.equal(wrongByMs(), 500, 'what it has gained stays');
  pass(1000);
  t.equal(clock.monotonicMs(), 3000);
  t.equal(wrongByMs(), 0);
  impose();
  pass(10);
  t.equal(clock.monotonicMs(), 3010);
  t.equal(wrongByMs(), 0, 'it is set right when it goes right');
});
