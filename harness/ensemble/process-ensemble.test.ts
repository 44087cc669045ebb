import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createEnsemble } from './create-ensemble.ts';
import { type EnsembleError, leaderOf } from './ensemble.ts';
import { nullProgram } from './null.ts';
import type { ProcessEnsemble } from './process-ensemble.ts';
import type { ServerProgram } from './server-program.ts';
import { actor } from './testing/actor.ts';

const FAILS: ServerProgram = {
  name: 'failing',
  commandLine: () => ({ command: process.execPath, args: ['-e', `console.log('no luck'); process.exit(7)`] }),
};
const WAITS: ServerProgram = {
  name: 'waiting',
  commandLine: () => ({ command: process.execPath, args: ['-e', `setInterval(() => {}, 1000)`] }),
};

async function created(t: Test, programs: readonly ServerProgram[], startTimeoutMs = 20_000) {
  const servers = programs.map((program) => ({ program }));
  const ensemble = await createEnsemble({ directory: t.testdir(), servers, startTimeoutMs });
  t.teardown(() => ensemble.stop());
  return ensemble;
}

function running(ensemble: ProcessEnsemble): boolean[] {
  return ensemble.servers.map(({ pid }) => pid !== null);
}

await t.test('all members share one list of servers, and each knows which it is', async (t) => {
  const directory = t.testdir();
  const program = nullProgram({ flushes: false });
  await createEnsemble({
    directory,
    servers: [{ program }, { program }, { program, isObserver: true }],
    config: { tickTime: '500', syncLimit: '2' },
  });
  const configs = [1, 2, 3].map((id) => readFileSync(join(directory, String(id), 'zoo.cfg'), 'utf8'));
  const [first = '', second = '', third = ''] = configs;
  t.match(first, /^tickTime=500\n[^]*^syncLimit=2$/m);
  const members = first.split('\n').filter((line) => line.startsWith('server.'));
  t.match(members, [
    /^server\.1=127\.0\.0\.1:\d+:\d+$/,
    /^server\.2=127\.0\.0\.1:\d+:\d+$/,
    /^server\.3=127\.0\.0\.1:\d+:\d+:observer$/,
  ]);
  for (const config of [second, third]) for (const member of members) t.ok(config.includes(`${member}\n`));
  t.same(
    configs.map((config) => config.includes('peerType=observer')),
    [false, false, true],
  );
  t.same(
    [1, 2, 3].map((id) => readFileSync(join(directory, String(id), 'data', 'myid'), 'utf8')),
    ['1\n', '2\n', '3\n'],
  );
  const ports = [
    ...first.matchAll(/:(\d+)/g),
    ...configs.map((config) => /^clientPort=(\d+)$/m.exec(config)),
  ];
  t.equal(new Set(ports.map((match) => match?.[1])).size, 9, 'nine ports of their own');
});

await t.test('a server on its own has no list of servers', async (t) => {
  const directory = t.testdir();
  await createEnsemble({ directory, servers: [{ program: nullProgram({ flushes: false }) }] });
  t.notMatch(readFileSync(join(directory, '1', 'zoo.cfg'), 'utf8'), 'server.');
});

await t.test('who is what is asked of the servers, and a silent one is nothing', async (t) => {
  const ensemble = await created(t, [
    actor('other', 'follower'),
    actor('one', 'leader'),
    actor('third', 'observer'),
  ]);
  await ensemble.start();
  t.equal(ensemble.name, 'other, one, third');
  t.same(
    [...(await ensemble.roles())],
    [
      [1, 'follower'],
      [2, 'leader'],
      [3, 'observer'],
    ],
  );
  t.equal(leaderOf(await ensemble.roles()), 2);
  await ensemble.pause(2);
  t.same([...(await ensemble.roles()).values()], ['follower', null, 'observer']);
  t.equal(leaderOf(await ensemble.roles()), null);
  await ensemble.resume(2);
  t.same([...(await ensemble.roles()).values()], ['follower', 'leader', 'observer']);
  await ensemble.pause(1);
  await ensemble.stop();
  t.same(running(ensemble), [false, false, false], 'a paused one is stopped as well');
});

await t.test('one server or all of them are killed, stopped and started again', async (t) => {
  const ensemble = await created(t, [actor('one', 'leader'), actor('other', 'follower')]);
  await ensemble.start();
  const deaths: string[] = [];
  ensemble.onServerDied((error) => deaths.push(error.message));
  await ensemble.kill(2);
  t.same(running(ensemble), [true, false]);
  await ensemble.kill();
  t.same(running(ensemble), [false, false]);
  await ensemble.restart();
  t.same([...(await ensemble.roles()).values()], ['leader', 'follower']);
  await ensemble.stop(1);
  t.same(running(ensemble), [false, true]);
  await ensemble.restart(1);
  t.same(deaths, [], 'what was asked for is nobody’s death');
  const died = new Promise<EnsembleError>((resolve) => ensemble.onServerDied(resolve));
  process.kill(ensemble.servers[1]?.pid ?? 0, 'SIGKILL');
  t.match(
    (await died).message,
    /^server 2 \(other\) ended by itself \(SIGKILL\); the end of .*\/2\/server\.log:/,
  );
});

await t.test('another program takes a server’s place on its configuration and data', async (t) => {
  const ensemble = await created(t, [actor('one', 'leader'), actor('other', 'follower')]);
  await ensemble.start();
  const [first, second] = ensemble.servers;
  const { clientAddress, dataDir } = second ?? {};
  await ensemble.replace(2, actor('third', 'observer'));
  t.match(second, { program: 'third', clientAddress, dataDir });
  t.equal(first?.program, 'one');
  t.same([...(await ensemble.roles()).values()], ['leader', 'observer']);
  t.throws(() => second?.become(actor('one', 'leader')), /server 2 \(third\) still runs/);
  const died = new Promise<EnsembleError>((resolve) => ensemble.onServerDied(resolve));
  process.kill(second?.pid ?? 0, 'SIGKILL');
  t.match((await died).message, /^server 2 \(third\) ended by itself/, 'its death is heard of, too');
});

await t.test(
  'the one that does not come up is named, with its log, and the others are stopped',
  async (t) => {
    const ensemble = await created(t, [actor('one', 'leader'), FAILS]);
    await t.rejects(ensemble.start(), {
      name: 'EnsembleError',
      message: /^server 2 \(failing\) exited while it was starting; the end of .*\/2\/server\.log:\nno luck$/,
    });
    t.same(running(ensemble), [false, false]);
    const late = await created(t, [WAITS], 300);
    await t.rejects(late.start(), { message: /^server 1 \(waiting\) is not ready after 300 ms/ });
  },
);

await t.test('a wait for a server ends when the run does, and nothing is left of it', async (t) => {
  const ensemble = await created(t, [actor('one', 'leader'), WAITS]);
  const abort = new AbortController();
  const starting = ensemble.start(abort.signal);
  abort.abort();
  await t.rejects(starting, { name: 'EnsembleError', message: /was still starting when the run was ended/ });
  t.same(running(ensemble), [false, false]);
});

await t.test('the operating system says what a process does', async (t) => {
  const ensemble = await created(t, [WAITS]);
  t.same(ensemble.processState(1), { state: 'ended', words: 'it was never started' });
  await ensemble.servers[0]?.spawn();
  t.match(ensemble.processState(1), { state: 'running', words: /^process \d+ is in state [RSD]$/ });
  await ensemble.stop(1);
  t.match(ensemble.processState(1), { state: 'ended', words: /^process \d+ has ended by SIGTERM$/ });
});
