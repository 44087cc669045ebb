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
import { type FlushFault, VolatileDisk } from '../nemesis/volatile-disk.ts';
import { killAny } from '../nemesis/kill-any.ts';
import { runFaultPlan } from '../nemesis/fault-plan.ts';
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
  fault: FlushFault | null,
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
  const disk = new VolatileDisk(join(run.path, 'account'), fault);
  const ensemble = await createEmbedded({
    directory: run.serversDirectory,
    nodeFlags: disk.nodeFlags,
    env: disk.env,
  });
  t.teardown(() => ensemble.stop());
  await ensemble.start();
  const kill = ensemble.kill.bind(ensemble);
  ensemble.kill = async (id) => {
    await kill(id);
    disk.lose();
  };
  await runLoad({
    workload: WORKLOAD,
    connectString: ensemble.connectString,
    seed: 1,
    run,
    during: (load) =>
      runFaultPlan(load, {
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

for (const fault of ['skipped', 'not-awaited'] as const) {
  await t.test(`a server whose flush is ${fault} is found invalid after a power cut`, async (t) => {
    const { exitCode, verification } = await judgedAfterPowerCut(t, fault);
    t.equal(exitCode, 100);
    const durability = verification.checkers.find(({ name }) => name === 'durability');
    t.equal(durability?.verdict, 'invalid', 'for what was acknowledged and is gone');
  });
}
