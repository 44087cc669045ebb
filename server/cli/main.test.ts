import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { createEmbedded } from '../../harness/ensemble/embedded.ts';
import { findApache } from '../../harness/ensemble/find-apache.ts';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));
const search = findApache();
const skip = search.found ? false : search.why;

const SCRIPT = `ls /
create /a one
create /a one
create -s /a/s- x
create -e /e eph
create -c /c
create -t 1000 /t ttl
create -e -s /es data
create /e/below x
create /b
create /b/c/d x
get /a
get -s /a
get /none
get /b
set /a two
set -s /a three
set -v 0 /a four
set /none x
stat /a
stat /none
ls /a
ls -s /a
ls -R /
ls /none
getAcl /a
getAcl -s /a
setAcl /a world:anyone:cdrw
setAcl -s /b world:anyone:cdrw
setAcl /b digest:bob
addauth digest bob:secret
create /priv x auth::cdrwa
getAcl /priv
sync /a
sync /none
getEphemerals
whoami
delete /a
delete -v 9 /b
delete /none
deleteall /b
deleteall /none
quit
`;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function runProcess(command: string, args: readonly string[], input: string): Promise<Ended> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(input);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, out, err };
}

function runCli(server: string, args: readonly string[], input = ''): Promise<Ended> {
  return runProcess(process.execPath, [MAIN, '-server', server, ...args], input);
}

/** A new server each time, so that both find the same zxids. */
async function freshServer(t: Test, name: string): Promise<string> {
  const directory = join(t.testdirName, name);
  const ensemble = await createEmbedded({ directory });
  t.teardown(() => ensemble.stop());
  await ensemble.start();
  return ensemble.connectString;
}

/** What zkCli says around the answers, and what depends on the clock or the process. */
const AROUND = /^(Connecting to|Welcome to|JLine support|WATCHER::|WatchedEvent|SLF4J|log4j|\d{4}-|$)/;

function answersIn(text: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/^([cm]time =).*/, '$1'));
  return lines.filter((line) => !AROUND.test(line));
}

function isCreated(line: string): boolean {
  return line.startsWith('Created ');
}

function rest(text: string): string[] {
  return answersIn(text).filter((line) => !isCreated(line));
}

await t.test('zkCli and this answer the same to the same commands', { skip }, async (t) => {
  if (!search.found) return;
  t.testdir();
  const ours = await runCli(await freshServer(t, 'ours'), [], SCRIPT);
  const { java, classpath } = search.apache;
  const jars = [classpath, '/usr/share/java/commons-cli.jar'].join(delimiter);
  const theirs = await runProcess(
    java,
    ['-cp', jars, 'org.apache.zookeeper.ZooKeeperMain', '-server', await freshServer(t, 'theirs')],
    SCRIPT,
  );
  t.ok(answersIn(ours.out).length > 60);
  t.same(rest(ours.out), rest(theirs.out));
  // zkCli asks the server all the same when it has not understood an ACL.
  t.same(
    rest(ours.err),
    rest(theirs.err).filter((line) => line !== 'Acl is not valid : null'),
  );
  // zkCli has these on stderr; here they are answers like others, for a script that wants the name.
  t.same(answersIn(ours.out).filter(isCreated), answersIn(theirs.err).filter(isCreated));
});

await t.test('one command on the command line, and its exit code', async (t) => {
  t.testdir();
  const server = await freshServer(t, 'one');
  t.match(await runCli(server, ['create', '/a', 'with words']), { code: 0, out: 'Created /a\n' });
  t.match(await runCli(server, ['get', '/a']), { code: 0, out: 'with words\n' });
  t.match(await runCli(server, ['get', '/none']), { code: 1, out: '', err: 'Node does not exist: /none' });
  t.match(await runCli(server, ['create']), { code: 2, err: 'create [-s] [-e] [-c] [-t ttl] path' });
  t.match(await runCli(server, ['foo']), { code: 2, err: 'Command not found: Command not found foo' });
  t.match(await runCli(server, ['get', 'a']), { code: 2, err: 'Path must start with / character' });
  t.match(await runCli(`${server}/a`, ['create', '-c', '/in']), { code: 0, out: 'Created /in\n' });
  t.match(await runCli(server, ['ls', '-R', '/a']), { code: 0, out: '/a\n/a/in\n' });
});

await t.test('a line may hold words in quotes, and ends with the exit code of the last', async (t) => {
  t.testdir();
  const server = await freshServer(t, 'lines');
  const { code, out } = await runCli(server, [], `create /q "two words"\nget /q\nget /none\n`);
  t.equal(code, 1);
  t.match(out, 'two words\n');
});

await t.test('a line of any length is read to its end (CVE-2016-5017)', async (t) => {
  t.testdir();
  const server = await freshServer(t, 'long');
  const long = 'x'.repeat(1_000_000);
  const lines = `${long}\nget /${long}\ncreate /a ${long}\nls /\n`;
  const { code, out, err } = await runCli(server, [], lines);
  t.equal(code, 0);
  t.match(err, `Command not found ${long}`);
  t.match(err, 'Node does not exist: /xxx');
  t.match(out, /^\[a, zookeeper\]$/m);
});
