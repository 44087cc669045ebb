import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Prng } from '../../server/base/prng.ts';
import { judgeHistory } from '../checkers/judge.ts';
import { environmentOf } from '../history/environment.ts';
import { readHistory } from '../history/history-reader.ts';
import { ALL } from '../history/report-schema.ts';
import { createRunDirectory, historyFiles } from '../history/run-directory.ts';
import { runLoad } from '../load/run-load.ts';
import { parseWorkload, type Workload } from '../load/workload.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { systemFailure } from './load-run.ts';
import { killLeaderOf } from './peers-leader-kills.ts';
import { peersMarkdown, type PeersFigures, type PeersTable } from './peers-table.ts';
import { planTarget, type Target, type TargetPlan } from './target.ts';

export interface PeersOptions {
  /** Of each peer. */
  readonly servers: number;
  /** Of `PEERS`, which are held against the limit. */
  readonly peers: readonly string[];
  readonly rounds: number;
  readonly durationS: number;
  readonly warmupS: number;
  /** Operations in flight on each connection; undefined for the usual ones. */
  readonly depths: readonly number[] | undefined;
  /** How often each peer's leader is killed in each round. */
  readonly leaderKills: number | undefined;
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

export const PEERS = ['embedded', 'apache'] as const;
/**
 * What each kind of operation is held against. Writes: a process, or several, that flush each batch before they answer
 * constants. Reads: what only answers.
 */
const LIMIT_OF = { write: 'null-flush', read: 'null' } as const;
const CONNECTIONS_ALONE = 20;
const CONNECTIONS_EACH = 7;
const DEPTHS = { alone: [20, 100], ensemble: [1, 20, 100] } as const;
const LEADER_KILLS = 4;
const VALUE_BYTES = 1024;
const KEYS = 10_000;

/**
 * Our server, Apache's and the machine's limit side by side: all of them started once, the cases measured in
 * rounds, the peers of each case in an order drawn anew. Only ratios within one such run mean anything.
 */
export async function runPeers(options: PeersOptions): Promise<number> {
  const plans = plansOf(options);
  const directory = createRunDirectory({
    parent: options.runsDirectory,
    workload: 'peers',
    now: new Date(),
  }).path;
  const targets = new Map<string, Target>();
  for (const plan of plans) {
    const servers = join(directory, plan.name);
    mkdirSync(servers);
    targets.set(plan.name, await plan.create(servers));
  }
  let exitCode: number | null = null;
  try {
    for (const { ensemble } of targets.values()) {
      ensemble.onWaiting(options.print);
      await ensemble.start();
    }
    exitCode = await new Comparison(options, directory, targets).run();
    return exitCode;
  } catch (error) {
    return systemFailure(error);
  } finally {
    for (const { ensemble } of targets.values()) {
      await ensemble.stop();
      // Gigabytes, which nobody asks for once every history was valid.
      if (exitCode === ExitCode.passed) for (const { dataDir } of ensemble.servers) removeAll(dataDir);
    }
  }
}

function removeAll(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

/** @throws UsageError for a peer there is not. */
function plansOf({ servers, peers, apacheClasspath }: PeersOptions): TargetPlan[] {
  const known: readonly string[] = PEERS;
  const unknown = peers.find((peer) => !known.includes(peer));
  if (unknown !== undefined) {
    throw new UsageError(
      `--peers ${peers.join(',')}: "${unknown}" is no peer; give some of ${PEERS.join(', ')}`,
    );
  }
  return [...peers, LIMIT_OF.write, LIMIT_OF.read].map((name) =>
    planTarget({ name, servers: String(servers), config: {}, apacheClasspath }),
  );
}

class Comparison {
  readonly #options: PeersOptions;
  readonly #directory: string;
  readonly #targets: ReadonlyMap<string, Target>;
  readonly #prng: Prng;
  readonly #table: PeersTable = new Map();
  readonly #gapsMs: PeersFigures = new Map();
  readonly #invalid: string[] = [];

  constructor(options: PeersOptions, directory: string, targets: ReadonlyMap<string, Target>) {
    this.#options = options;
    this.#directory = directory;
    this.#targets = targets;
    this.#prng = new Prng(options.seed);
  }

  async run(): Promise<number> {
    const { rounds, peers, servers, depths, leaderKills = LEADER_KILLS, output, print } = this.#options;
    const cases = (depths ?? DEPTHS[servers === 1 ? 'alone' : 'ensemble']).flatMap((depth): Case[] => [
      { op: 'write', depth },
      { op: 'read', depth },
    ]);
    for (let round = 1; round <= rounds; round++) {
      for (const one of cases) {
        const all = [...peers, LIMIT_OF[one.op]];
        for (const peer of this.#prng.shuffled(all)) await this.#measure(round, peer, one);
      }
      if (servers === 1 || leaderKills === 0) continue;
      for (const peer of this.#prng.shuffled(peers)) await this.#killLeaders(round, peer, leaderKills);
    }
    const environment = await environmentOf({
      runDirectory: this.#directory,
      projectDirectory: process.cwd(),
    });
    const markdown = peersMarkdown(this.#table, this.#gapsMs, {
      ...this.#options,
      connections: this.#connections,
      valueBytes: VALUE_BYTES,
      environment,
    });
    print(`\n${markdown}`);
    if (output !== null) writeFileSync(output, markdown);
    for (const line of this.#invalid) print(`NOT VALID: ${line}`);
    return this.#invalid.length === 0 ? ExitCode.passed : ExitCode.historyInvalid;
  }

  async #measure(round: number, peer: string, one: Case): Promise<void> {
    const label = `${one.op} × ${one.depth}`;
    const target = this.#target(peer);
    const run = createRunDirectory({ parent: this.#directory, workload: peer, now: new Date() });
    const result = await runLoad({
      workload: this.#workloadOf(one),
      connectString: target.ensemble.connectString,
      seed: this.#options.seed,
      run,
    });
    const { opsPerSecond } = result.totals.find(({ op, phase }) => op === ALL && phase === ALL) ?? {};
    const figure = opsPerSecond ?? 0;
    const verdict = target.isReal
      ? judgeHistory(readHistory(historyFiles(run)), { expectsFinalReads: true }).verdict
      : 'constants';
    this.#tell({ round, label, peer, figure: `${formatRate(figure)} ops/s`, verdict });
    if (!isBad(verdict)) removeAll(run.historyDirectory);
    const row = this.#table.get(label) ?? new Map<string, number[]>();
    this.#table.set(label, row);
    row.set(peer, [...(row.get(peer) ?? []), figure]);
  }

  async #killLeaders(round: number, peer: string, kills: number): Promise<void> {
    const run = createRunDirectory({ parent: this.#directory, workload: `${peer}-kills`, now: new Date() });
    const { gapsMs, verdict } = await killLeaderOf(this.#target(peer).ensemble, {
      kills,
      run,
      connections: this.#connections,
      seed: this.#options.seed + round,
    });
    this.#gapsMs.set(peer, [...(this.#gapsMs.get(peer) ?? []), ...gapsMs]);
    const figure = `${gapsMs.map((gap) => Math.round(gap)).join(', ')} ms without a write`;
    this.#tell({ round, label: 'leader kill', peer, figure, verdict });
  }

  #tell(line: {
    readonly round: number;
    readonly label: string;
    readonly peer: string;
    readonly figure: string;
    readonly verdict: string;
  }): void {
    const { round, label, peer, figure, verdict } = line;
    this.#options.print(`round ${round}  ${label.padEnd(12)} ${peer.padEnd(10)} ${figure}  ${verdict}`);
    if (isBad(verdict)) this.#invalid.push(`${label} on ${peer}: ${verdict}`);
  }

  get #connections(): number {
    const { servers } = this.#options;
    return servers === 1 ? CONNECTIONS_ALONE : CONNECTIONS_EACH * servers;
  }

  #target(peer: string): Target {
    const target = this.#targets.get(peer);
    if (target === undefined) throw new Error(`no target ${peer}`);
    return target;
  }

  #workloadOf({ op, depth }: Case): Workload {
    const { durationS, warmupS } = this.#options;
    const mix = { [op]: 1 };
    const load = { connections: this.#connections, depth, durationS, warmupS };
    const keys = { count: KEYS };
    return parseWorkload({ name: `peers-${op}`, mix, keys, valueSize: VALUE_BYTES, ...load }, 'peers');
  }
}

function isBad(verdict: string): boolean {
  return verdict === 'invalid' || verdict === 'unknown';
}

function formatRate(opsPerSecond: number): string {
  return Math.round(opsPerSecond).toLocaleString('en').padStart(9);
}
