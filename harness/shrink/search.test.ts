import * as fc from 'fast-check';
import t from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { firstClash } from '../nemesis/plan/fault-atlas.ts';
import type { PlanStep } from '../nemesis/plan/plan.ts';
import { describeScenario, endOf, occurrencesIn, type Scenario, withOccurrences } from './scenario.ts';
import { search } from './search.ts';
import { drive } from './testing/drive.ts';

const VOTERS = 3;
const QUORUM_ALONE = { fault: 'kill-minority', params: { pick: 0 }, forMs: 700, serveWithinMs: 60_000 };

/** Told apart by what they pick. */
function step(pick: number, atMs: number, forMs: number): PlanStep {
  return { atMs, fault: 'latency', params: { pick }, forMs };
}

const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    steps: fc
      .array(fc.tuple(fc.nat(60_000), fc.nat(9_000)), { maxLength: 12 })
      .map((times) =>
        times.toSorted(([a], [b]) => a - b).map(([atMs, forMs], pick) => step(pick, atMs, forMs)),
      ),
    quorumAlone: fc.constantFrom(null, QUORUM_ALONE),
    participants: fc.integer({ min: 1, max: 12 }),
    timeMs: fc.nat(90_000),
    isProbed: fc.boolean(),
  })
  .map((scenario) => ({ ...scenario, timeMs: Math.max(scenario.timeMs, endOf(scenario.steps)) }));

/** Faults by number, the one at the end being the last; clients; a time for all; probes. */
interface Cause {
  readonly faults: readonly number[];
  readonly participants: number;
  readonly timeMs: number;
  readonly isProbed: boolean;
}

const causes: fc.Arbitrary<Cause> = fc.record({
  faults: fc.uniqueArray(fc.nat(12), { maxLength: 3 }),
  participants: fc.integer({ min: 1, max: 12 }),
  timeMs: fc.nat(60_000),
  isProbed: fc.boolean(),
});

/** Who fails because of a part of itself, which may be all of it. */
function failing(whole: Scenario, cause: Cause): (scenario: Scenario) => boolean {
  const count = occurrencesIn(whole).length;
  const needed = count === 0 ? [] : cause.faults.map((fault) => fault % count);
  const idOf = (scenario: Scenario): number[] =>
    occurrencesIn(scenario).map((one) =>
      one.type === 'alone' ? count - 1 : Number(one.step.params['pick']),
    );
  return (scenario) =>
    needed.every((fault) => idOf(scenario).includes(fault)) &&
    scenario.participants >= Math.min(cause.participants, whole.participants) &&
    scenario.timeMs >= Math.min(cause.timeMs, whole.timeMs) &&
    (scenario.isProbed || !cause.isProbed || !whole.isProbed);
}

function bits(value: number): number {
  return Math.ceil(Math.log2(Math.max(2, value)));
}

/** How many there can be at most in so many rounds, by what each part of the search says of itself. */
function candidatesMax(scenario: Scenario, rounds: number): number {
  const n = occurrencesIn(scenario).length;
  return 2 + rounds * (n * n + 3 * n + bits(scenario.participants) + 3 * bits(100_000));
}

/** Each round but the last takes a fault or a client away, or is the first. */
function roundsMax(scenario: Scenario): number {
  return 2 + occurrencesIn(scenario).length + scenario.participants;
}

function isMinimal(scenario: Scenario, fails: (scenario: Scenario) => boolean): boolean {
  const faults = occurrencesIn(scenario);
  return (
    fails(scenario) &&
    faults.every((_, at) => !fails(withOccurrences(scenario, faults.toSpliced(at, 1)))) &&
    (scenario.participants === 1 || !fails({ ...scenario, participants: scenario.participants - 1 }))
  );
}

function areDifferent(scenarios: readonly Scenario[]): boolean {
  return new Set(scenarios.map((one) => JSON.stringify(one))).size === scenarios.length;
}

await t.test('what fails by a part of it is left with that part, in two rounds', async () => {
  fc.assert(
    fc.property(scenarios, causes, fc.option(fc.nat(60_000)), (whole, cause, failedAtMs) => {
      const fails = failing(whole, cause);
      const { result, asked } = drive(search(whole, { voters: VOTERS, failedAtMs }), fails);
      return (
        isMinimal(result, fails) &&
        (!result.isProbed || !fails({ ...result, isProbed: false })) &&
        areDifferent([whole, ...asked]) &&
        asked.length <= candidatesMax(whole, 2)
      );
    }),
    { numRuns: 2_000 },
  );
});

await t.test(
  'with a fault or a client less it would not fail, of the same answers to the same questions',
  async () => {
    fc.assert(
      fc.property(scenarios, fc.nat(), fc.option(fc.nat(60_000)), (whole, salt, failedAtMs) => {
        const text = JSON.stringify(whole);
        const fails = (scenario: Scenario): boolean => {
          const other = JSON.stringify(scenario);
          return other === text || new Prng(salt).fork(other).next() < 0.4;
        };
        const { result, asked } = drive(search(whole, { voters: VOTERS, failedAtMs }), fails);
        return (
          isMinimal(result, fails) &&
          areDifferent([whole, ...asked]) &&
          asked.length <= candidatesMax(whole, roundsMax(whole))
        );
      }),
      { numRuns: 2_000 },
    );
  },
);

const WHOLE: Scenario = {
  steps: [step(0, 2_000, 4_000), step(1, 5_000, 1_000), step(2, 9_000, 800)],
  quorumAlone: QUORUM_ALONE,
  participants: 6,
  timeMs: 20_000,
  isProbed: true,
};

await t.test('what came after it was seen to fail goes at once', async (t) => {
  const { asked } = drive(search(WHOLE, { voters: VOTERS, failedAtMs: 6_000 }), () => false);
  t.match(asked[0], { ...WHOLE, isProbed: false });
  t.match(asked[1], { timeMs: 7_000, steps: [{ atMs: 2_000 }, { atMs: 5_000 }], isProbed: true });
  const all = drive(search(WHOLE, { voters: VOTERS, failedAtMs: 30_000 }), () => false);
  t.match(all.asked[1], { steps: [], quorumAlone: null }, 'where that is nothing, nobody asks for it');
});

/** It takes the first and the last fault, for a while. */
function needs(scenario: Scenario): boolean {
  return (
    [0, 2].every((pick) => scenario.steps.some(({ params }) => params['pick'] === pick)) &&
    scenario.steps.every(({ forMs }) => forMs >= 300)
  );
}

await t.test('times are short when all is said', async (t) => {
  const { result } = drive(search(WHOLE, { voters: VOTERS, failedAtMs: null }), needs);
  t.equal(describeScenario(result), '2 × latency; 1 client; 0.5 s');
  const [first, second] = result.steps;
  t.ok(Number(first?.atMs) < Number(second?.atMs) && Number(second?.atMs) <= 100, { result });
  t.ok(result.steps.every(({ forMs }) => forMs <= 400));
});

function needsAll({ steps }: Scenario): boolean {
  return steps.length === 3;
}

await t.test('what must not be in force together is not, however short the time', async (t) => {
  const steps = WHOLE.steps.map((one, i) => ({
    ...one,
    atMs: 12_000 * i,
    fault: 'replace-member',
    params: {},
  }));
  const disks = { ...WHOLE, quorumAlone: null, steps, timeMs: 30_000 };
  const { asked, result } = drive(search(disks, { voters: VOTERS, failedAtMs: null }), needsAll);
  for (const { steps } of asked) {
    const clash = firstClash(steps, VOTERS);
    if (clash !== null) t.fail(clash.why);
  }
  t.ok(result.timeMs < 15_000 && result.timeMs > 4_000, describeScenario(result));
});
