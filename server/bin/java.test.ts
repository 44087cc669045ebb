import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { freePorts } from '../../harness/ensemble/free-ports.ts';
import { cleanEnvironment } from '../../harness/load/clean-environment.ts';

const JAVA = fileURLToPath(new URL('../../../server/bin/java', import.meta.url));
const QUORUM_PEER_MAIN = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
const STANDALONE_MAIN = 'org.apache.zookeeper.server.ZooKeeperServerMain';
const SUPER = '-Dzookeeper.DigestAuthenticationProvider.superDigest=super:D/InIHSb7yEEbrWz8b9l71RjZJU=';

function run(command: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', env: cleanEnvironment() });
  return { status, stdout, stderr };
}

/** The stand-in, in a directory with blanks in its name, before a server that only tells its arguments. */
function standIn(t: Test): string {
  const root = join(t.testdir(), 'a place', '$HOME');
  const bin = join(root, 'server', 'bin');
  const server = join(root, 'dist', 'server');
  mkdirSync(bin, { recursive: true });
  mkdirSync(server, { recursive: true });
  writeFileSync(join(server, 'main.js'), 'console.log(JSON.stringify(process.argv.slice(2)));');
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  copyFileSync(JAVA, join(bin, 'java'));
  chmodSync(join(bin, 'java'), 0o755);
  return join(bin, 'java');
}

await t.test(
  'properties and zoo.cfg reach the server, as they are; what only a JVM knows does not',
  async (t) => {
    const java = standIn(t);
    const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
      // As kazoo starts it.
      [
        ['-cp', 'a.jar:b.jar', '-Dreadonlymode.enabled=true', SUPER, QUORUM_PEER_MAIN, '/tmp/x/zoo.cfg'],
        ['-Dreadonlymode.enabled=true', SUPER, '/tmp/x/zoo.cfg'],
      ],
      // As zkServer.sh does.
      [
        [
          '-Dzookeeper.log.dir=/l',
          '-XX:+HeapDumpOnOutOfMemoryError',
          '-XX:OnOutOfMemoryError=kill -9 %p',
          '-cp',
          'x',
          '-Xmx1000m',
          '-Dcom.sun.management.jmxremote',
          QUORUM_PEER_MAIN,
          'conf/zoo.cfg',
        ],
        ['-Dzookeeper.log.dir=/l', '-Dcom.sun.management.jmxremote', 'conf/zoo.cfg'],
      ],
      [
        ['-Da=b c  d', '-Db=\'"$HOME*', '-De=', STANDALONE_MAIN, 'my dir/zoo $1.cfg'],
        ['-Da=b c  d', '-Db=\'"$HOME*', '-De=', 'my dir/zoo $1.cfg'],
      ],
      // The value of a flag is not the class, whatever it looks like.
      [
        [
          '--class-path',
          'org.example.Main',
          '-p',
          '-Dx=y',
          '--add-opens',
          'a/b=c',
          QUORUM_PEER_MAIN,
          'zoo.cfg',
        ],
        ['zoo.cfg'],
      ],
      [['-server', '-ea:x', '-showversion', '--add-opens=a/b=c', QUORUM_PEER_MAIN, 'z'], ['z']],
    ];
    for (const [args, expected] of cases) {
      const { status, stdout, stderr } = run(java, args);
      t.equal(status, 0, stderr);
      t.same(JSON.parse(stdout), expected, args.join(' '));
    }
    const link = join(t.testdirName, 'java');
    symlinkSync(java, link);
    t.same(JSON.parse(run(link, [QUORUM_PEER_MAIN, 'zoo.cfg']).stdout), ['zoo.cfg'], 'by a symbolic link');
  },
);

await t.test('what it cannot be, it says, with exit code 2', async (t) => {
  const java = standIn(t);
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /no class to run; say java .*QuorumPeerMain zoo\.cfg/],
    [['-cp', 'a.jar'], /no class/],
    [['-cp'], /-cp needs a value/],
    [
      ['-cp', 'a.jar', 'org.apache.zookeeper.ZooKeeperMain', '-server', 'x'],
      /cannot run .*ZooKeeperMain: .*stand-in/,
    ],
    [['QuorumPeerMain', 'zoo.cfg'], /cannot run QuorumPeerMain/],
    [['-jar', 'zookeeper.jar', 'zoo.cfg'], /-jar/],
    [['-m', 'zk/org.example.Main'], /-m/],
    [[QUORUM_PEER_MAIN], /QuorumPeerMain takes one argument here, the path of a zoo\.cfg, and got 0/],
    [[STANDALONE_MAIN, '2181', '/data'], /ZooKeeperServerMain takes one argument here.* got 2/],
  ];
  for (const [args, expected] of cases) {
    const { status, stdout, stderr } = run(java, args);
    t.equal(status, 2, args.join(' '));
    t.match(stderr, expected);
    t.match(stderr, /^stampede java: .*\n$/, 'one line');
    t.equal(stdout, '');
  }
});

await t.test('a probe for a version is answered as java would', async (t) => {
  const java = standIn(t);
  for (const flag of ['-version', '-fullversion']) {
    t.match(run(java, [flag]), { status: 0, stdout: '', stderr: /^openjdk version "17\.\d+\.\d+"\n/ }, flag);
  }
  for (const flag of ['--version', '--full-version']) {
    t.match(run(java, ['-Xmx1g', flag]), { status: 0, stdout: /^openjdk 17\.\d+\.\d+\n/, stderr: '' }, flag);
  }
});

await t.test('without a build it says what to do', async (t) => {
  const bin = join(t.testdir(), 'server', 'bin');
  mkdirSync(bin, { recursive: true });
  copyFileSync(JAVA, join(bin, 'java'));
  t.match(run('/bin/sh', [join(bin, 'java'), QUORUM_PEER_MAIN, 'z']), { status: 2, stderr: /npm run build/ });
});

await t.test('it becomes the server: in the foreground, until SIGTERM', async (t) => {
  const [port = 0] = await freePorts(1);
  const directory = join(t.testdir(), 'with a blank');
  mkdirSync(directory);
  const config = join(directory, 'zoo.cfg');
  writeFileSync(config, `dataDir=${directory}/data\nclientPortAddress=127.0.0.1\nclientPort=${port}\n`);
  const child = spawn(JAVA, ['-cp', 'x', QUORUM_PEER_MAIN, config], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: cleanEnvironment(),
  });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = once(child, 'close');
  let output = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    output += String(chunk);
    if (output.includes('binding to port')) child.kill('SIGTERM');
  }
  t.match(output, `127.0.0.1:${port}`);
  t.same(await ended, [0, null]);
});
