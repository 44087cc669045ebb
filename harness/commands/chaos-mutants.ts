import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MutatedBuild, MutantError } from '../mutants/mutated-build.ts';
import type { PlayedMutant } from '../mutants/mutant.ts';
import { PLAYED_MUTANTS } from '../mutants/played-mutants.ts';
import { type HarnessChild, invalidityIn, runHarness } from './harness-child.ts';
import { ExitCode, UsageError } from './exit-code.ts';

export interface ChaosMutantsOptions {
  /** All of them if it is empty. */
  readonly ids: readonly string[];
  /** How often a mutant is played before it is given up. */
  readonly runs: number;
  readonly timeS: number;
  /** Of the first run of each. */
  readonly seed: number;
  readonly print: (line: string) => void;
}

/** Of all mutants, how many have to be found. */
const FOUND_SHARE_MIN = 0.95;

/**
 * `chaos-mutants`: whether what clients of servers with a planted bug are told shows it, when the servers fail one after
 * the other, or the servers themselves notice. 99 if fewer than 95 % are found.
 */
export async function runChaosMutants(options: ChaosMutantsOptions): Promise<ExitCode> {
  const { ids, print } = options;
  const unknown = ids.find((id) => !PLAYED_MUTANTS.some((mutant) => mutant.id === id));
  if (unknown !== undefined) throw new UsageError(`There is no mutant ${unknown}.`);
  const mutants = PLAYED_MUTANTS.filter(({ id }) => ids.length === 0 || ids.includes(id));
  let found = 0;
  for (const mutant of mutants) if (await hunt(mutant, options)) found++;
  print(`${found} of ${mutants.length} mutants were found`);
  return found >= FOUND_SHARE_MIN * mutants.length ? ExitCode.passed : ExitCode.thresholdMissed;
}

async function hunt(mutant: PlayedMutant, options: ChaosMutantsOptions): Promise<boolean> {
  const { runs, seed, print } = options;
  const { id, what } = mutant;
  let build: MutatedBuild;
  try {
    build = new MutatedBuild(mutant);
  } catch (error) {
    if (!(error instanceof MutantError)) throw error;
    print(error.message);
    return false;
  }
  const out = mkdtempSync(join(tmpdir(), `stampede-${id}-runs-`));
  try {
    for (let run = 0; run < runs; run++) {
      const child = await play(mutant, build.main, { ...options, out, seed: seed + run });
      if (child.exitCode !== ExitCode.historyInvalid && child.exitCode !== ExitCode.noSystem) continue;
      const why = invalidityIn(child) ?? 'a server ends itself, by an assertion of its own';
      print(`${id} found in run ${run + 1}: ${what}\n      ${why}`);
      return true;
    }
    print(`${id} NOT FOUND in ${runs} runs: ${what}`);
    return false;
  } finally {
    build.remove();
    rmSync(out, { recursive: true, force: true });
  }
}

function play(
  { workload, faults }: PlayedMutant,
  main: string,
  { out, seed, timeS }: { readonly out: string; readonly seed: number; readonly timeS: number },
): Promise<HarnessChild> {
  const what = ['--workload', workload, '--faults', faults, '--time', String(timeS), '--seed', String(seed)];
  const quick = ['--rate', '60', '--session-timeout', '1500', '--set', 'tickTime=250', '--out', out];
  return runHarness(main, ['chaos', ...what, ...quick]);
}
