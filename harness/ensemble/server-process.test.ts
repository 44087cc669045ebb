import { join } from 'node:path';
import t from 'tap';
import { ServerProcess } from './server-process.ts';

await t.test('a server that is killed while its process is being made does not run afterwards', async (t) => {
  const cwd = t.testdir();
  const server = new ServerProcess({
    command: process.execPath,
    args: ['-e', 'setInterval(() => {}, 1000)'],
    name: 'server 1',
    cwd,
    logFile: join(cwd, 'server.log'),
  });
  t.teardown(() => server.kill());
  const spawning = server.spawn();
  const { pid } = server;
  await Promise.all([spawning, server.kill()]);
  t.not(pid, null);
  t.same(server.lastExit, { pid, code: null, signal: 'SIGKILL' });
  t.equal(server.pid, null);
});

await t.test('a program there is not is an error, and nothing runs', async (t) => {
  const cwd = t.testdir();
  const logFile = join(cwd, 'server.log');
  const server = new ServerProcess({
    command: join(cwd, 'nothing'),
    args: [],
    name: 'server 1',
    cwd,
    logFile,
  });
  await t.rejects(server.spawn(), { code: 'ENOENT' });
  t.equal(server.isRunning, false);
  await server.stop();
});
