import { Command, CommanderError } from 'commander';
import { randomInt } from 'node:crypto';
import { WorkloadError } from './load/workload.ts';
import { HTTP_WORKLOADS, WORKLOADS } from '../workloads/index.ts';
import { STAMPEDE_VERSION } from '../server/version.ts';
import { FAULTS } from './nemesis/faults.ts';
import { runBench } from './commands/bench.ts';
import { besideFrom, type HttpBenchOptions, httpWorkloadWith, runHttpBench } from './commands/http-bench.ts';
import { listChaos, runChaos } from './commands/chaos.ts';
import { addCompare } from './commands/compare-flags.ts';
import { addChaosFlags, type ChaosFlags, chaosOptionsOf } from './commands/chaos-flags.ts';
import { runChaosMatrix } from './commands/chaos-matrix.ts';
import { runChaosMutants } from './commands/chaos-mutants.ts';
import { ExitCode, UsageError } from './commands/exit-code.ts';
import { runMutants } from './commands/mutants.ts';
import type { FaultFlags } from './commands/fault-choice.ts';
import {
  addLoadFlags,
  anyNumber,
  count,
  type LoadFlags,
  loadChoiceOf,
  numberList,
  once,
  PLAN_HELP,
  positiveNumber,
  wholeNumber,
  wordList,
  configFrom,
} from './commands/flags.ts';
import { runMigrate } from './commands/migrate.ts';
import { addNightly } from './commands/nightly-flags.ts';
import { PEERS, runPeers } from './commands/peers.ts';
import { runReport } from './commands/report.ts';
import { addSaturationFlags, runSeries, type SaturationFlags } from './commands/saturation-flags.ts';
import { seedsFrom, simulateMany, simulateOne } from './commands/simulate.ts';
import { runShrink } from './commands/shrink.ts';
import { runSoak } from './commands/soak.ts';
import { KNOWN_SEEDS } from './sim/known-seeds.ts';
import { runVerify } from './commands/verify.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const printError = (line: string): void => void process.stderr.write(`${line}\n`);

function program(finish: (code: number) => void): Command {
  const stampede = new Command('stampede')
    .description('Loads a ZooKeeper, breaks it, and says what happened')
    .version(STAMPEDE_VERSION)
    .exitOverride()
    .showHelpAfterError('Say --help for what there is.')
    .configureOutput({ writeErr: (text) => process.stderr.write(text) });
  addBench(stampede, finish);
  addChaos(stampede, finish);
  addChaosMatrix(stampede, finish);
  addChaosMutants(stampede, finish);
  addShrink(stampede, finish);
  addCompare(stampede, { finish, print });
  addNightly(stampede, { finish, print });
  addMigrate(stampede, finish);
  addPeers(stampede, finish);
  addSimulate(stampede, finish);
  addMutants(stampede, finish);
  addSoak(stampede, finish);
  stampede
    .command('verify <run-directory>')
    .description('judge a stored run again')
    .option('--json', 'print the verification as JSON')
    .action(async (runDirectory: string, options: { json?: boolean }) =>
      finish(await runVerify({ runDirectory, isJson: options.json === true, print, printError })),
    );
  stampede
    .command('report <run-directory>')
    .description('draw a stored run again')
    .action(async (runDirectory: string) => finish(await runReport({ runDirectory, print, printError })));
  return stampede;
}

interface SoakFlags {
  readonly seconds: number;
  readonly p99: number;
  readonly memory: number;
}

function addSoak(stampede: Command, finish: (code: number) => void): void {
  stampede
    .command('soak')
    .description('clients that mean harm beside honest ones, who should notice little of it')
    .option('--seconds <n>', 'under attack; a quarter of it before, without', count, 60)
    .option('--p99 <factor>', 'how many times its own (5 ms at least) the honest p99 may be', count, 2)
    .option('--memory <MiB>', 'that the server may take', count, 1024)
    .argument('[attacks...]', 'all of them if none is named')
    .action(async (attacks: string[], { seconds, p99, memory }: SoakFlags) =>
      finish(await runSoak({ seconds, attacks, p99Factor: p99, memoryMaxMiB: memory, print })),
    );
}

interface BenchFlags extends LoadFlags, FaultFlags, SaturationFlags {
  readonly plan?: string;
  readonly list?: boolean;
  readonly target?: string;
  readonly servers?: string;
  readonly clients: string;
  readonly beside?: string;
}

function addBench(stampede: Command, finish: (code: number) => void): void {
  const bench = stampede
    .command('bench')
    .description('load a system, break it and mend it, verify the history, write a report')
    .option('--list', 'describe the workloads and exit')
    .option(
      '--target <target>',
      'embedded (the default), apache, compose or compose-apache (of docker-compose.yml), null, null-flush, or a ' +
        'connect string',
      once,
    )
    .option(
      '--servers <n|kind,kind>',
      'how many servers of the target, or which: ours, apache, apache@<version or jars>, each with :observer',
      once,
    )
    .option(
      '--clients <placement>',
      'where connections begin: spread over all servers, at the leader, at the followers; pinned:<n> stay there',
      'spread',
    )
    .option(
      '--beside <name[@rate]>',
      `requests to the servers' ports for operators while they are loaded: ${[...HTTP_WORKLOADS.keys()].join(', ')}`,
      once,
    )
    .option('--fault <name>', `done to the servers under load: ${[...FAULTS.keys()].join(', ')}`, once)
    .option('--plan <file|words>', PLAN_HELP, once)
    .option('--rounds <n>', 'how often (1 where the servers are ours to break, 0 for never)', wholeNumber)
    .option('--kills <n>', 'the same as --fault kill-any --rounds <n>', wholeNumber);
  addLoadFlags(bench);
  addSaturationFlags(bench);
  bench.action(async (flags: BenchFlags) => {
    if (flags.list === true) finish(listWorkloads());
    else if (HTTP_WORKLOADS.has(flags.workload)) finish(await runHttpBench(httpOptionsOf(flags)));
    else
      finish(
        await (runSeries(flags, bench, { ...asTyped(), print }) ??
          runBench({
            ...flags,
            ...loadChoiceOf(flags),
            beside: besideFrom(flags.beside),
            ...asTyped(),
          })),
      );
  });
}

function addChaos(stampede: Command, finish: (code: number) => void): void {
  const chaos = stampede
    .command('chaos')
    .description('clients use an ensemble as people do while it is broken; verify what they were told');
  addChaosFlags(chaos);
  chaos.action(async (flags: ChaosFlags) => {
    if (flags.list === true) finish(listChaos(print));
    else finish(await runChaos({ ...chaosOptionsOf(flags, chaos), ...asTyped() }));
  });
}

interface ShrinkFlags {
  readonly tries: number;
  readonly minutes: number;
  readonly out?: string;
}

function addShrink(stampede: Command, finish: (code: number) => void): void {
  stampede
    .command('shrink <run-directory>')
    .description('from a run of chaos whose history was invalid to the least that still fails, as a plan')
    .option('--tries <n>', 'of each candidate, before it counts as one that does not fail', count, 3)
    .option('--minutes <n>', 'after which the best so far has to do', positiveNumber, 30)
    .option(
      '--out <directory>',
      'where plan.yaml goes, and the run that shows it; the run directory unless told',
    )
    .action(async (runDirectory: string, { out, ...flags }: ShrinkFlags) =>
      finish(await runShrink({ ...flags, runDirectory, out: out ?? runDirectory, print })),
    );
}

interface ChaosMatrixFlags {
  readonly runs: number;
  readonly time: number;
  readonly seed?: number;
  readonly target?: string;
  readonly servers?: string;
  readonly apacheClasspath?: string;
  readonly out: string;
}

function addChaosMatrix(stampede: Command, finish: (code: number) => void): void {
  stampede
    .command('chaos-matrix')
    .description('many runs of chaos, each with another workload under another fault')
    .option('--runs <n>', 'how many; every workload has met every fault after some 500', count, 300)
    .option('--time <seconds>', 'of each run', anyNumber, 6)
    .option('--seed <n>', 'of the order and of the first run; drawn and printed if left out', wholeNumber)
    .option('--target <target>', 'embedded (the default), or apache', once)
    .option('--servers <n|kind,kind>', 'as of bench', once)
    .option('--apache-classpath <path>', "Apache ZooKeeper's jars, for apache without a version")
    .option('--out <directory>', 'where the directories of runs that did not pass are kept', 'runs')
    .action(async ({ time, out, seed = randomInt(2 ** 31), ...flags }: ChaosMatrixFlags) => {
      print(`seed ${seed}`);
      finish(
        await runChaosMatrix({
          ...flags,
          timeS: time,
          seed,
          target: flags.target,
          servers: flags.servers,
          apacheClasspath: flags.apacheClasspath,
          runsDirectory: out,
          print,
        }),
      );
    });
}

function addChaosMutants(stampede: Command, finish: (code: number) => void): void {
  stampede
    .command('chaos-mutants [ids...]')
    .description('plants bugs in copies of the server, and sees that chaos finds them')
    .option('--runs <n>', 'of each, before it is given up', count, 10)
    .option('--time <seconds>', 'of each run', anyNumber, 6)
    .option('--seed <n>', 'of the first run', wholeNumber, 1)
    .action(async (ids: readonly string[], flags: { runs: number; time: number; seed: number }) =>
      finish(await runChaosMutants({ ids, runs: flags.runs, timeS: flags.time, seed: flags.seed, print })),
    );
}

interface MigrateFlags extends LoadFlags {
  readonly from: string;
  readonly to: string;
  readonly oneWay?: boolean;
  readonly servers: number;
}

function addMigrate(stampede: Command, finish: (code: number) => void): void {
  const migrate = stampede
    .command('migrate')
    .description('replace the servers of an ensemble under load, one by one, and back; verify the history')
    .option('--from <kind>', 'what they are: ours, apache, apache@<version or jars>', 'apache')
    .option('--to <kind>', 'what takes their place, on the same data', 'ours')
    .option('--one-way', 'and not back again')
    .option('--servers <n>', 'how many', count, 3);
  addLoadFlags(migrate);
  migrate.action(async (flags: MigrateFlags) => {
    const isOneWay = flags.oneWay === true;
    finish(await runMigrate({ ...flags, isOneWay, ...loadChoiceOf(flags), ...asTyped() }));
  });
}

function asTyped(): { readonly command: readonly string[] } {
  return { command: process.argv.slice(2) };
}

interface PeersFlags {
  readonly servers: number;
  readonly peers: readonly string[];
  readonly leaderKills?: number;
  readonly rounds: number;
  readonly duration: number;
  readonly warmup: number;
  readonly depths?: readonly number[];
  readonly seed?: number;
  readonly out: string;
  readonly apacheClasspath?: string;
  readonly write?: string;
}

function addPeers(stampede: Command, finish: (code: number) => void): void {
  stampede
    .command('peers')
    .description("our server, Apache's and the machine's limit side by side, interleaved")
    .option('--rounds <n>', 'of every case on every peer', wholeNumber, 3)
    .option('--duration <seconds>', 'of each measurement', anyNumber, 5)
    .option('--warmup <seconds>', 'before each', anyNumber, 2)
    .option('--servers <n>', 'of each', count, 1)
    .option('--peers <peer,peer>', `which: ${PEERS.join(', ')}`, wordList, PEERS)
    .option(
      '--depths <n,n>',
      'operations in flight on each connection (20,100; of several servers 1,20,100)',
      numberList,
    )
    .option('--leader-kills <n>', 'of several servers: in each round, on each peer (4)', wholeNumber)
    .option('--seed <n>', 'of the order and of the load', wholeNumber)
    .option('--out <directory>', 'where the run directories go', 'runs')
    .option('--write <file>', 'gets the table as Markdown')
    .option('--apache-classpath <path>', "Apache ZooKeeper's jars")
    .action(async (flags: PeersFlags) =>
      finish(
        await runPeers({
          servers: flags.servers,
          peers: flags.peers,
          leaderKills: flags.leaderKills,
          rounds: flags.rounds,
          durationS: flags.duration,
          warmupS: flags.warmup,
          depths: flags.depths,
          seed: flags.seed ?? randomInt(2 ** 31),
          runsDirectory: flags.out,
          apacheClasspath: flags.apacheClasspath,
          output: flags.write ?? null,
          ...asTyped(),
          print,
        }),
      ),
    );
}

interface SimulateFlags {
  readonly seed?: number;
  readonly seeds?: number;
  readonly from?: number;
  readonly known?: boolean;
  readonly jobs?: number;
  readonly maxSeconds?: number;
  readonly trace?: boolean;
  readonly until?: number;
}

function addSimulate(stampede: Command, finish: (code: number) => void): void {
  stampede
    .command('simulate')
    .description('a whole ensemble in one process on virtual time, under faults, judged at every step')
    .option('--seed <n>', 'run this one', wholeNumber)
    .option('--seeds <n>', 'run so many', count)
    .option('--from <n>', 'the first of many; drawn and printed if left out', wholeNumber)
    .option('--known', 'run those that once showed a bug')
    .option('--jobs <n>', 'processes at once; one for each core if left out', count)
    .option('--max-seconds <n>', 'begin no seed after that', anyNumber)
    .option('--trace', 'with --seed: print everything that happens')
    .option('--until <event>', 'with --seed: stop there', wholeNumber)
    .action(async (flags: SimulateFlags) => finish(await simulateFrom(flags)));
}

function addMutants(stampede: Command, finish: (code: number) => void): void {
  stampede
    .command('simulate-mutants [ids...]')
    .description('plants known bugs in copies of the server, and sees that the simulation finds them')
    .option('--from <n>', 'the first seed', wholeNumber, 1)
    .option('--jobs <n>', 'processes at once; one for each core if left out', count)
    .option('--max-seconds <n>', 'give up on a mutant after that', anyNumber)
    .action(async (ids: readonly string[], flags: { from: number; jobs?: number; maxSeconds?: number }) =>
      finish(
        await runMutants({ ids, from: flags.from, jobs: flags.jobs, maxSeconds: flags.maxSeconds, print }),
      ),
    );
}

async function simulateFrom(flags: SimulateFlags): Promise<number> {
  const { seed, seeds = 100, jobs, maxSeconds, trace: isTraced = false, until: untilEvent } = flags;
  if (seed !== undefined) return simulateOne({ seed, isTraced, untilEvent, print, printError });
  const isTerminal = process.stderr.isTTY;
  if (flags.known === true) {
    print(`${KNOWN_SEEDS.size} seeds that once showed a bug`);
    return simulateMany({ seeds: KNOWN_SEEDS.keys(), jobs, maxSeconds, isTerminal, print, printError });
  }
  const from = flags.from ?? randomInt(2 ** 31);
  print(`seeds ${from} to ${from + seeds - 1}`);
  return simulateMany({ seeds: seedsFrom(from, seeds), jobs, maxSeconds, isTerminal, print, printError });
}

function httpOptionsOf(flags: BenchFlags): HttpBenchOptions {
  return {
    workload: httpWorkloadWith(flags.workload, flags),
    seed: flags.seed ?? randomInt(2 ** 31),
    target: flags.target,
    servers: flags.servers,
    apacheClasspath: flags.apacheClasspath,
    config: configFrom(flags.set),
    runsDirectory: flags.out,
    ...asTyped(),
  };
}

function listWorkloads(): number {
  for (const { name, doc } of [...WORKLOADS.values(), ...HTTP_WORKLOADS.values()])
    print(`${name.padEnd(16)}${doc}`);
  return ExitCode.passed;
}

function ignoreEpipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

function exitCodeFor(error: unknown): number {
  // Commander has printed what was wrong, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.passed : ExitCode.usage;
  if (error instanceof UsageError || error instanceof WorkloadError) {
    printError(error.message);
    return ExitCode.usage;
  }
  printError(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return ExitCode.internalError;
}

// Who reads the output may leave, as `| head` does: what was asked for is still done, and the report still written.
for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreEpipe);

let exitCode: number = ExitCode.internalError;
try {
  await program((code) => {
    exitCode = code;
  }).parseAsync(process.argv);
} catch (error) {
  exitCode = exitCodeFor(error);
}
process.exitCode = exitCode;
