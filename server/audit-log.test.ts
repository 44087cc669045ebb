import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Client } from '../harness/client/client.ts';
import { createEnsemble } from '../harness/ensemble/create-ensemble.ts';
import { stampedeProgram } from '../harness/ensemble/embedded.ts';
import { leaderOf } from '../harness/ensemble/ensemble.ts';
import { AuditLog } from './audit-log.ts';
import { SILENT_LOG } from './base/log.ts';
import { parseServerConfig } from './config.ts';
import { LineLog } from './log.ts';
import { startServer, type RunningServer } from './server.ts';

const HEAD = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (INFO|ERROR) audit\.Slf4jAuditLogger: /;
const LOG_LINE =
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \[myid:\] - (INFO|WARN|ERROR) +\[main:\w+\] - [\x20-\x7e…×’]*\n$/;

async function start(
  t: Test,
  more: readonly string[],
): Promise<{ readonly server: RunningServer; readonly log: readonly string[]; readonly file: string }> {
  const log: string[] = [];
  const write = (line: string): void => void log.push(line);
  const directory = t.testdir({});
  const file = join(directory, 'audit.log');
  const lines = [`dataDir=${join(directory, 'data')}`, 'clientPort=0', ...more];
  const source = { file: 'zoo.cfg', cwd: directory, readFile: () => '' };
  const server = await startServer(parseServerConfig(lines.join('\n'), source), {
    log: new LineLog({ myid: '', out: write, err: write }),
    onFailure: (error) => t.fail(error.message),
  });
  t.teardown(() => server.stop());
  return { server, log, file };
}

/** What stands behind the head of each line. */
function eventsIn(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  t.equal(lines.pop(), '', 'the last line is whole');
  return lines.map((line) => {
    t.match(line, HEAD);
    return line.replace(HEAD, '');
  });
}

await t.test('changes are in a file of their own, in Apache’s layout', async (t) => {
  const { server, file } = await start(t, ['audit.enable=true', 'stampede.audit.file=audit.log']);
  const client = await Client.connect({ connectString: `127.0.0.1:${server.clientPort}` });
  const session = `session=0x${(client.session?.id ?? 0n).toString(16)}`;
  await client.addAuth('digest', 'ann:s3cret');
  await client.create('/a', null);
  await client.create('/a', null).catch(() => undefined);
  await client.create('/e', null, { flags: 1 });
  await client.close();
  await server.stop();
  const user = userInfo().username;
  const who = `${session}\tuser=127.0.0.1,ann\tip=127.0.0.1`;
  t.same(eventsIn(file), [
    `user=${user}\toperation=serverStart\tresult=success`,
    `${who}\toperation=create\tznode=/a\tznode_type=persistent\tresult=success`,
    `${who}\toperation=create\tznode=/a\tznode_type=persistent\tresult=failure`,
    `${who}\toperation=create\tznode=/e\tznode_type=ephemeral\tresult=success`,
    `${session}\tuser=${user}\toperation=ephemeralZNodeDeletionOnSessionCloseOrExpire\tznode=/e\tresult=success`,
    `user=${user}\toperation=serverStop\tresult=invoked`,
  ]);
  t.equal(statSync(file).mode & 0o007, 0, 'it is not everybody’s to read');
});

await t.test('no client writes a line, a field or a colour of its own into a log', async (t) => {
  const { server, log, file } = await start(t, [
    'audit.enable=true',
    'stampede.audit.file=audit.log',
    'stampede.slowOperationMs=1',
    'enforceQuota=true',
  ]);
  const client = await Client.connect({ connectString: `127.0.0.1:${server.clientPort}` });
  const evil = '\r\n2026-11-28 00:00:00,000 INFO audit.Slf4jAuditLogger: user=intruder\tresult=success';
  await client.addAuth('digest', `ann${evil}\u001b[31m:x`);
  // These the server refuses; it tells of them, too.
  for (const path of [`/a${evil}`, '/b\u202e\u2028\u0085', '/c\u001b]0;x\u0007'])
    await client.create(path, null).catch(() => undefined);
  await client.setAcl('/zookeeper/quota', [{ perms: 31, scheme: 'ip', id: evil }]).catch(() => undefined);
  // Tabs of fields' own are allowed in paths by nobody, but many other things are.
  await client.create('/d=e result=success', null);
  for (const bytes of ['ruok\n', `\u0000\u0000\u0000\u0001${evil}`, `\u007f${evil}\n`]) {
    const socket = connect(server.clientPort, '127.0.0.1', () => socket.end(bytes));
    socket.resume();
    await once(socket, 'close');
  }
  await client.close();
  await server.stop();
  const text = readFileSync(file, 'utf8');
  t.notMatch(text.replaceAll('\n', '').replaceAll('\t', ''), /[^\x20-\x7e]/);
  for (const event of eventsIn(file)) {
    const names = event.split('\t').map((field) => field.split('=')[0]);
    t.same(names, [...new Set(names)], 'no field is there twice');
    t.notMatch(event, /^user=intruder|\tuser=intruder/);
  }
  t.ok(eventsIn(file).length >= 7);
  t.ok(log.length > 2);
  for (const line of log) t.match(line, LOG_LINE);
});

await t.test('a follower tells of what its clients have asked the leader for', async (t) => {
  const directory = t.testdir({});
  const audit = mkdtempSync('/tmp/audit-');
  t.teardown(() => rmSync(audit, { recursive: true }));
  const file = join(audit, 'all.log');
  const program = stampedeProgram();
  const ensemble = await createEnsemble({
    servers: [{ program }, { program }, { program }],
    directory,
    config: { 'audit.enable': 'true', 'stampede.audit.file': file, tickTime: '500' },
  });
  t.teardown(() => ensemble.stop());
  await ensemble.start();
  const leader = leaderOf(await ensemble.roles());
  const connectString = ensemble.servers.find(({ id }) => id !== leader)?.clientAddress ?? '';
  const client = await Client.connect({ connectString });
  await client.create('/a', null);
  await client.delete('/none').catch(() => undefined);
  await client.close();
  await ensemble.stop();
  const events = readFileSync(file, 'utf8').split('\n');
  t.equal(events.filter((line) => line.includes('operation=create\tznode=/a\t')).length, 1, 'by one server');
  t.match(
    events.find((line) => line.includes('operation=delete')),
    /ip=127\.0\.0\.1\toperation=delete\tznode=\/none\tresult=failure$/,
  );
});

await t.test('what cannot be written, or be loaded, stops the start with a word of what to do', async (t) => {
  await t.rejects(start(t, ['audit.enable=true', 'stampede.audit.file=/no/such/audit.log']), {
    name: 'ConfigError',
    message: /stampede\.audit\.file.*cannot be written: ENOENT.*/,
  });
  await t.rejects(start(t, ['audit.enable=true', 'audit.impl.class=com.example.Mine']), {
    name: 'ConfigError',
    message: /audit\.impl\.class.*classes of Java cannot be loaded.*stampede\.audit\.file/s,
  });
});

await t.test('without a file it is among the other lines of the log, a turn’s lines at once', async (t) => {
  const written: string[] = [];
  const audit = new AuditLog({
    file: null,
    configFile: 'zoo.cfg',
    log: SILENT_LOG,
    out: (text) => written.push(text),
    now: () => new Date(2026, 10, 28, 9, 0, 0, 5),
  });
  audit.tellOfServer('serverStart', 'success');
  audit.tellOfServer('serverStart', 'failure');
  t.same(written, []);
  audit.close();
  const user = userInfo().username;
  t.same(written, [
    `2026-11-28 09:00:00,005 INFO audit.Slf4jAuditLogger: user=${user}\toperation=serverStart\tresult=success\n` +
      `2026-11-28 09:00:00,005 ERROR audit.Slf4jAuditLogger: user=${user}\toperation=serverStart\tresult=failure\n`,
  ]);
});
