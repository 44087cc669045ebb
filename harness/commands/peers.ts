import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Prng } from '../../server/base/prng.ts';
import { judgeHistory } from '../checkers/judge.ts';
import { readHistory } from '../history/history-reader.ts';
import { createRunDirectory, historyFiles } from '../history/run-directory.ts';
import { ALL } from '../history/report-schema.ts';
import { runLoad } from '../load/run-load.ts';
import { parseWorkload, type Workload } from '../load/workload.ts';
import { environmentOf } from '../history/environment.ts';
import { ExitCode } from './exit-code.ts';
import { peersMarkdown, type PeersTable } from './peers-table.ts';
import { planTarget, type Target } from './target.ts';

export interface PeersOptions {
  readonly rounds: number;
  readonly durationS: number;
  readonly warmupS: number;
  readonly depths: readonly number[];
  readonly seed: number;
  readonly runsDirectory: string;
  readonly apacheClasspath?: string | undefined;
  /** Gets the table as Markdown; null for none. */
  readonly output: string | null;
  readonly command: readonly string[];
  readonly print: (line: string) => void;
}

/** One thing that is measured: on every peer in turn. */
interface Case {
  readonly op: 'write' | 'read';
  readonly depth: number;
}

/**
 * What each kind of operation is held against. Writes: a process that flushes each batch before it answers
 * constants. Reads: one that only answers.
 */
const LIMIT_OF = { write: 'null-flush', read: 'null' } as const;
const CONNECTIONS = 20;
const VALUE_BYTES = 1024;
const KEYS = 10_000;

/**
 * Our server, Apache's and the machine's limit side by side: all of them started once, the cases measured in
 * rounds, the peers of each case in an order drawn anew. Only ratios within one such run mean anything.
 */
export async function runPeers(options: PeersOptions): Promise<number> {
  const { apacheClasspath } = options;
  const plans = ['embedded', 'apache', 'null-flush', 'null'].map(
    (name) => [name, planTarget({ name, config: {}, apacheClasspath })] as const,
  );
  const directory = createRunDirectory({
    parent: options.runsDirectory,
    workload: 'peers',
    now: new Date(),
  }).path;
  const targets = new Map<string, Target>();
  for (const [name, plan] of plans) {
    const servers = join(directory, name);
    mkdirSync(servers);
    targets.set(name, await plan.create(servers));
  }
  try {
    for (const target of targets.values()) await target.ensemble.start();
    return await measureAll(options, directory, targets);
  } finally {
    for (const target of targets.values()) await target.ensemble.stop();
  }
}

async function measureAll(
  options: PeersOptions,
  directory: string,
  targets: ReadonlyMap<string, Target>,
): Promise<number> {
  const prng = new Prng(options.seed);
  const cases = options.depths.flatMap((depth): Case[] => [
    { op: 'write', depth },
    { op: 'read', depth },
  ]);
  const table: PeersTable = new Map();
  const invalid: string[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    for (const one of cases) {
      for (const peer of prng.shuffled(['embedded', 'apache', LIMIT_OF[one.op]])) {
        const target = targets.get(peer) as Target;
        const { opsPerSecond, verdict } = await measure(options, { directory, peer, target, one });
        const label = `${one.op} × ${one.depth}`;
        options.print(
          `round ${round}  ${label.padEnd(12)} ${peer.padEnd(10)} ${formatRate(opsPerSecond)} ops/s  ${verdict}`,
        );
        if (verdict === 'invalid' || verdict === 'unknown') invalid.push(`${label} on ${peer}: ${verdict}`);
        add(table, label, peer, opsPerSecond);
      }
    }
  }
  const environment = await environmentOf({ runDirectory: directory, projectDirectory: process.cwd() });
  const markdown = peersMarkdown(table, {
    ...options,
    connections: CONNECTIONS,
    valueBytes: VALUE_BYTES,
    environment,
  });
  options.print(`\n${markdown}`);
  if (options.output !== null) writeFileSync(options.output, markdown);
  for (const line of invalid) options.print(`NOT VALID: ${line}`);
  return invalid.length === 0 ? ExitCode.passed : ExitCode.historyInvalid;
}

function add(table: PeersTable, label: string, peer: string, opsPerSecond: number): void {
  const row = table.get(label) ?? new Map<string, number[]>();
  table.set(label, row);
  row.set(peer, [...(row.get(peer) ?? []), opsPerSecond]);
}

async function measure(
  options: PeersOptions,
  { directory, peer, target, one }: { directory: string; peer: string; target: Target; one: Case },
): Promise<{ opsPerSecond: number; verdict: string }> {
  const run = createRunDirectory({ parent: directory, workload: peer, now: new Date() });
  const result = await runLoad({
    workload: workloadOf(one, options),
    connectString: target.ensemble.connectString,
    seed: options.seed,
    run,
  });
  const totals = result.totals.find(({ op, phase }) => op === ALL && phase === ALL);
  const verdict = target.isReal
    ? judgeHistory(readHistory(historyFiles(run)), { expectsFinalReads: true }).verdict
    : 'constants';
  return { opsPerSecond: totals?.opsPerSecond ?? 0, verdict };
}

function workloadOf({ op, depth }: Case, { durationS, warmupS }: PeersOptions): Workload {
  return parseWorkload(
    {
      name: `peers-${op}`,
      mix: { [op]: 1 },
      keys: { count: KEYS },
      valueSize: VALUE_BYTES,
      connections: CONNECTIONS,
      depth,
      durationS,
      warmupS,
    },
    'peers',
  );
}

function formatRate(opsPerSecond: number): string {
  return Math.round(opsPerSecond).toLocaleString('en').padStart(9);
}
