import { type Command, InvalidArgumentError } from 'commander';
import { randomInt } from 'node:crypto';
import { overrideWorkload } from '../load/override-workload.ts';
import { PROBE_RATE_DEFAULT } from '../probes/probe-rates.ts';
import type { Workload } from '../load/workload.ts';
import { findWorkload } from '../../workloads/index.ts';
import { UsageError } from './exit-code.ts';
import type { ProbeChoice } from './run-probes.ts';
import { type ThresholdChoice, thresholdChoiceOf, type ThresholdFlags } from './threshold-choice.ts';

/** What every command takes that breaks servers. */
export interface ProbeFlags {
  readonly probes: string;
  readonly probeRate: number;
  readonly probeDeadline: number;
}

/** What every command takes that puts servers under load. */
export interface LoadFlags extends ProbeFlags, ThresholdFlags, Shorthands {
  readonly workload: string;
  readonly set?: readonly string[];
  readonly with?: readonly string[];
  readonly seed?: number;
  readonly generators: number;
  readonly lagBudget: number;
  readonly out: string;
  readonly apacheClasspath?: string;
}

/** Flags that are only a shorter way to say `--with setting=value`. */
export interface Shorthands {
  readonly duration?: number;
  readonly warmup?: number;
  readonly connections?: number;
  readonly depth?: number;
  readonly rate?: number;
  readonly valueSize?: number;
  readonly keys?: number;
}

const SHORTHANDS = [
  ['duration', '--duration <seconds>', 'durationS', 'how long to measure'],
  ['warmup', '--warmup <seconds>', 'warmupS', 'how long to load before that'],
  ['connections', '--connections <n>', 'connections', 'sessions'],
  ['depth', '--depth <n>', 'depth', 'closed loop: operations in flight on each connection'],
  ['rate', '--rate <ops/s>', 'rate', 'open loop: operations a second over all connections'],
  ['valueSize', '--value-size <bytes>', 'valueSize', 'of each value'],
  ['keys', '--keys <n>', 'keys.count', 'znodes'],
] as const;

export const PLAN_HELP =
  'several faults, at their times: a file, "kill-leader every 5 s, slow-flush every 9 s for 2 s", or drawn';

const THRESHOLD_HELP =
  "what has to hold, as in 'write.p99<20ms', 'write.gap<1s', 'availability>=99.5%', 'errors<1%', " +
  "'throughput>=50000' or 'throughput>=0.9*baseline'";

export const LAG_BUDGET = [
  '--lag-budget <ms>',
  "open loop: with more than that as the p99 of how late operations were begun the figures are the generator's",
  positiveNumber,
] as const;

export function addLoadFlags(command: Command): void {
  command
    .option('--workload <name|file.yaml>', 'what the clients do (see bench --list)', 'write-heavy')
    .option('--set <key=value>', 'a line of zoo.cfg for the servers; repeatable', collect)
    .option('--with <setting=value>', 'a setting of the workload, as in mix.read=3; repeatable', collect)
    .option('--seed <n>', 'of every random choice; drawn and printed if left out', wholeNumber)
    .option('--generators <n>', 'processes that make the load', count, 1)
    .option(...LAG_BUDGET, 1)
    .option('--out <directory>', 'where the run directories go', 'runs')
    .option('--apache-classpath <path>', "Apache ZooKeeper's jars, for apache without a version");
  addProbeFlags(command);
  command
    .option('--threshold <expression>', `${THRESHOLD_HELP}; repeatable`, collect)
    .option(
      '--baseline <directory>',
      'a run, or the directory of several, of which the last that was done in this way and passed is taken',
      once,
    );
  addShorthands(command);
}

export function addShorthands(command: Command): void {
  for (const [, flag, setting, help] of SHORTHANDS) command.option(flag, `${help} (${setting})`, anyNumber);
}

/** As `--with` would say them. */
export function shorthandSettings(flags: Shorthands): string[] {
  return SHORTHANDS.flatMap(([name, , setting]) =>
    flags[name] === undefined ? [] : [`${setting}=${flags[name]}`],
  );
}

export function addProbeFlags(command: Command): void {
  command
    .option('--probes <on|off>', 'measure availability and recovery apart from the load', onOrOff, 'on')
    .option('--probe-rate <n/s>', 'probes of each class of operations', positiveNumber, PROBE_RATE_DEFAULT)
    .option('--probe-deadline <ms>', 'a probe that takes longer has failed', positiveNumber, 1000);
}

/** Null for none. */
export function probeChoiceOf({ probes, probeRate, probeDeadline }: ProbeFlags): ProbeChoice | null {
  return probes === 'off' ? null : { ratePerSecond: probeRate, deadlineMs: probeDeadline };
}

export interface LoadChoice {
  readonly workload: Workload;
  readonly config: Readonly<Record<string, string>>;
  readonly apacheClasspath: string | undefined;
  readonly seed: number;
  readonly generators: number;
  /** See `judgeGenerator`. */
  readonly lagBudgetMs: number;
  /** Null: none. */
  readonly probes: ProbeChoice | null;
  readonly mustHold: ThresholdChoice;
  readonly runsDirectory: string;
}

/** @throws UsageError or WorkloadError */
export function loadChoiceOf(flags: LoadFlags): LoadChoice {
  const workload = overrideWorkload(findWorkload(flags.workload), [
    ...shorthandSettings(flags),
    ...(flags.with ?? []),
  ]);
  return {
    workload,
    config: configFrom(flags.set),
    apacheClasspath: flags.apacheClasspath,
    seed: flags.seed ?? randomInt(2 ** 31),
    generators: flags.generators,
    lagBudgetMs: flags.lagBudget,
    probes: probeChoiceOf(flags),
    mustHold: thresholdChoiceOf(flags, workload),
    runsDirectory: flags.out,
  };
}

/** Lines of zoo.cfg. @throws UsageError for what is no such line. */
export function configFrom(lines: readonly string[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(lines.map(keyAndValue));
}

function keyAndValue(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) throw new UsageError(`--set ${text}: write it as key=value, as in --set tickTime=500`);
  return [text.slice(0, at), text.slice(at + 1)];
}

export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

export function once(value: string, before: string | undefined): string {
  if (before !== undefined) throw new InvalidArgumentError(`Give it once; ${before} was given before.`);
  return value;
}

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}

export function count(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('Give at least 1.');
  return value;
}

export function anyNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Give a number.');
  return value;
}

export function positiveNumber(text: string): number {
  const value = anyNumber(text);
  if (value <= 0) throw new InvalidArgumentError('Give a number above 0.');
  return value;
}

function onOrOff(text: string): string {
  if (text !== 'on' && text !== 'off') throw new InvalidArgumentError('Give on or off.');
  return text;
}

export function wordList(text: string): readonly string[] {
  return text.split(',').map((word) => word.trim());
}

export function numberList(text: string): readonly number[] {
  return text.split(',').map(wholeNumber);
}
