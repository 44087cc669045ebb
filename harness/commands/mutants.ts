import { availableParallelism } from 'node:os';
import { MutatedBuild, MutantError } from '../mutants/mutated-build.ts';
import type { Mutant, SimulatedMutant, TestedMutant } from '../mutants/mutant.ts';
import { MUTANTS } from '../sim/mutants/mutants.ts';
import type { SeedRequest } from '../sim/seed-messages.ts';
import { runSeeds } from '../sim/seed-pool.ts';
import type { Violation } from '../sim/violations.ts';
import { ExitCode, UsageError } from './exit-code.ts';

export interface MutantsOptions {
  /** All of them if it is empty. */
  readonly ids: readonly string[];
  readonly from: number;
  readonly jobs: number | undefined;
  /** Gives up on a mutant after that, whatever its budget. */
  readonly maxSeconds: number | undefined;
  readonly print: (line: string) => void;
}

/** `simulate-mutants`: whether each planted bug is found within its budget. 99 if one is not. */
export async function runMutants(options: MutantsOptions): Promise<ExitCode> {
  const { ids, print } = options;
  const unknown = ids.find((id) => !MUTANTS.some((mutant) => mutant.id === id));
  if (unknown !== undefined) throw new UsageError(`There is no mutant ${unknown}.`);
  let missed = 0;
  for (const mutant of MUTANTS) {
    if (ids.length > 0 && !ids.includes(mutant.id)) continue;
    if (!(await hunt(mutant, options))) missed++;
  }
  print(missed === 0 ? 'every mutant was found' : `${missed} mutants were not found as they should be`);
  return missed === 0 ? ExitCode.passed : ExitCode.thresholdMissed;
}

async function hunt(mutant: Mutant, options: MutantsOptions): Promise<boolean> {
  let build: MutatedBuild;
  try {
    build = new MutatedBuild(mutant);
  } catch (error) {
    if (!(error instanceof MutantError)) throw error;
    options.print(error.message);
    return false;
  }
  try {
    return 'test' in mutant ? huntByTest(mutant, build, options) : await huntBySeeds(mutant, build, options);
  } finally {
    build.remove();
  }
}

/** The test that is named fails, and fails because of the mutant: without it, it passes with all others. */
function huntByTest(mutant: TestedMutant, build: MutatedBuild, { print }: MutantsOptions): boolean {
  const { id, what, test, claim } = mutant;
  const isFound = build
    .outputOf(test)
    .split('\n')
    .some((line) => line.startsWith('not ok ') && line.includes(claim));
  print(`${id} ${isFound ? 'found' : 'NOT FOUND'} by a test: ${what}\n      ${test}: ${claim}`);
  return isFound;
}

async function huntBySeeds(
  mutant: SimulatedMutant,
  build: MutatedBuild,
  { from, jobs, maxSeconds, print }: MutantsOptions,
): Promise<boolean> {
  const startedMs = performance.now();
  const found: { seed: number; violation: Violation }[] = [];
  let seeds = 0;
  let events = 0;
  await runSeeds({
    worker: build.worker,
    jobs: jobs ?? availableParallelism(),
    seeds: requests(from, mutant.budget),
    onResult: ({ result }) => {
      seeds++;
      events += result.events;
      if (result.violation !== null) found.push({ seed: result.seed, violation: result.violation });
    },
    onLost: (seed, why) => print(`${mutant.id}: seed ${seed}: ${why}`),
    isOver: () =>
      found.length > 0 || (maxSeconds !== undefined && performance.now() - startedMs > maxSeconds * 1000),
  });
  const [first] = found;
  const cost = `${seeds} seeds, ${events} events, ${((performance.now() - startedMs) / 1000).toFixed(0)} s`;
  if (first === undefined) {
    print(`${mutant.id} NOT FOUND in ${cost}: ${mutant.what}`);
    return false;
  }
  const { seed, violation } = first;
  const isExpected = mutant.expects.includes(violation.property);
  const verdict = isExpected ? 'found' : 'FOUND BY ANOTHER PROPERTY';
  const line = violation.message.split('\n')[0];
  print(
    `${mutant.id} ${verdict} in ${cost}: ${mutant.what}\n      seed ${seed}: ${violation.property}: ${line}`,
  );
  return isExpected;
}

function* requests(from: number, count: number): Generator<SeedRequest, void> {
  for (let i = 0; i < count; i++) yield { seed: from + i, isTwice: false };
}
