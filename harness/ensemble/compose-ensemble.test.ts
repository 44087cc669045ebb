import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Client } from '../client/client.ts';
import { isRunning, untilGone } from '../commands/testing/command-run.ts';
import { readServerLog } from '../transcript/server-log.ts';
import { ComposeEnsemble } from './compose-ensemble.ts';
import { requireCompose } from './compose-project.ts';
import { COMPOSE_KINDS, type ComposeKind, composeVariables } from './compose-settings.ts';
import { docker } from './docker-cli.ts';
import { EnsembleError, leaderOf, type Roles } from './ensemble.ts';
import { ServersError } from './parse-servers.ts';
import { DockerStandIn, type Missing } from './testing/docker-stand-in.ts';
import { waitUntil } from './wait-until.ts';

/*
 * Not tried with a Docker engine: the docker command is a stand-in that knows the subcommands that are used here, and runs
 * our servers as processes for containers. docs/TESTING.md says what was tried besides.
 */

const kindOf = (name: string): ComposeKind => COMPOSE_KINDS.get(name) as ComposeKind;

/** From here on `docker` is the stand-in, until the test ends. */
function standIn(t: Test, missing?: Missing): { readonly docker: DockerStandIn; readonly run: string } {
  const directory = t.testdir({ docker: {}, 'Run-1': { servers: {} } });
  const docker = new DockerStandIn(join(directory, 'docker'), missing);
  const before = { ...process.env };
  Object.assign(process.env, docker.env);
  t.teardown(() => {
    for (const name of Object.keys(docker.env)) {
      if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before[name];
    }
  });
  return { docker, run: join(directory, 'Run-1', 'servers') };
}

async function created(t: Test, kind = 'compose', config = {}, missing?: Missing) {
  const { docker, run } = standIn(t, missing);
  const ensemble = await ComposeEnsemble.create({ directory: run, kind: kindOf(kind), config });
  t.teardown(() => ensemble.stop());
  return { docker, run, ensemble };
}

async function untilRoles(ensemble: ComposeEnsemble, areMet: (roles: Roles) => boolean): Promise<void> {
  await waitUntil(async () => areMet(await ensemble.roles()), { timeoutMs: 30_000 });
}

await t.test('servers in containers are started, broken, mended and removed', async (t) => {
  const { docker, run, ensemble } = await created(t, 'compose', { tickTime: '500', snapCount: '777' });
  const lines: string[] = [];
  ensemble.onWaiting((line) => lines.push(line));
  t.equal(ensemble.processState(1).state, 'ended', 'before they are started');
  await ensemble.start();
  t.ok(lines.includes('docker: #5 [build 4/12] RUN npm ci'), 'the build of the image is told of');
  t.equal(docker.containers.length, 3);
  t.match(readFileSync(join(run, '1', 'zoo.cfg'), 'utf8'), /^tickTime=500\n[^]*^snapCount=777$/m);
  const roles = await ensemble.roles();
  t.same([...roles.values()].map(String).toSorted(), ['follower', 'follower', 'leader']);
  const leader = leaderOf(roles) ?? 0;
  const client = await Client.connect({ connectString: ensemble.connectString });
  await client.create('/kept', new Uint8Array([7]));
  await client.close();
  const deaths: EnsembleError[] = [];
  ensemble.onServerDied((error) => deaths.push(error));
  await killed(t, ensemble, leader);
  await frozen(t, ensemble);
  t.same(deaths, [], 'nobody ended but who was ended');
  await died(t, ensemble);
  const { pids } = docker;
  await ensemble.stop();
  t.same(docker.containers, [], 'no container is left');
  t.same(pids.filter(isRunning), []);
  for (const { id, dataDir } of ensemble.servers) {
    const { txns } = await readServerLog(id, dataDir);
    t.ok(txns.length > 0, `what server ${id} has logged was copied out of its container`);
  }
  t.same(docker.refused, [], 'the stand-in knew all that it was asked for');
});

async function killed(t: Test, ensemble: ComposeEnsemble, leader: number): Promise<void> {
  await t.test('a server that is killed stays down until it is started again, on its data', async (t) => {
    const before = pidOf(ensemble, leader);
    t.match(ensemble.processState(leader), {
      state: 'running',
      words: /^process \d+ of container [0-9a-f]{12} is running$/,
    });
    await ensemble.kill(leader);
    t.equal(pidOf(ensemble, leader), null);
    t.notOk(isRunning(before ?? 0));
    t.match(ensemble.processState(leader), {
      state: 'ended',
      words: /^container [0-9a-f]{12} is exited, with exit code 137$/,
    });
    await ensemble.kill(leader);
    await untilRoles(ensemble, (now) => leaderOf(now) !== null);
    await ensemble.restart(leader);
    t.not(pidOf(ensemble, leader), before, 'by another process');
    const reader = await Client.connect({ connectString: ensemble.servers[leader - 1]?.clientAddress ?? '' });
    t.same((await reader.getData('/kept')).data, new Uint8Array([7]));
    await reader.close();
    const log = readFileSync(ensemble.servers[leader - 1]?.logFile ?? '', 'utf8');
    t.equal(log.match(/binding to port/g)?.length, 2, 'its log has both lives, each once');
  });
}

async function frozen(t: Test, ensemble: ComposeEnsemble): Promise<void> {
  await t.test('a server that is frozen answers nothing and goes on', async (t) => {
    await ensemble.pause(1);
    t.match(ensemble.processState(1), { state: 'stopped', words: /^process \d+ of container .* is paused$/ });
    t.equal((await ensemble.roles()).get(1), null);
    await ensemble.resume(1);
    t.equal(ensemble.processState(1).state, 'running');
    await ensemble.pause(1);
    await ensemble.stop(1);
    t.match(
      ensemble.processState(1),
      { state: 'ended', words: /with exit code 0$/ },
      'stopped in order all the same',
    );
    await ensemble.restart(1);
    await untilRoles(ensemble, (now) => ![...now.values()].includes(null));
  });
}

async function died(t: Test, ensemble: ComposeEnsemble): Promise<void> {
  await t.test('one that ends by itself is told of', async (t) => {
    const death = new Promise<EnsembleError>((resolve) => ensemble.onServerDied(resolve));
    process.kill(pidOf(ensemble, 2) ?? 0, 'SIGKILL');
    t.match(
      (await death).message,
      /^server 2 \(stampede in a container\) ended by itself: container .* exit code 137; the end of /,
    );
  });
}

function pidOf({ servers }: ComposeEnsemble, id: number): number | null {
  return servers[id - 1]?.pid ?? null;
}

await t.test(
  'one that does not come up says why, and nothing is left of the others, of whatever profile',
  async (t) => {
    const { docker, ensemble } = await created(t, 'compose-apache', { tickTime: 'soon' });
    t.equal(ensemble.name, 'apache in a container');
    await t.rejects(
      ensemble.start(),
      new RegExp(
        String.raw`server \d .* is exited, with exit code 2 while it was starting; the end of [^]*tickTime`,
      ),
    );
    t.same(docker.containers, []);
  },
);

await t.test('what is aborted leaves nothing', async (t) => {
  const { docker, ensemble } = await created(t);
  const abort = new AbortController();
  ensemble.onWaiting(() => abort.abort());
  await t.rejects(ensemble.start(abort.signal), EnsembleError);
  t.same(docker.containers, []);
});

await t.test('when the harness is killed nothing is left either', async (t) => {
  const { docker, run } = standIn(t);
  const script = `
    const { ComposeEnsemble } = await import(${JSON.stringify(import.meta.resolve('./compose-ensemble.js'))});
    const { COMPOSE_KINDS } = await import(${JSON.stringify(import.meta.resolve('./compose-settings.js'))});
    const kind = COMPOSE_KINDS.get('compose');
    const ensemble = await ComposeEnsemble.create({ directory: process.argv[1], kind, config: {} });
    await ensemble.start();
    console.log('serving');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, run], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const { pids } = docker;
  t.equal(pids.length, 3);
  child.kill('SIGKILL');
  await untilGone(pids);
  t.ok(await waitUntil(() => Promise.resolve(docker.containers.length === 0), { timeoutMs: 30_000 }));
  t.same(docker.containers, []);
});

await t.test('without Docker it is said what to do', async (t) => {
  const REFUSALS: readonly (readonly [Missing, RegExp])[] = [
    [
      'daemon',
      /^docker version .* has failed: Cannot connect to the Docker daemon[^]*\nstart Docker's daemon/,
    ],
    [
      'plugin',
      /^docker compose version .*unknown command: docker compose[^]*\ninstall Docker's compose plugin/,
    ],
  ];
  for (const [missing, message] of REFUSALS) {
    await t.test(missing, async (t) => {
      standIn(t, missing);
      await t.rejects(requireCompose(), { name: 'EnsembleError', message });
    });
  }
  await t.test('command', async (t) => {
    const { run } = standIn(t);
    process.env['PATH'] = run;
    await t.rejects(requireCompose(), {
      name: 'EnsembleError',
      message:
        /^the command docker cannot be run: there is none in PATH\ninstall Docker with its compose plugin;/,
    });
  });
  await t.test('image', async (t) => {
    const { ensemble } = await created(t, 'compose', {}, 'image');
    await t.rejects(ensemble.start(), {
      name: 'EnsembleError',
      message: /failed to solve: process "\/bin\/sh -c npm ci"[^]*images or containers cannot be made/,
    });
  });
});

await t.test('the stand-in refuses what it does not know', async (t) => {
  const directory = t.testdir({ docker: {} });
  const { env, refused } = new DockerStandIn(join(directory, 'docker'));
  t.same(refused, []);
  await t.rejects(
    docker(['pull', 'zookeeper'], { env }),
    /the stand-in for docker knows nothing of: docker pull zookeeper/,
  );
  await t.rejects(docker(['compose', 'up'], { env }), /knows nothing of: docker compose up/);
});

await t.test('lines of zoo.cfg become the variables of docker-compose.yml', async (t) => {
  t.match(composeVariables({}), {
    ZOO_TICK_TIME: '2000',
    ZOO_4LW_COMMANDS_WHITELIST: '*',
    ZOO_AUTOPURGE_PURGEINTERVAL: '0',
    ZOO_CFG_EXTRA: '',
    STAMPEDE_RESTART: 'no',
  });
  t.match(composeVariables({ syncLimit: '9', snapCount: '50', forceSync: 'no' }), {
    ZOO_SYNC_LIMIT: '9',
    ZOO_CFG_EXTRA: 'snapCount=50 forceSync=no',
  });
  const REFUSED: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
    [
      { dataDir: '/x' },
      /^--set dataDir=\/x: docker-compose.yml says that of its servers itself; leave it out$/,
    ],
    [{ 'server.4': 'x:1:2' }, /^--set server.4=x:1:2: docker-compose.yml says that/],
    [{ a: 'b c' }, /^--set a=b c: a container is told its lines as words; give one without blanks$/],
    [{ a: '' }, /^--set a=: a container cannot be told an empty value/],
    [
      { 'admin.enableServer': 'true', 'stampede.maxAdminRequestsPerSecond': '1000000' },
      /^the servers' ports for operators \(admin\) are not published by docker-compose.yml/,
    ],
  ];
  for (const [config, message] of REFUSED) {
    t.throws(() => composeVariables(config), { name: ServersError.name, message });
  }
});
