import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { findWorkload } from '../../workloads/index.ts';
import { createEmbedded } from '../ensemble/embedded.ts';
import { environmentOf } from '../history/environment.ts';
import { createRunDirectory, writeRunFile } from '../history/run-directory.ts';
import type { Verification } from '../history/verification.ts';
import { overrideWorkload } from '../load/override-workload.ts';
import { runLoad } from '../load/run-load.ts';
import { undoUnflushed } from '../nemesis/control/account.ts';
import { ServerControls } from '../nemesis/control/server-controls.ts';
import { type FlushLie, imposeVolatileDisk } from '../nemesis/control/volatile-disk.ts';
import { killAny } from '../nemesis/faults/kill-any.ts';
import { runFaultRounds } from '../nemesis/fault-rounds.ts';
import { runVerify } from './verify.ts';

const WORKLOAD = overrideWorkload(findWorkload('write-heavy'), [
  'durationS=1',
  'warmupS=0',
  'connections=4',
  'depth=8',
  'keys.count=50',
]);

/** What the bench does, with a power cut in the place of its kill: what was not flushed is gone as well. */
async function judgedAfterPowerCut(
  t: Test,
  lie: FlushLie | null,
): Promise<{ exitCode: number; verification: Verification }> {
  const parent = t.testdir();
  const run = createRunDirectory({ parent, workload: WORKLOAD.name, now: new Date() });
  writeRunFile(run, {
    schema: 'stampede.run/1',
    toolVersion: '0.1.0',
    command: ['bench'],
    workload: WORKLOAD.name,
    config: {},
    seed: 1,
    environment: await environmentOf({ runDirectory: run.path, projectDirectory: parent }),
    started: { wall: new Date(0).toISOString(), monotonicNs: '0' },
    verification: { acknowledgedOpsMin: 100, expectsFinalReads: true },
  });
  const account = join(run.path, 'account');
  const controls = await ServerControls.open();
  const ensemble = await createEmbedded({ directory: run.serversDirectory, ...controls.start(1) });
  t.teardown(async () => {
    await ensemble.stop();
    controls.close();
  });
  await imposeVolatileDisk(controls.server(1), account, lie);
  await ensemble.start();
  const kill = ensemble.kill.bind(ensemble);
  ensemble.kill = async (id) => {
    await kill(id);
    undoUnflushed(account);
  };
  await runLoad({
    workload: WORKLOAD,
    connectString: ensemble.connectString,
    seed: 1,
    run,
    during: (load) =>
      runFaultRounds(load, {
        ensemble,
        fault: killAny,
        rounds: 1,
        silenceLimitMs: 0,
        durationMs: WORKLOAD.durationS * 1000,
        prng: new Prng(1),
        note: () => {},
        onRound: () => {},
      }),
  });
  let printed = '';
  const exitCode = await runVerify({
    runDirectory: run.path,
    isJson: true,
    print: (line) => (printed = line),
    printError: (line) => t.fail(line),
  });
  return { exitCode, verification: JSON.parse(printed) as Verification };
}

await t.test('a server that flushes before it answers is found valid after a power cut', async (t) => {
  t.equal((await judgedAfterPowerCut(t, null)).exitCode, 0);
});

for (const lie of ['skipped', 'late'] as const) {
  await t.test(`a server whose flush is ${lie} is found invalid after a power cut`, async (t) => {
    const { exitCode, verification } = await judgedAfterPowerCut(t, lie);
    t.equal(exitCode, 100);
    const durability = verification.checkers.find(({ name }) => name === 'durability');
    t.equal(durability?.verdict, 'invalid', 'for what was acknowledged and is gone');
  });
}
