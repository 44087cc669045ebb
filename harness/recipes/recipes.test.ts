import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { createEmbedded } from '../ensemble/embedded.ts';
import { leaderOf } from '../ensemble/ensemble.ts';
import { waitUntil } from '../ensemble/wait-until.ts';
import { monotonicClock } from '../load/load-clock.ts';
import { committedHistory } from '../transcript/committed-history.ts';
import { happeningsIn } from '../transcript/happenings.ts';
import { judgeTranscript } from '../transcript/judge-transcript.ts';
import { readServerLog } from '../transcript/server-log.ts';
import { readTranscript } from '../transcript/transcript-reader.ts';
import type { Recipe } from './recipe.ts';
import { RECIPES } from './recipes.ts';
import { startRecipe } from './run-recipe.ts';

const STEPS_MIN = 150;
const TIMEOUT_MS = 60_000;

/** The recipe on three servers, whose leader is killed in the middle of it. */
async function played(t: Test, recipe: Recipe) {
  const directory = t.testdir({ servers: {} });
  const ensemble = await createEmbedded({
    directory: join(directory, 'servers'),
    serverCount: 3,
    config: { tickTime: '200' },
  });
  t.teardown(() => ensemble.stop());
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
  const until = (steps: number) =>
    waitUntil(async () => running.steps() >= steps, { timeoutMs: TIMEOUT_MS, everyMs: 10 });
  t.equal(await until(STEPS_MIN / 2), 'met');
  const leader = leaderOf(await ensemble.roles()) ?? 1;
  await ensemble.kill(leader);
  t.equal(await until(STEPS_MIN), 'met');
  await ensemble.restart(leader);
  stop.abort();
  await running.stopped;
  t.equal(await running.conclude(), true);
  await ensemble.stop();
  const { records, isWhole } = readTranscript(transcript);
  const logs = await Promise.all(ensemble.servers.map(({ id, dataDir }) => readServerLog(id, dataDir)));
  return { happenings: happeningsIn(records), isWhole, committed: committedHistory(logs), root };
}

for (const recipe of RECIPES.values()) {
  await t.test(`${recipe.name}: a right ensemble keeps its promises when its leader is killed`, async (t) => {
    const run = await played(t, recipe);
    for (const result of [judgeTranscript(run), recipe.check(run)]) {
      t.same(result.anomalies, []);
      t.equal(result.verdict, 'valid');
      t.ok(result.opsChecked >= STEPS_MIN / 2, `${result.name} has looked at ${result.opsChecked}`);
    }
  });
}
