import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Prng } from '../../../server/base/prng.ts';
import { createEnsemble } from '../../ensemble/create-ensemble.ts';
import { leaderOf } from '../../ensemble/ensemble.ts';
import type { ServerProgram } from '../../ensemble/server-program.ts';
import { waitUntil } from '../../ensemble/wait-until.ts';
import { monotonicClock } from '../../load/load-clock.ts';
import { committedHistory } from '../../transcript/committed-history.ts';
import { happeningsIn } from '../../transcript/happenings.ts';
import type { Evidence } from '../../transcript/judge-transcript.ts';
import { readServerLog } from '../../transcript/server-log.ts';
import { readTranscript } from '../../transcript/transcript-reader.ts';
import type { Recipe, RecipeRun } from '../recipe.ts';
import { startRecipe } from '../run-recipe.ts';

/** Of all participants together. */
export const STEPS_MIN = 150;
const TIMEOUT_MS = 60_000;

/**
 * The recipe on three servers, whose leader is killed in the middle of it.
 *
 * `directory`: an empty one. `teardown`: takes what ends the servers if this does not come to its end.
 * @throws Error when nobody takes a step any more.
 */
export async function playRecipe(
  recipe: Recipe,
  program: ServerProgram,
  {
    directory,
    teardown,
  }: { readonly directory: string; readonly teardown: (end: () => Promise<void>) => void },
): Promise<Evidence & RecipeRun> {
  const servers = join(directory, 'servers');
  mkdirSync(servers);
  const ensemble = await createEnsemble({
    directory: servers,
    servers: [{ program }, { program }, { program }],
    config: { tickTime: '200' },
  });
  teardown(() => ensemble.stop());
  await ensemble.start();
  const transcript = join(directory, 'recipe.transcript');
  const root = `/${recipe.name}`;
  const stop = new AbortController();
  const running = await startRecipe({
    recipe,
    connectStrings: [ensemble.connectString, ...ensemble.servers.map(({ clientAddress }) => clientAddress)],
    sessionTimeoutMs: 1500,
    root,
    participants: recipe.participants,
    rate: 4 * recipe.rate,
    prng: new Prng(1),
    clock: monotonicClock(process.hrtime.bigint()),
    transcript,
    signal: stop.signal,
    concludeTimeoutMs: TIMEOUT_MS,
  });
  const until = async (steps: number): Promise<void> => {
    const end = await waitUntil(async () => running.tally.steps >= steps, {
      timeoutMs: TIMEOUT_MS,
      everyMs: 10,
    });
    if (end !== 'met') throw new Error(`${running.tally.steps} steps of ${steps} after ${TIMEOUT_MS} ms`);
  };
  await until(STEPS_MIN / 2);
  const leader = leaderOf(await ensemble.roles()) ?? 1;
  await ensemble.kill(leader);
  await until(STEPS_MIN);
  await ensemble.restart(leader);
  stop.abort();
  await running.stopped;
  if (!(await running.conclude())) throw new Error(`what is left could not be read in ${TIMEOUT_MS} ms`);
  await ensemble.stop();
  const { records, isWhole } = readTranscript(transcript);
  const logs = await Promise.all(ensemble.servers.map(({ id, dataDir }) => readServerLog(id, dataDir)));
  return {
    happenings: happeningsIn(records),
    isWhole,
    committed: committedHistory(logs),
    hasApacheServers: program.name.startsWith('apache'),
    root,
  };
}
