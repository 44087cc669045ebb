import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Socket, createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { apacheProgram, createApache, SMALL_JVM_FLAGS } from './apache.ts';
import { createEnsemble } from './create-ensemble.ts';
import { leaderOf } from './ensemble.ts';
import { findApache } from './find-apache.ts';
import { fourLetterWord } from './four-letter-word.ts';
import { ServerProcess } from './server-process.ts';
import { waitUntil } from './wait-until.ts';

/** A server that holds a connection to whoever tests it and does nothing else. */
const LISTEN = `require('node:net').connect(Number(process.env.PORT), '127.0.0.1')`;

const search = findApache();
const skip = search.found ? false : search.why;

await t.test('what is missing is said, and how to get it', async (t) => {
  const noJava = findApache(undefined, { PATH: '/nonexistent' });
  t.match(noJava, { found: false, why: /no java.*apt-get/ });
  const directory = t.testdir({ bin: { java: '' } });
  const java = join(directory, 'bin', 'java');
  chmodSync(java, 0o755);
  const environment = { PATH: '', JAVA_HOME: directory, STAMPEDE_APACHE_CLASSPATH: '/nowhere/zookeeper.jar' };
  t.match(findApache(undefined, environment), { found: false, why: /nowhere.*does not exist/ });
  writeFileSync(join(directory, 'zookeeper-3.9.5.jar'), '');
  t.match(findApache(join(directory, 'zookeeper-3.9.5.jar'), environment), {
    found: true,
    apache: { java, version: '3.9.5' },
  });
  symlinkSync(join(directory, 'zookeeper-3.9.5.jar'), join(directory, 'zookeeper.jar'));
  t.match(findApache(join(directory, 'zookeeper.jar'), environment), { apache: { version: '3.9.5' } });
});

await t.test('a version is found where it is kept for us', async (t) => {
  const home = t.testdir({
    bin: { java: '' },
    '.cache': { stampede: { 'apache-9.8.7': { 'zookeeper-9.8.7.jar': '' } } },
  });
  chmodSync(join(home, 'bin', 'java'), 0o755);
  const environment = { PATH: '', JAVA_HOME: home, HOME: home };
  t.match(findApache('9.8.7', environment), {
    found: true,
    apache: { version: '9.8.7', classpath: join(home, '.cache', 'stampede', 'apache-9.8.7', '*') },
  });
  t.match(findApache('9.8.6', environment), { found: false, why: /9\.8\.6/ });
});

await t.test(
  'a standalone server starts, is killed, comes back on its data and ends',
  { skip },
  async (t) => {
    if (!search.found) return;
    const directory = t.testdir();
    const ensemble = await createApache({
      apache: search.apache,
      directory,
      jvmFlags: SMALL_JVM_FLAGS,
      config: { tickTime: '500' },
    });
    t.teardown(() => ensemble.stop());
    await ensemble.start();
    const [server] = ensemble.servers;
    if (server === undefined) throw new Error('no server');
    t.match(await fourLetterWord(server.clientAddress, 'srvr'), 'Mode: standalone');
    t.match(await fourLetterWord(server.clientAddress, 'conf'), 'tickTime=500');
    t.match(readFileSync(server.logFile, 'utf8'), 'binding to port');
    const pid = server.pid;
    await ensemble.kill(1);
    t.equal(server.pid, null);
    await t.rejects(fourLetterWord(server.clientAddress, 'srvr'));
    await ensemble.restart(1);
    t.not(server.pid, pid);
    await ensemble.stop();
    t.equal(server.pid, null);
  },
);

await t.test(
  'three servers and an observer elect a leader, and another when it is paused',
  { skip },
  async (t) => {
    if (!search.found) return;
    const program = apacheProgram(search.apache, SMALL_JVM_FLAGS);
    const ensemble = await createEnsemble({
      directory: t.testdir(),
      servers: [{ program }, { program }, { program }, { program, isObserver: true }],
      config: { tickTime: '200', syncLimit: '3' },
    });
    t.teardown(() => ensemble.stop());
    await ensemble.start();
    const roles = await ensemble.roles();
    const voters = [1, 2, 3].map((id) => roles.get(id));
    t.same([voters.filter((role) => role === 'leader').length, roles.get(4)], [1, 'observer']);
    t.equal(voters.filter((role) => role === 'follower').length, 2);
    const leader = leaderOf(roles) ?? 0;
    await ensemble.pause(leader);
    let next: number | null = null;
    while (next === null || next === leader) next = leaderOf(await ensemble.roles());
    t.not(next, leader);
    await ensemble.resume(leader);
    await waitUntil(async () => (await ensemble.roles()).get(leader) === 'follower', { timeoutMs: 30_000 });
    t.equal((await ensemble.roles()).get(leader), 'follower', 'the old leader follows');
  },
);

await t.test('a server that does not come up is an error with the end of its log', { skip }, async (t) => {
  if (!search.found) return;
  const ensemble = await createApache({
    apache: search.apache,
    directory: t.testdir(),
    jvmFlags: SMALL_JVM_FLAGS,
    config: { tickTime: 'soon' },
  });
  await t.rejects(ensemble.start(), { message: /exited while it was starting; the end of .*\n.*"soon"/s });
});

await t.test('a server ends when the process that started it is killed', async (t) => {
  const directory = t.testdir();
  const module = new URL('./server-process.js', import.meta.url).href;
  const script = `
    const { ServerProcess } = await import(${JSON.stringify(module)});
    const server = new ServerProcess({ name: 'server 1', command: process.execPath, cwd: ${JSON.stringify(directory)},
      args: ['-e', ${JSON.stringify(LISTEN)}], logFile: ${JSON.stringify(join(directory, 'log'))} });
    await server.spawn();
    console.log(server.pid);
    setInterval(() => {}, 1000);`;
  // The server holds this connection open; when it ends, the kernel closes it.
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  t.teardown(() => listener.close());
  const address = listener.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const connected = once(listener, 'connection');
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, NODE_OPTIONS: '', PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
  const [socket] = (await connected) as [Socket];
  const closed = once(socket, 'close');
  socket.on('error', () => {}).resume();
  parent.kill('SIGKILL');
  await closed;
  t.ok(Number(line) > 0);
});

await t.test('SIGKILL follows when SIGTERM is not heard', async (t) => {
  const directory = t.testdir();
  const logFile = join(directory, 'log');
  const server = new ServerProcess({
    name: 'a deaf server',
    command: process.execPath,
    args: ['-e', `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('deaf')`],
    cwd: directory,
    logFile,
  });
  await server.spawn();
  await server.untilReady(async () => server.logTail() === 'deaf', { timeoutMs: 10_000 });
  await server.stop(1);
  t.equal(server.pid, null);
  await t.rejects(
    server.untilReady(async () => false, { timeoutMs: 10_000 }),
    { message: /^a deaf server exited.*\ndeaf/s },
  );
});
