import { join } from 'node:path';
import { measuresFor } from '../../compare/measures.ts';
import { readRound } from '../../compare/read-round.ts';
import { runDirectoriesIn } from '../../history/run-directory.ts';
import { fitsAnother } from '../../nightly/budget.ts';
import { npmCommand } from '../command-line.ts';
import { ExitCode, exitCodeFrom, gravest } from '../exit-code.ts';
import { removeBulkOf, reportIn } from '../finished-run.ts';
import { OWN_MAIN } from '../this-build.ts';
import type { NightPart, PartResult, Stint } from './part.ts';

/** A write-heavy load whose leader is killed: throughput and p99 before that, and what it costs. */
export const BENCH_MEASURES = measuresFor({ hasFault: true, isOpenLoop: false });

/** Enough for a p99, where there is time for several rounds. */
const DURATION_S_MAX = 5;
const DURATION_S_MIN = 1;
const DURATION_S_PER_MINUTE = 1;
const ROUNDS_MAX = 20;

/** The load is the same in every night of so many minutes: the first round has seed 1. */
export function benchPart(minutes: number): NightPart {
  const settings = benchSettings(minutes);
  return {
    name: 'bench',
    title: 'Bench with recovery',
    weight: 15,
    play: (stint) => playRounds(stint, settings),
  };
}

/** Flags of `bench`. Nights with the same are comparable, so what is left of this one does not matter. */
function benchSettings(minutes: number): string[] {
  const seconds = Math.round(
    Math.min(DURATION_S_MAX, Math.max(DURATION_S_MIN, minutes * DURATION_S_PER_MINUTE)),
  );
  const load = ['--workload', 'write-heavy', '--duration', String(seconds)];
  const fault = ['--warmup', String(Math.min(2, seconds)), '--fault', 'kill-leader', '--rounds', '1'];
  // As in a comparison: what delays the load of one night delays that of the others.
  return [...load, ...fault, '--lag-budget', '10'];
}

async function playRounds(stint: Stint, settings: readonly string[]): Promise<PartResult> {
  const { shareMs } = stint;
  const rounds: Record<string, number | null>[] = [];
  const codes: ExitCode[] = [];
  const fits = (): boolean => fitsAnother({ shareMs, elapsedMs: stint.elapsedMs, done: stint.runs.length });
  for (let seed = 1; seed <= ROUNDS_MAX && !stint.isEnded() && fits(); seed++) {
    const startedMs = stint.elapsedMs;
    const command = ['bench', ...settings, '--seed', String(seed)];
    const directory = join(stint.runsDirectory, `bench-${seed}`);
    const child = await stint.command(OWN_MAIN, [...command, '--out', directory]);
    if (stint.isEnded()) break;
    const run = runDirectoriesIn(directory)[0] ?? null;
    const report = run === null ? null : reportIn(run);
    const exitCode = exitCodeFrom(child.exitCode);
    const end = { exitCode: child.exitCode, report, errors: child.errors };
    const { excluded, values } = readRound(end, BENCH_MEASURES);
    if (excluded === null) rounds.push(values);
    codes.push(exitCode);
    if (exitCode === ExitCode.passed && run !== null) removeBulkOf(run);
    stint.note({
      name: `kill-leader, round ${seed}`,
      outcome: excluded === null ? 'passed' : isUncounted(exitCode) ? 'noted' : 'failed',
      exitCode,
      durationMs: stint.elapsedMs - startedMs,
      why: excluded,
      again: npmCommand(command),
      directory,
    });
  }
  const counted = rounds.length;
  return {
    exitCode: gravest(counted > 0 ? codes.filter((code) => !isUncounted(code)) : codes),
    sentence: `${counted} of ${stint.runs.length} rounds count`,
    runs: stint.runs,
    bench: { settings: [...settings], rounds },
  };
}

/** It says nothing of the servers, neither good nor bad. */
function isUncounted(code: ExitCode): boolean {
  return code === ExitCode.passed || code === ExitCode.generatorLimited;
}
