import type { Command } from 'commander';
import { parseThreshold } from '../thresholds/threshold.ts';
import { parseClientPlacement } from './client-placement.ts';
import { UsageError } from './exit-code.ts';
import type { FaultFlags } from './fault-choice.ts';
import { runFindKnee } from './find-knee.ts';
import { collect, type LoadFlags, loadChoiceOf, once } from './flags.ts';
import type { SeriesOptions } from './series-runs.ts';
import { runSweep } from './sweep.ts';
import { describeSystem, planTarget } from './target.ts';
import { OWN_MAIN } from './this-build.ts';

export interface SaturationFlags {
  readonly findKnee?: boolean;
  readonly slo?: readonly string[];
  readonly sweep?: string;
}

/** What a bench was asked for beside that. */
export interface SeriesFlags extends SaturationFlags, LoadFlags, FaultFlags {
  readonly target?: string;
  readonly servers?: string;
  readonly clients: string;
  readonly plan?: string;
}

/** What a series gives to each of its runs by itself. */
const NOT_PASSED_ON = ['findKnee', 'slo', 'sweep', 'seed', 'out'];

export function addSaturationFlags(command: Command): void {
  command
    .option('--find-knee', 'the highest open-loop rate at which --slo holds, by many runs')
    .option('--slo <expression>', 'what must hold then, as --threshold has it; repeatable', collect)
    .option('--sweep <setting=value,value>', 'a run for each value, as in connections=1,10,100', once);
}

/**
 * Many runs instead of one, where that was asked for; null where it was not. The exit code.
 *
 * @throws UsageError or WorkloadError
 */
export function runSeries(
  flags: SeriesFlags,
  command: Command,
  { command: typed, print }: { readonly command: readonly string[]; readonly print: (line: string) => void },
): Promise<number> | null {
  const { findKnee = false, slo = [], sweep } = flags;
  if (!findKnee && slo.length > 0) {
    throw new UsageError(`--slo ${slo[0]}: it is for --find-knee; for one run say --threshold`);
  }
  if (findKnee && sweep !== undefined) {
    throw new UsageError(`--find-knee --sweep ${sweep}: give one or the other`);
  }
  if (findKnee) {
    refuseForKnee(flags);
    return runFindKnee({ ...seriesOf(flags), slo, words: givenWords(command) });
  }
  if (sweep === undefined) return null;
  const isDisturbed = [flags.fault, flags.rounds, flags.kills, flags.plan].some((flag) => flag !== undefined);
  const words = [...givenWords(command), ...(isDisturbed ? [] : ['--rounds', '0'])];
  return runSweep({ ...seriesOf(flags), sweep, words });

  function seriesOf({ target: name, servers, clients }: SeriesFlags): Omit<SeriesOptions, 'words'> {
    const { workload, seed, config, apacheClasspath, runsDirectory } = loadChoiceOf(flags);
    const target = planTarget({ name, servers, config, apacheClasspath });
    parseClientPlacement(clients, target.serverCount);
    return {
      workload,
      seed,
      runsDirectory,
      target: describeSystem(target),
      command: typed,
      main: OWN_MAIN,
      print,
    };
  }
}

function refuseForKnee(flags: SeriesFlags): void {
  const { slo = [], threshold, baseline, fault, rounds, kills, plan } = flags;
  if (slo.length === 0) {
    throw new UsageError("--find-knee: say what must hold at a rate, as in --slo 'write.p99<20ms'");
  }
  for (const text of slo) {
    const parsed = parseThreshold(text);
    if (!parsed.ok) throw new UsageError(`--slo '${text}': column ${parsed.column}: ${parsed.advice}`);
    const { bound, metric } = parsed.threshold;
    if (bound.type === 'baseline') {
      throw new UsageError(`--slo '${text}': at each rate a baseline is another one; give a number`);
    }
    if (metric.type === 'writeGap') {
      throw new UsageError(
        `--slo '${text}': nothing is done to the servers, so that there is no gap; leave it out`,
      );
    }
  }
  const others = { threshold, baseline, fault, rounds, kills, plan };
  const given = Object.entries(others).find(([, value]) => value !== undefined)?.[0];
  if (given !== undefined) {
    throw new UsageError(
      `--find-knee --${given}: what counts is --slo, on servers to which nothing is done; leave it out`,
    );
  }
}

/** What was given to a command, so that another of it can be given the same. */
export function givenWords(command: Command): string[] {
  return command.options.flatMap((option) => {
    const name = option.attributeName();
    const { long } = option;
    if (long == null || NOT_PASSED_ON.includes(name) || command.getOptionValueSource(name) !== 'cli')
      return [];
    const value: unknown = command.getOptionValue(name);
    if (value === true) return [long];
    return (Array.isArray(value) ? value : [value]).map((one) => `${long}=${String(one)}`);
  });
}
