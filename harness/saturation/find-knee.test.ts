import * as fc from 'fast-check';
import t from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { type Bracket, findKnee, type KneeStep, type StepOutcome, throughputFloor } from './find-knee.ts';

const MAX = 5_000_000;
const OFF_MAX = 0.05;

/** Answers all that a search asks for, and returns what it comes to. */
function drive(
  from: number,
  answer: (step: KneeStep) => StepOutcome,
): { readonly found: Bracket; readonly steps: readonly KneeStep[] } {
  const steps: KneeStep[] = [];
  const search = findKnee({ from, max: MAX });
  let next = search.next();
  while (next.done !== true) {
    steps.push(next.value);
    next = search.next(answer(next.value));
  }
  return { found: next.value, steps };
}

function exact(knee: number) {
  return ({ rate }: KneeStep): StepOutcome => (rate <= knee ? 'sustained' : 'missed');
}

/** Near the knee it is a matter of luck, and anywhere else a neighbour makes one run in ten miss. */
function noisy(knee: number, prng: Prng) {
  return ({ rate, purpose }: KneeStep): StepOutcome => {
    const width = purpose === 'verify' ? 0.005 : 0.015;
    const share = 1 / (1 + Math.exp((rate / knee - 1) / width));
    return prng.next() < share && prng.next() > 0.1 ? 'sustained' : 'missed';
  };
}

await t.test(
  'a knee that is always the same is bracketed within 5 %, and both ends in long runs',
  async () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 4_000_000 }), fc.integer({ min: 1, max: MAX }), (knee, from) => {
        const { found, steps } = drive(from, exact(knee));
        const { sustained, failing } = found;
        if (sustained === null || failing === null) return false;
        const isVerified = [sustained, failing].every((end) =>
          steps.some(({ rate, purpose }) => rate === end && purpose === 'verify'),
        );
        const isClose = failing <= sustained * (1 + OFF_MAX);
        return sustained <= knee && knee < failing && isClose && isVerified;
      }),
      { numRuns: 1_000 },
    );
  },
);

await t.test('a noisy one is found within 5 % in nearly every search', async (t) => {
  const off: number[] = [];
  for (let seed = 0; seed < 1_000; seed++) {
    const prng = new Prng(seed).fork('knee');
    const knee = 100 * 10 ** (4 * prng.next());
    const { found } = drive(1_000, noisy(knee, prng));
    off.push(Math.abs((found.sustained ?? 0) / knee - 1));
  }
  const far = off.filter((share) => share > OFF_MAX).length;
  t.ok(far <= 20, `${far} of 1,000 are more than 5 % off, the worst ${Math.max(...off)}`);
});

await t.test('a longer run that misses lowers the rate, until one is sustained', async (t) => {
  const { found, steps } = drive(1_000, (step) => exact(step.purpose === 'verify' ? 7_000 : 10_000)(step));
  t.ok(Number(found.sustained) <= 7_000 && Number(found.sustained) >= 7_000 * (1 - OFF_MAX));
  const verified = steps.filter(({ purpose }) => purpose === 'verify').map(({ rate }) => rate);
  t.ok(Number(verified[0]) > 9_500, 'it begins where the short runs have come to');
  t.ok(verified.length < 20, 'and in growing strides');
});

await t.test('a search that was led astray by a disturbance is led back by the longer runs', async (t) => {
  const { found } = drive(1_000, (step) =>
    step.purpose === 'search' && step.rate > 1_500 ? 'missed' : exact(40_000)(step),
  );
  t.ok(Math.abs(Number(found.sustained) / 40_000 - 1) <= OFF_MAX, `${found.sustained}`);
});

await t.test('a rate fails only when it has missed twice', async (t) => {
  const { found, steps } = drive(1_000, (step) => (step.attempt === 1 ? 'missed' : exact(3_000)(step)));
  t.ok(Math.abs(Number(found.sustained) / 3_000 - 1) <= OFF_MAX);
  t.ok(steps.every(({ attempt }) => attempt <= 2));
  const once = drive(1_000, exact(3_000)).steps.filter(({ rate }) => rate === 1_000);
  t.equal(once.length, 1, 'what is sustained at once is not tried again');
});

await t.test('what nothing sustains, and what everything does, has an end that is not known', async (t) => {
  t.match(drive(1_000, () => 'missed').found, { sustained: null, failing: 1 });
  t.match(drive(1_000, () => 'sustained').found, { sustained: MAX, failing: null, failingBy: null });
});

await t.test('that the generator was the limit is told', async (t) => {
  const { found } = drive(1_000, ({ rate }) => (rate > 3_000 ? 'limited' : 'sustained'));
  t.match(found, { failingBy: 'limited' });
  t.match(drive(1_000, exact(3_000)).found, { failingBy: 'missed' });
});

await t.test('less and less is not asked of a generator that never keeps up', async (t) => {
  const { found, steps } = drive(1_000, () => 'limited');
  t.match(found, { sustained: null, failing: 250, failingBy: 'limited' });
  t.equal(steps.length, 6);
});

await t.test('each step tells what is known before it', async (t) => {
  const { steps } = drive(1_000, exact(3_000));
  t.same(steps[0]?.known, { sustained: null, failing: null, failingBy: null });
  t.match(
    steps.find(({ rate }) => rate === 2_000),
    { known: { sustained: 1_000, failing: null } },
  );
  const first = steps.find(({ purpose }) => purpose === 'verify');
  t.ok(Number(first?.known.sustained) > 2_800, 'the first of the longer runs what the short ones have found');
});

await t.test('an achieved throughput is held to the rate as far as chance allows', async (t) => {
  t.equal(throughputFloor(50_000, 10), 48_787);
  t.equal(throughputFloor(100, 5), 84);
  t.equal(throughputFloor(1, 1), 0);
  const prng = new Prng(1);
  for (const [rate, seconds] of [
    [100, 2],
    [1_000, 5],
  ] as const) {
    for (let run = 0; run < 200; run++) {
      // Poisson arrivals: the time between two is exponential.
      let count = 0;
      for (let at = 0; at < seconds; at -= Math.log(1 - prng.next()) / rate) count++;
      t.ok(count / seconds >= throughputFloor(rate, seconds), `${count} in ${seconds} s at ${rate}`);
    }
  }
});
