import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { DockerStandIn, type Missing } from '../ensemble/testing/docker-stand-in.ts';
import { CONFIG_FOR } from '../http/http-workload.ts';
import { UsageError } from './exit-code.ts';
import { chooseFault } from './fault-choice.ts';
import { planTarget, type TargetOptions, type TargetPlan } from './target.ts';
import { BenchRun } from './testing/bench-run.ts';
import { isRunning } from './testing/command-run.ts';

/*
 * What is behind the docker command is a stand-in (see `compose-ensemble.test.ts`); the servers, the load, the kill and the
 * verdict are real.
 */

function standIn(t: Test, missing?: Missing) {
  const directory = t.testdir({ docker: {}, runs: {} });
  return { docker: new DockerStandIn(join(directory, 'docker'), missing), out: join(directory, 'runs') };
}

await t.test('bench --target compose kills the leader of servers in containers', async (t) => {
  const { docker, out } = standIn(t);
  const args = [
    '--target',
    'compose',
    '--duration',
    '3',
    '--rate',
    '200',
    '--lag-budget',
    '1000',
    '--probes',
    'off',
  ];
  const bench = new BenchRun(out, [...args, '--set', 'snapCount=5000'], { env: docker.env });
  t.teardown(() => bench.kill());
  await bench.untilPrinted(/leader killed/);
  const { pids } = docker;
  t.equal(await bench.exitCode(), 0, bench.stdout + bench.stderr);
  t.match(bench.report, {
    target: { ensemble: 'stampede in a container', config: { snapCount: '5000', tickTime: '2000' } },
    verification: { verdict: 'valid' },
    recoveries: [
      { kind: 'kill-leader', evidence: [/container [0-9a-f]{12} is exited, with exit code 137$/] },
    ],
  });
  t.same(docker.containers, [], 'no container is left');
  t.same(pids.filter(isRunning), []);
  t.same(docker.refused, []);
});

await t.test(
  'without the daemon nothing is made, and the exit code is that of a system that does not serve',
  async (t) => {
    const { docker, out } = standIn(t, 'daemon');
    const bench = new BenchRun(out, ['--target', 'compose'], { env: docker.env });
    t.equal(await bench.exitCode(), 3, bench.stdout + bench.stderr);
    t.match(
      bench.stderr,
      /^The system under test does not serve: docker version .*Cannot connect[^]*start Docker's daemon/,
    );
    t.same(readdirSync(out), []);
  },
);

function plan(options: Partial<TargetOptions>): TargetPlan {
  return planTarget({ name: 'compose', config: {}, ...options });
}

await t.test('what containers cannot be is refused before anything is made', async (t) => {
  t.match(plan({ servers: '3' }), { serverCount: 3, canCrash: true, flushesBeforeAck: true });
  t.match(plan({ name: 'compose-apache', config: { forceSync: 'no' } }), { flushesBeforeAck: false });
  const REFUSED: readonly (readonly [Partial<TargetOptions>, RegExp])[] = [
    [{ servers: '5' }, /^--servers 5: docker-compose.yml has 3 servers for --target compose; leave it out$/],
    [
      { config: { clientPort: '2181' } },
      /^--set clientPort=2181: docker-compose.yml says that of its servers itself/,
    ],
    [{ config: CONFIG_FOR.metrics }, /^the servers' ports for operators \(metrics\) are not published/],
  ];
  for (const [options, message] of REFUSED) t.throws(() => plan(options), { name: UsageError.name, message });
  t.throws(() => chooseFault({ fault: 'replace-member' }, plan({})), {
    message:
      /^--fault replace-member: replace-member needs the servers' files, and these servers are in containers/,
  });
});
