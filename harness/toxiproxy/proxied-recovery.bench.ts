import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apacheProgram, SMALL_JVM_FLAGS } from '../ensemble/apache.ts';
import { createEnsemble } from '../ensemble/create-ensemble.ts';
import { stampedeProgram } from '../ensemble/embedded.ts';
import { type Ensemble, leaderOf } from '../ensemble/ensemble.ts';
import { findApache } from '../ensemble/find-apache.ts';
import type { ServerProgram } from '../ensemble/server-program.ts';
import { waitUntil } from '../ensemble/wait-until.ts';
import { ToxiproxyClient } from './client.ts';
import { ProxiedNetwork } from './proxied-network.ts';
import { startEmbedded } from './start-embedded.ts';

/**
 * How long three servers are without a leader when theirs is killed: on direct links, through our proxies, and through
 * ours in stock mode. `node dist/harness/toxiproxy/proxied-recovery.bench.js [ours|apache] [rounds]`.
 */
const ELECTION_MAX_MS = 90_000;
const EVERY_MS = 20;

const [which = 'ours', rounds = '4'] = process.argv.slice(2);
const program = programOf(which);
for (const way of ['direct', 'proxied', 'stock'] as const) {
  console.log(`${program.name}, ${way}: ${(await recoveriesMs(way)).join(', ')} ms until another leads`);
}

function programOf(name: string): ServerProgram {
  if (name !== 'apache') return stampedeProgram();
  const search = findApache();
  if (!search.found) throw new Error(search.why);
  return apacheProgram(search.apache, SMALL_JVM_FLAGS);
}

async function recoveriesMs(way: 'direct' | 'proxied' | 'stock'): Promise<number[]> {
  const directory = mkdtempSync(join(tmpdir(), 'stampede-bench-'));
  const toxiproxy = way === 'direct' ? null : await startEmbedded({ isStock: way === 'stock' });
  const network = toxiproxy === null ? null : new ProxiedNetwork(new ToxiproxyClient(toxiproxy.url));
  const servers = [{ program }, { program }, { program }];
  const ensemble = await createEnsemble({ directory, servers, through: network?.router });
  const recoveries: number[] = [];
  try {
    await ensemble.start();
    for (let round = 0; round < Number(rounds); round++) recoveries.push(await recoveryMs(ensemble));
    return recoveries;
  } finally {
    await ensemble.stop();
    await toxiproxy?.stop();
    rmSync(directory, { recursive: true });
  }
}

async function recoveryMs(ensemble: Ensemble): Promise<number> {
  const leader = leaderOf(await ensemble.roles());
  if (leader === null) throw new Error('nobody leads');
  const startedMs = performance.now();
  await ensemble.kill(leader);
  const anotherLeads = async (): Promise<boolean> => {
    const another = leaderOf(await ensemble.roles());
    return another !== null && another !== leader;
  };
  await waitUntil(anotherLeads, { timeoutMs: ELECTION_MAX_MS, everyMs: EVERY_MS });
  const tookMs = Math.round(performance.now() - startedMs);
  await ensemble.restart(leader);
  return tookMs;
}
