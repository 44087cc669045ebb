import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseServers } from './parse-servers.ts';
import type { ServerPlace } from './zoo-config.ts';

const directory = t.testdir({
  bin: { java: '' },
  old: { 'zookeeper-3.5.10.jar': '', 'slf4j-api.jar': '' },
  release: { lib: { 'zookeeper-3.9.5.jar': '', 'zookeeper-jute-3.9.5.jar': '' } },
});
chmodSync(join(directory, 'bin', 'java'), 0o755);
const before = { ...process.env };
process.env['JAVA_HOME'] = directory;
process.env['STAMPEDE_APACHE_CLASSPATH'] = join(directory, 'old', 'zookeeper-3.5.10.jar');
t.teardown(() => {
  process.env = before;
});

/** Each as `program` or `program, observer`. */
function parsed(text: string, countedKind = 'ours'): string[] {
  return parseServers(text, { countedKind }).map(
    ({ program, isObserver }) => `${program.name}${isObserver === true ? ', observer' : ''}`,
  );
}

await t.test('a number is so many of one kind', async (t) => {
  t.same(parsed('1'), ['stampede']);
  t.same(parsed(' 3 '), ['stampede', 'stampede', 'stampede']);
  t.same(parsed('2', 'apache'), ['apache 3.5.10', 'apache 3.5.10']);
});

await t.test('a list names them one by one, observers among them', async (t) => {
  t.same(parsed('ours,ours, apache,ours:observer'), [
    'stampede',
    'stampede',
    'apache 3.5.10',
    'stampede, observer',
  ]);
  t.same(parsed('ours'), ['stampede']);
});

await t.test('an Apache server is named by its directory, its class path or its version', async (t) => {
  const release = join(directory, 'release');
  const jars = `${join(directory, 'old', 'slf4j-api.jar')}:${join(directory, 'old', 'zookeeper-3.5.10.jar')}`;
  t.same(parsed(`apache@${release},apache@${release}/lib:observer,apache@${jars}`), [
    'apache 3.9.5',
    'apache 3.9.5, observer',
    'apache 3.5.10',
  ]);
  t.same(parsed('apache@3.5.10,ours'), ['apache 3.5.10', 'stampede']);
  const [plan] = parseServers(`apache@${release}`, { countedKind: 'ours' });
  const place = { directory: join(directory, '1'), configFile: 'zoo.cfg' } as ServerPlace;
  mkdirSync(place.directory);
  const line = plan?.program.commandLine(place, []);
  t.ok(line?.args.includes(`${place.directory}:${release}/lib/*`), 'the jars of a release are in its lib');
});

const REFUSED: Readonly<Record<string, RegExp>> = {
  '0': /--servers 0: give at least 1/,
  '22': /give at most 21/,
  'ours@': /"ours@" is no kind of server/,
  'ours@/not/there': /ours@\/not\/there: there is no \/not\/there\/dist\/server\/main\.js; build it/,
  [Array(22).fill('ours').join()]: /give at most 21/,
  '': /"" is no kind of server/,
  'ours,': /"" is no kind of server/,
  'ours,zookeeper': /"zookeeper" is no kind of server: give ours, apache, or apache@/,
  'apache@': /"apache@" is no kind/,
  'ours:follower': /"ours:follower" is no kind/,
  'apache@3.4.14': /apache@3.4.14: no Apache ZooKeeper 3\.4\.14 here, but 3\.5\.10/,
  'apache@/not/there': /apache@\/not\/there: .*\/not\/there, which does not exist/,
  'ours:observer': /observers need at least two servers with a vote/,
  'ours,ours:observer': /observers need at least two servers with a vote/,
};

await t.test('what cannot be is refused, with what would be right', async (t) => {
  for (const [text, message] of Object.entries(REFUSED)) {
    t.throws(() => parsed(text), { name: 'ServersError', message }, text);
  }
});
