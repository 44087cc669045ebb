import { readFileSync } from 'node:fs';
import { startServer, type EmbeddedServer } from '../embedding/index.ts';
import { Attackers } from '../soak/attackers.ts';
import { ATTACKS } from '../soak/attacks/index.ts';
import { HonestLoad, type HonestResult } from '../soak/honest-load.ts';
import { ExitCode, UsageError } from './exit-code.ts';

/** Of the honest load: what leaves the machine idle most of the time. */
const RATE_PER_S = 300;
const CONFIG = { maxClientCnxns: '0' };
/** Of each attack before it counts, s: its processes start, and the server meets for the first time what it is sent. */
const LEAD_S = 2;
/** Below this a latency says more of the machine than of the server. */
const P99_FLOOR_MS = 5;

export interface SoakOptions {
  readonly seconds: number;
  /** Names of attacks; all of them if it is empty. */
  readonly attacks: readonly string[];
  /** How many times its own the honest p99 may be under attack. */
  readonly p99Factor: number;
  /** Of the server's memory under attack, MiB. */
  readonly memoryMaxMiB: number;
  readonly print: (line: string) => void;
}

/**
 * `soak`: an honest load alone, then while clients that mean harm attack another server on the same machine, then while
 * they attack this one. The first two tell what it costs that the machine has other things to do, the last two what the
 * attacks do to the server. 99 if the honest p99 grows by more than a factor from the second to the third, if an honest
 * operation fails or is lost, or if the server takes more memory than it may.
 */
export async function runSoak(options: SoakOptions): Promise<ExitCode> {
  const { seconds, attacks, print } = options;
  const unknown = attacks.find((name) => !ATTACKS.some((attack) => attack.name === name));
  if (unknown !== undefined) {
    const known = ATTACKS.map(({ name, doc }) => `  ${name}: ${doc}`).join('\n');
    throw new UsageError(`There is no attack ${unknown}. There are:\n${known}`);
  }
  const names = attacks.length > 0 ? attacks : ATTACKS.map(({ name }) => name);
  const server = await startServer({ config: CONFIG });
  try {
    return await soak(server, names, options);
  } finally {
    await server.stop();
    print(`${seconds} s of ${names.join(', ')}`);
  }
}

/** What the honest load is like while somebody else is attacked. */
async function besideAnother(
  honest: HonestLoad,
  names: readonly string[],
  seconds: number,
): Promise<HonestResult> {
  const other = await startServer({ config: CONFIG });
  const attackers = new Attackers(other.port, names);
  try {
    await honest.run(LEAD_S);
    return await honest.run(seconds);
  } finally {
    attackers.kill();
    await other.stop();
  }
}

async function soak(
  server: EmbeddedServer,
  names: readonly string[],
  { seconds, p99Factor, memoryMaxMiB, print }: SoakOptions,
): Promise<ExitCode> {
  const honest = await HonestLoad.start(server.connectString, RATE_PER_S);
  await honest.run(2);
  const alone = await honest.run(Math.max(2, seconds / 4));
  const memoryBefore = memoryMiB(server);
  print(`alone      p50 ${format(alone.p50)}  p99 ${format(alone.p99)}  ${memoryBefore} MiB`);
  const baseline = await besideAnother(honest, names, Math.max(2, seconds / 2));
  print(`beside     p50 ${format(baseline.p50)}  p99 ${format(baseline.p99)}  another server is attacked`);

  let memoryMost = memoryBefore;
  const watching = setInterval(() => (memoryMost = Math.max(memoryMost, memoryMiB(server))), 250);
  const attackers = new Attackers(server.port, names);
  let lead;
  let beside;
  let counts;
  try {
    lead = await honest.run(LEAD_S);
    beside = await honest.run(seconds);
    counts = await attackers.end();
  } finally {
    clearInterval(watching);
    attackers.kill();
  }
  print(`beginning  p50 ${format(lead.p50)}  p99 ${format(lead.p99)}  of the attack`);
  print(`attacked   p50 ${format(beside.p50)}  p99 ${format(beside.p99)}  ${memoryMost} MiB at most`);
  print([...counts].map(([name, n]) => `${name} ${n}`).join(' · '));

  const lost = await honest.lost();
  await honest.stop();
  const faults = [...lost];
  const failures = lead.failures + beside.failures;
  if (failures > 0) faults.push(`${failures} honest operations failed`);
  const p99Max = p99Factor * Math.max(baseline.p99, P99_FLOOR_MS);
  if (beside.p99 > p99Max) faults.push(`the honest p99 is above ${format(p99Max)}`);
  if (memoryMost > memoryMaxMiB) faults.push(`the server has taken ${memoryMost} MiB of ${memoryMaxMiB}`);
  for (const fault of faults) print(`FAULT: ${fault}`);
  return faults.length === 0 ? ExitCode.passed : ExitCode.thresholdMissed;
}

/** Resident, of the server's process; 0 where the platform does not tell. */
function memoryMiB({ pid }: EmbeddedServer): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}

function format(ms: number): string {
  return `${ms.toFixed(2)} ms`;
}
