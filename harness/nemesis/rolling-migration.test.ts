import t from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { createEnsemble } from '../ensemble/create-ensemble.ts';
import type { ServerProgram } from '../ensemble/server-program.ts';
import { actor } from '../ensemble/testing/actor.ts';
import type { LoadControl } from '../load/run-load.ts';
import type { FaultRound } from './fault.ts';
import { runRollingMigration } from './rolling-migration.ts';

const ROLES = ['follower', 'leader', 'follower'] as const;
const old = actor('old', ...ROLES);
const young = actor('young', ...ROLES);
const broken: ServerProgram = {
  name: 'broken',
  commandLine: () => ({
    command: process.execPath,
    args: ['-e', `console.log('what is this data?'); process.exit(1)`],
  }),
};

/** From `old` to each of these; `onNote` is told of each line. */
async function migrated(
  directory: string,
  programs: readonly ServerProgram[],
  onNote: (abort: () => void) => void = () => {},
) {
  const servers = ROLES.map(() => ({ program: old }));
  const ensemble = await createEnsemble({ directory, servers });
  const abort = new AbortController();
  const rounds: FaultRound[] = [];
  const notes: string[] = [];
  const load: LoadControl = {
    nowMs: () => performance.now(),
    enterPhase: async () => {},
    hasAcknowledged: () => true,
    signal: abort.signal,
  };
  let failure: unknown = null;
  try {
    await ensemble.start();
    await runRollingMigration(load, {
      ensemble,
      programs,
      silenceLimitMs: 10,
      settleMs: 1,
      prng: new Prng(1),
      note(line) {
        notes.push(line);
        onNote(() => abort.abort());
      },
      onRound: (round) => rounds.push(round),
    });
  } catch (error) {
    failure = error;
  } finally {
    await ensemble.stop();
  }
  return { rounds, notes, failure, programs: ensemble.servers.map(({ program }) => program) };
}

await t.test('there and back, one by one, and the leader last', async (t) => {
  const { rounds, notes, failure, programs } = await migrated(t.testdir(), [young, old]);
  t.equal(failure, null);
  t.same(
    rounds.map(({ label }) => label),
    [
      'server 1: old → young',
      'server 3: old → young',
      'server 2: old → young',
      'server 1: young → old',
      'server 3: young → old',
      'server 2: young → old',
    ],
  );
  t.ok(rounds.every((round) => round.effect === 'replaced' && round.rejoinedAtMs !== null));
  t.same(
    notes.filter((line) => line.startsWith('every')),
    ['every server is young', 'every server is old'],
  );
  t.same(programs, ['old', 'old', 'old']);
});

await t.test('a program that does not come up on the data ends it, with its own words', async (t) => {
  const { rounds, failure, programs } = await migrated(t.testdir(), [broken]);
  t.match(failure, {
    message: /^server 1 \(broken\) exited while it was starting; .*\nwhat is this data\?$/s,
  });
  t.match(rounds, [{ label: 'server 1: old → broken', rejoinedAtMs: null }]);
  t.same(programs, ['broken', 'old', 'old'], 'and no other server is touched');
});

await t.test('it ends when the run does', async (t) => {
  const { rounds, failure } = await migrated(t.testdir(), [young, old], (abort) => abort());
  t.equal(failure, null);
  t.equal(rounds.length, 1);
});
