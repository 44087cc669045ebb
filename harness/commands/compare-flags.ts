import { type Command, InvalidArgumentError } from 'commander';
import { randomInt } from 'node:crypto';
import { FAULTS } from '../nemesis/faults.ts';
import { type Arm, parseArm } from '../compare/arm.ts';
import { runCompare } from './compare.ts';
import { readArm } from './compare-arms.ts';
import { UsageError } from './exit-code.ts';
import {
  addProbeFlags,
  anyNumber,
  collect,
  configFrom,
  count,
  LAG_BUDGET,
  once,
  positiveNumber,
  type ProbeFlags,
  shorthandSettings,
  type Shorthands,
  addShorthands,
  wholeNumber,
} from './flags.ts';

interface CompareFlags extends ProbeFlags, Shorthands {
  readonly arm?: readonly string[];
  readonly set?: readonly string[];
  readonly vs?: readonly string[];
  readonly fault?: string;
  readonly workload: string;
  readonly with?: readonly string[];
  readonly servers?: string;
  readonly target?: string;
  readonly rounds: number;
  readonly effect: number;
  readonly confidence: number;
  readonly failOnWorse?: boolean;
  readonly seed?: number;
  readonly generators: number;
  readonly lagBudget: number;
  readonly apacheClasspath?: string;
  readonly out: string;
}

/** Enough for a p99, and little enough for twenty rounds of each arm. */
const DURATION_S = 5;
const WARMUP_S = 2;
/** More than for one run: what delays the rounds of one arm delays those of the others, and gaps are longer than that. */
const LAG_BUDGET_MS = 10;

export function addCompare(
  stampede: Command,
  { finish, print }: { readonly finish: (code: number) => void; readonly print: (line: string) => void },
): void {
  const compare = stampede
    .command('compare')
    .description('which of two or more configurations recovers faster, and how sure that is')
    .option(
      '--set <key=value>',
      'a line of zoo.cfg: of the first arm with --vs, else of all; repeatable',
      collect,
    )
    .option('--vs <key=value ...>', 'another arm, by its lines of zoo.cfg; repeatable', collect)
    .option(
      '--arm <words|file.yaml>',
      'an arm: ours, apache, apache@<version>, rev:<revision>, servers=5, workload=…, fault=…, rate=…, tickTime=…; repeatable',
      collect,
    )
    .option('--fault <name>', `in each round: none, ${[...FAULTS.keys()].join(', ')} (kill-leader)`, once)
    .option('--workload <name|file.yaml>', 'what the clients do (see bench --list)', 'write-heavy')
    .option('--with <setting=value>', 'a setting of the workload, as in mix.read=3; repeatable', collect)
    .option('--servers <n|kind,kind>', 'as of bench', once)
    .option('--target <target>', 'as of bench', once)
    .option('--rounds <n>', 'of each arm at most; fewer if all is decided before', count, 20)
    .option('--effect <percent>', 'a difference of less counts as equal', positiveNumber, 5)
    .option(
      '--confidence <percent>',
      'with which a difference is one, over all that is compared',
      confidence,
      95,
    )
    .option('--fail-on-worse', 'exit code 99 if anything is worse than in the first arm')
    .option('--seed <n>', 'of every random choice; drawn and printed if left out', wholeNumber)
    .option('--generators <n>', 'processes that make the load', count, 1)
    .option(...LAG_BUDGET, LAG_BUDGET_MS)
    .option('--apache-classpath <path>', "Apache ZooKeeper's jars, for apache without a version")
    .option('--out <directory>', 'where the directory of the comparison goes', 'runs');
  addProbeFlags(compare);
  addShorthands(compare);
  compare.action(async (flags: CompareFlags) => {
    const { arms, config } = armsOf(flags);
    const settings = { duration: DURATION_S, warmup: WARMUP_S, ...flags };
    finish(
      await runCompare({
        arms,
        common: {
          workload: flags.workload,
          with: [...shorthandSettings(settings), ...(flags.with ?? [])],
          config,
          servers: flags.servers,
          target: flags.target,
          fault: flags.fault,
          apacheClasspath: flags.apacheClasspath,
          flags: passedOn(flags),
        },
        roundsMax: flags.rounds,
        alpha: 1 - flags.confidence / 100,
        effect: flags.effect / 100,
        seed: flags.seed ?? randomInt(2 ** 31),
        failsOnWorse: flags.failOnWorse === true,
        runsDirectory: flags.out,
        command: process.argv.slice(2),
        print,
      }),
    );
  });
}

/** With `--vs`, what stands behind `--set` is the first arm; with `--arm` it holds for all. */
function armsOf({ arm = [], vs = [], set = [] }: CompareFlags): {
  readonly arms: readonly Arm[];
  readonly config: Readonly<Record<string, string>>;
} {
  if (arm.length > 0 && vs.length > 0) {
    throw new UsageError(
      `--arm ${arm[0]} and --vs ${vs[0]}: say all arms by --arm, or all by --set and --vs`,
    );
  }
  if (vs.length === 0) return { arms: arm.map(readArm), config: configFrom(set) };
  const first = set.length === 0 ? { name: 'as it is', with: {}, set: {} } : parseArm(set.join(' '));
  return { arms: [first, ...vs.map(readArm)], config: {} };
}

function passedOn({ generators, lagBudget, probes, probeRate, probeDeadline }: CompareFlags): string[] {
  const values = {
    generators,
    'lag-budget': lagBudget,
    probes,
    'probe-rate': probeRate,
    'probe-deadline': probeDeadline,
  };
  return Object.entries(values).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
}

function confidence(text: string): number {
  const percent = anyNumber(text);
  if (percent < 50 || percent >= 100) throw new InvalidArgumentError('Give 50 to 99.99.');
  return percent;
}
