import { PLAYED_MUTANTS } from '../../mutants/played-mutants.ts';
import { MUTANTS } from '../../sim/mutants/mutants.ts';
import { npmCommand } from '../command-line.ts';
import { ExitCode, exitCodeFrom, gravest } from '../exit-code.ts';
import { lastWordsOf } from '../harness-child.ts';
import { OWN_MAIN } from '../this-build.ts';
import type { NightPart, PartResult, Stint } from './part.ts';

/** Bugs that are seen within seconds. */
const SIMULATED = 'M29';
const PLAYED = 'R02';
/** However slow the machine: who takes longer has not been caught. */
const SIMULATED_S_MAX = 120;
const PLAYED_RUNS_MAX = 5;
const PLAYED_S = 2;

/** A planted bug in the simulator and one in real servers: a night that does not catch them would have caught nothing. */
export function canaryPart(): NightPart {
  return {
    name: 'canary',
    title: 'Canary: planted bugs that must be caught',
    weight: 10,
    play,
  };
}

async function play(stint: Stint): Promise<PartResult> {
  const simulated = ['simulate-mutants', SIMULATED, '--max-seconds', String(SIMULATED_S_MAX)];
  const played = ['chaos-mutants', PLAYED, '--runs', String(PLAYED_RUNS_MAX), '--time', String(PLAYED_S)];
  const codes = [await plant(stint, SIMULATED, simulated)];
  if (!stint.isEnded()) codes.push(await plant(stint, PLAYED, played));
  return resultOf(stint, codes);
}

async function plant(stint: Stint, id: string, command: readonly string[]): Promise<ExitCode> {
  const startedMs = stint.elapsedMs;
  const child = await stint.command(OWN_MAIN, command);
  const isCaught = child.exitCode === ExitCode.passed;
  // Not caught is what 99 means here; and then nobody knows what else was not.
  const exitCode =
    child.exitCode === ExitCode.thresholdMissed ? ExitCode.verdictUnknown : exitCodeFrom(child.exitCode);
  if (stint.isEnded()) return exitCode;
  stint.note({
    name: `${id}: ${whatIs(id)}`,
    outcome: isCaught ? 'passed' : 'failed',
    exitCode,
    durationMs: stint.elapsedMs - startedMs,
    why: isCaught ? null : lastWordsOf(child),
    again: npmCommand([command[0]?.replace('-', ':') ?? '', ...command.slice(1)]),
    directory: null,
  });
  return exitCode;
}

function whatIs(id: string): string {
  return [...MUTANTS, ...PLAYED_MUTANTS].find((mutant) => mutant.id === id)?.what ?? '';
}

function resultOf({ runs }: Stint, codes: readonly ExitCode[]): PartResult {
  const missed = runs.filter(({ outcome }) => outcome === 'failed');
  const isBlind = missed.length > 0;
  const sentence = isBlind
    ? `NOT CAUGHT: ${missed.map(({ name }) => name).join('; ')}`
    : `${runs.length} planted bugs were caught`;
  return { exitCode: gravest(codes), sentence, runs, isBlind };
}
