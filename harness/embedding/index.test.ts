import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import t from 'tap';
import { startEnsemble, startServer } from 'stampede';
import { fourLetterWord } from '../ensemble/four-letter-word.ts';

await t.test('a server for a test of somebody else’s: started, killed, started again, stopped', async (t) => {
  const server = await startServer({ config: { tickTime: '500' } });
  t.teardown(() => server.stop());
  t.equal(server.connectString, `127.0.0.1:${server.port}`);
  t.match(await fourLetterWord(server.connectString, 'conf'), 'tickTime=500');
  const before = server.pid;
  await server.kill();
  t.equal(server.pid, null);
  await server.restart();
  t.not(server.pid, before);
  t.match(await fourLetterWord(server.connectString, 'srvr'), 'Mode: standalone');
  t.ok(existsSync(server.dataDir) && existsSync(server.logFile));
  await server.stop();
  t.notOk(existsSync(server.dataDir), 'nothing is left');
});

await t.test('an ensemble: who leads, what a pause does, and that all ends together', async (t) => {
  const ensemble = await startEnsemble({ config: { tickTime: '200' } });
  t.teardown(() => ensemble.stop());
  t.equal(ensemble.servers.length, 3);
  t.equal(ensemble.connectString, ensemble.servers.map((server) => server.connectString).join(','));
  const leader = await ensemble.leader();
  const follower = ensemble.servers.find(({ id }) => id !== leader?.id);
  if (leader === null || follower === undefined) {
    t.fail('nobody leads');
    return;
  }
  t.equal(await ensemble.roleOf(follower.id), 'follower');
  follower.pause();
  await t.rejects(fourLetterWord(follower.connectString, 'srvr', 200));
  follower.resume();
  await leader.kill();
  t.equal(await ensemble.roleOf(leader.id), null);
  await leader.restart();
  t.not((await ensemble.leader())?.id, undefined);
  const pids = ensemble.servers.map(({ pid }) => pid as number);
  await ensemble.stop();
  for (const pid of pids) t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

await t.test('a directory of one’s own stays, and what is no ensemble is refused', async (t) => {
  const directory = t.testdir();
  const server = await startServer({ directory });
  await server.stop();
  t.same(readdirSync(directory), ['1']);
  for (const servers of [0, -1, 1.5, Number.NaN]) await t.rejects(startEnsemble({ servers }), RangeError);
});

await t.test('one that does not come up says why, and leaves nothing', async (t) => {
  // Test files run side by side: only a directory of this test's own tells who has left something behind.
  const own = t.testdir();
  const { TMPDIR } = process.env;
  process.env['TMPDIR'] = own;
  t.teardown(() => {
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
  });
  t.equal(tmpdir(), own);
  await t.rejects(startServer({ config: { tickTime: 'soon' } }), {
    code: 'ensemble',
    message: /tickTime/,
  });
  t.same(readdirSync(own), []);
});
