import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { freePorts } from '../../harness/ensemble/free-ports.ts';
import { cleanEnvironment } from '../../harness/load/clean-environment.ts';

// Each call starts a node or two.
t.setTimeout(90_000);

const ZK_SERVER = fileURLToPath(new URL('../../../server/bin/zkServer.sh', import.meta.url));

function zkServer(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(ZK_SERVER, args, {
    encoding: 'utf8',
    env: { ...cleanEnvironment(), ...env },
  });
  return { status, stdout, stderr };
}

/** A zoo.cfg in a directory with a blank in its name. */
async function configured(t: Test): Promise<{ directory: string; config: string; pidFile: string }> {
  const [port = 0] = await freePorts(1);
  const directory = join(t.testdir(), 'a conf');
  const dataDir = join(directory, 'data');
  mkdirSync(dataDir, { recursive: true });
  const config = join(directory, 'zoo.cfg');
  writeFileSync(config, `dataDir=${dataDir}\nclientPortAddress=127.0.0.1\nclientPort=${port}\n`);
  return { directory, config, pidFile: join(dataDir, 'zookeeper_server.pid') };
}

await t.test('start, status, stop: as with Apache’s', async (t) => {
  const { config, pidFile, directory } = await configured(t);
  t.teardown(() => zkServer(['stop', config]));
  t.match(zkServer(['stop', config]), { status: 0, stdout: /no zookeeper to stop/ }, 'stopped already');
  t.match(zkServer(['status', config]), { status: 1, stdout: /Error contacting service/ });

  t.match(zkServer(['start', config]), { status: 0, stdout: 'Starting zookeeper ... STARTED\n' });
  t.match(readFileSync(pidFile, 'utf8'), /^\d+$/);
  const status = zkServer(['--config', directory, 'status']);
  t.match(status, { status: 0, stdout: /^Client port found: \d+\. .*\nMode: standalone\n$/ });
  t.match(zkServer(['start', config]), { status: 1, stdout: /already running as process \d+/ });

  t.match(zkServer(['stop'], { ZOOCFGDIR: directory }), { status: 0, stdout: /STOPPED/ });
  t.notOk(existsSync(pidFile));
  t.match(zkServer(['status', config]), { status: 1 });
});

await t.test('start-foreground is the server itself, with the flags of the environment', async (t) => {
  const { config } = await configured(t);
  const child = spawn(ZK_SERVER, ['start-foreground', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...cleanEnvironment(), SERVER_JVMFLAGS: '-Xmx1g -Dzookeeper.snapCout=9' },
  });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = once(child, 'close');
  let warnings = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (warnings += text));
  let output = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    output += String(chunk);
    if (output.includes('binding to port')) child.kill('SIGTERM');
  }
  t.same(await ended, [0, null]);
  t.match(warnings, /snapCout.*did you mean snapCount/);
});

await t.test('a server that does not start is told of, with the reason', async (t) => {
  const { config } = await configured(t);
  t.match(zkServer(['start', `${config}.none`]), { status: 2, stderr: /ENOENT.*name an existing zoo\.cfg/ });
  // Its own address is not one of this machine's.
  writeFileSync(config, readFileSync(config, 'utf8').replace('127.0.0.1', '192.0.2.1'));
  const { status, stdout, stderr } = zkServer(['start', config]);
  t.match({ status, stdout, stderr }, { status: 1, stdout: /FAILED TO START/, stderr: /EADDRNOTAVAIL/ });
});

await t.test('version, and what it does not know', async (t) => {
  t.match(zkServer(['version']), { status: 0, stdout: /^Apache ZooKeeper, version 3\.9\.5-stampede/ });
  for (const args of [[], ['print-cmd'], ['--config'], ['--config', 'x']]) {
    t.match(zkServer(args), { status: 2, stderr: /^Usage: / }, args.join(' '));
  }
});
