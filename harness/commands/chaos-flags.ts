import type { Command } from 'commander';
import { randomInt } from 'node:crypto';
import { FAULT_GROUPS, FAULTS } from '../nemesis/faults.ts';
import type { RunSettings } from '../nemesis/plan/run-settings.ts';
import { RECIPES } from '../recipes/recipes.ts';
import type { ChaosOptions } from './chaos.ts';
import {
  addProbeFlags,
  anyNumber,
  collect,
  configFrom,
  count,
  once,
  PLAN_HELP,
  probeChoiceOf,
  type ProbeFlags,
  wholeNumber,
  wordList,
} from './flags.ts';
import { type PlanSource, planSourceOf } from './plan-choice.ts';

export interface ChaosFlags extends ProbeFlags {
  readonly plan?: string;
  readonly list?: boolean;
  readonly workload: string;
  readonly faults?: readonly string[];
  readonly time: number;
  readonly seed?: number;
  readonly participants?: number;
  readonly rate?: number;
  readonly sessionTimeout: number;
  readonly target?: string;
  readonly servers?: string;
  readonly set?: readonly string[];
  readonly apacheClasspath?: string;
  readonly out: string;
}

export function addChaosFlags(command: Command): void {
  command
    .option('--list', 'describe the workloads and the faults, and exit')
    .option('--workload <name>', `what they use it for: ${[...RECIPES.keys()].join(', ')}`, 'register')
    .option(
      '--faults <name,name>',
      `drawn from these: ${[...FAULT_GROUPS.keys()].join(', ')} (groups of them), ${[...FAULTS.keys()].join(', ')}`,
      wordList,
    )
    .option(
      '--plan <file|words>',
      `${PLAN_HELP}; a file may say all the rest, which other flags override`,
      once,
    )
    .option('--time <seconds>', 'how long', anyNumber, 60)
    .option('--seed <n>', 'of every random choice; drawn and printed if left out', wholeNumber)
    .option('--participants <n>', 'clients', count)
    .option('--rate <n>', 'steps a second of each', anyNumber)
    .option('--session-timeout <ms>', 'that clients ask for', count, 4000)
    .option(
      '--target <target>',
      'embedded (the default), apache, compose, compose-apache, or a connect string',
      once,
    )
    .option('--servers <n|kind,kind>', 'as of bench', once)
    .option('--set <key=value>', 'a line of zoo.cfg for the servers; repeatable', collect)
    .option('--apache-classpath <path>', "Apache ZooKeeper's jars, for apache without a version")
    .option('--out <directory>', 'where the run directories go', 'runs');
  addProbeFlags(command);
}

/**
 * What was asked for: by a flag, else by the file of a plan, else as it is usual.
 *
 * @throws UsageError for a flag or a file that cannot be.
 */
export function chaosOptionsOf(flags: ChaosFlags, command: Command): Omit<ChaosOptions, 'command'> {
  const isGiven = (name: keyof ChaosFlags): boolean => command.getOptionValueSource(name) === 'cli';
  const plan = flags.plan === undefined ? undefined : planSourceOf(flags.plan);
  const said = settingsIn(plan);
  const either = <T>(name: keyof ChaosFlags, flag: T, inFile: T | undefined): T =>
    isGiven(name) ? flag : (inFile ?? flag);
  const areProbesGiven = isGiven('probes') || isGiven('probeRate') || isGiven('probeDeadline');
  return {
    workload: either('workload', flags.workload, said.workload),
    faults: flags.faults,
    plan,
    timeS: either('time', flags.time, said.timeS),
    seed: flags.seed ?? said.seed ?? randomInt(2 ** 31),
    participants: flags.participants ?? said.participants,
    rate: flags.rate ?? said.rate,
    sessionTimeoutMs: either('sessionTimeout', flags.sessionTimeout, said.sessionTimeoutMs),
    target: flags.target ?? said.target,
    servers: flags.servers ?? said.servers,
    config: { ...said.config, ...configFrom(flags.set) },
    apacheClasspath: flags.apacheClasspath ?? said.apacheClasspath,
    probes: areProbesGiven || said.probes === undefined ? probeChoiceOf(flags) : said.probes,
    runsDirectory: flags.out,
  };
}

function settingsIn(plan: PlanSource | undefined): RunSettings {
  return (plan?.type === 'file' ? plan.document.run : null) ?? {};
}
