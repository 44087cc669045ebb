import { Prng } from '../../../server/base/prng.ts';
import { FAULTS } from '../faults.ts';
import { type Plan, PLAN_SCHEMA, PlanError, type PlanStep } from './plan.ts';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000 };
const NUMBER = String.raw`(\d+(?:\.\d+)?) ?(ms|s|min)`;
const PART = new RegExp(`^([\\w-]+) (?:every ${NUMBER}|at ${NUMBER})(?: for ${NUMBER})?$`);
const FORMS = 'write "kill-leader every 5 s", "slow-flush every 10 s for 3 s" or "kill-all at 20 s"';

/** Whether these words are a schedule, and not the name of a file. */
export function isSchedule(text: string): boolean {
  return text.split(',').some((part) => /^\s*[\w-]+ (every|at) /.test(part));
}

/**
 * The plan that these words are: `kill-leader every 5 s`, `slow-flush every 10 s for 3 s`, `kill-all at 20 s`, several
 * with commas between. What a fault may be told besides is drawn from the seed, and so is how long it lasts where
 * nobody says.
 *
 * @throws PlanError
 */
export function planOfSchedule(
  text: string,
  {
    seed,
    durationMs,
    voters,
  }: { readonly seed: number; readonly durationMs: number; readonly voters: readonly number[] },
): Plan {
  const prng = new Prng(seed).fork('schedule');
  const steps = text
    .split(',')
    .flatMap((part, index) => stepsOf(part.trim(), { durationMs, voters, prng: prng.fork(index) }));
  return {
    schema: PLAN_SCHEMA,
    seed,
    steps: steps.toSorted((a, b) => a.atMs - b.atMs),
    quorumAlone: null,
  };
}

function stepsOf(
  part: string,
  {
    durationMs,
    voters,
    prng,
  }: { readonly durationMs: number; readonly voters: readonly number[]; readonly prng: Prng },
): PlanStep[] {
  const match = PART.exec(part);
  if (match === null) throw new PlanError(`"${part}" is no schedule; ${FORMS}`);
  const [, name = '', every, everyUnit, at, atUnit, lasting, lastingUnit] = match;
  const fault = FAULTS.get(name);
  if (fault === undefined) {
    throw new PlanError(
      `"${part}": there is no fault "${name}"; give one of ${[...FAULTS.keys()].join(', ')}`,
    );
  }
  const everyMs = msOf(every, everyUnit);
  const firstMs = everyMs ?? msOf(at, atUnit) ?? 0;
  if (everyMs === 0) throw new PlanError(`"${part}": give a time above 0`);
  const givenMs = msOf(lasting, lastingUnit);
  const count = everyMs === null ? 1 : Math.max(0, Math.ceil(durationMs / everyMs) - 1);
  const times = Array.from({ length: count }, (_, index) => firstMs + index * (everyMs ?? 0));
  return times.map((atMs): PlanStep => {
    const { minMs, maxMs } = fault.lasts;
    const forMs = givenMs ?? Math.round(minMs + prng.next() * (maxMs - minMs));
    const params = fault.params.parse(fault.draw(prng, { voters, mayHitAgain: false }));
    return { atMs, fault: name, params, forMs };
  });
}

function msOf(number: string | undefined, unit: string | undefined): number | null {
  if (number === undefined || unit === undefined) return null;
  return Math.round(Number(number) * (UNIT_MS[unit] ?? 1));
}
