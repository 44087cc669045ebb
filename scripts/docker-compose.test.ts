import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { z } from 'zod';
import { COMPOSE_KINDS, composePorts, composeVariables } from '../harness/ensemble/compose-settings.ts';
import { freePorts } from '../harness/ensemble/free-ports.ts';
import { readServerConfig } from '../server/config-file.ts';
import { WORKLOADS } from '../workloads/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');

const text = z.string();
/** The parts of the Compose specification that are used, and nothing else: a key that was mistyped is an error. */
const serviceSchema = z
  .strictObject({
    build: z.strictObject({ context: text, target: text }).optional(),
    image: text.optional(),
    environment: z.record(text, z.union([text, z.number()])).default({}),
    ports: z.array(text).default([]),
    volumes: z.array(text).default([]),
    profiles: z.array(text).default([]),
    depends_on: z
      .record(text, z.strictObject({ condition: z.enum(['service_healthy', 'service_started']) }))
      .default({}),
    command: z.array(text).default([]),
    healthcheck: z
      .strictObject({ test: z.array(text), interval: text, timeout: text, retries: z.int() })
      .optional(),
    stop_grace_period: text.optional(),
    restart: z.enum(['unless-stopped']).optional(),
  })
  .refine(({ build, image }) => (build === undefined) !== (image === undefined), 'either built or pulled');
const composeSchema = z.strictObject({
  services: z.record(text, serviceSchema),
  volumes: z.record(text, z.null()),
});

/** As Compose reads it where no variable is set. */
function readCompose(): z.output<typeof composeSchema> {
  const document = parse(read('docker-compose.yml'), withDefaultsIn, { merge: true }) as Record<
    string,
    unknown
  >;
  const parts = Object.entries(document).filter(([key]) => !key.startsWith('x-'));
  return composeSchema.parse(Object.fromEntries(parts));
}

/** Variables are replaced in what YAML has made of the file. */
function withDefaultsIn(_: unknown, value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll(/\$\{\w+:?-([^}]*)\}/g, '$1') : value;
}

const compose = readCompose();
const services = Object.entries(compose.services);
const ours = services.filter(([, { build }]) => build?.target === 'server');
const apaches = services.filter(([, { image }]) => image?.startsWith('zookeeper:') === true);
const dockerfile = read('Dockerfile');
const scripts = Object.values(
  z.object({ scripts: z.record(text, text) }).parse(JSON.parse(read('package.json'))).scripts,
);

/** The lines of one stage of the Dockerfile, continued lines joined. */
function stageOf(target: string): string[] {
  const lines = dockerfile.replaceAll('\\\n', ' ').split('\n');
  const start = lines.findIndex((line) => line.startsWith('FROM ') && line.endsWith(` AS ${target}`));
  if (start === -1) throw new Error(`the Dockerfile has no stage ${target}`);
  const end = lines.findIndex((line, index) => index > start && line.startsWith('FROM '));
  return lines.slice(start, end === -1 ? undefined : end);
}

await t.test(
  'docker-compose.yml names stages, files and volumes that exist (no Docker engine involved)',
  async (t) => {
    for (const [name, service] of services) {
      if (service.build !== undefined) {
        t.ok(existsSync(join(ROOT, service.build.context, 'Dockerfile')), `${name} builds from a Dockerfile`);
        t.match(stageOf(service.build.target).join('\n'), /^USER node$/m, `${name} does not run as root`);
      }
      if (service.image !== undefined) t.match(service.image, /:v?\d/, `${name} is of a version`);
      for (const [other, { condition }] of Object.entries(service.depends_on)) {
        t.ok(other in compose.services, `${name} needs ${other}`);
        if (condition === 'service_started') continue;
        t.match(stageOf(compose.services[other]?.build?.target ?? '').join('\n'), /^HEALTHCHECK /m, other);
      }
      for (const volume of service.volumes) {
        const source = volume.split(':')[0] as string;
        const exists = source.startsWith('.') ? existsSync(join(ROOT, source)) : source in compose.volumes;
        t.ok(exists, `${name} mounts ${source}`);
      }
    }
    const mounted = services.flatMap(([, { volumes }]) =>
      volumes.map((volume) => volume.split(':')[0] ?? ''),
    );
    const named = mounted.filter((name) => !name.startsWith('.'));
    t.equal(new Set(named).size, named.length, 'none is shared');
    t.same(new Set(named), new Set(Object.keys(compose.volumes)), 'and none is left over');
  },
);

await t.test('every variable of docker-compose.yml has a default (no Docker engine involved)', async (t) => {
  const uses = read('docker-compose.yml').match(/\$\{[^}]*\}|\$\w+/g) ?? [];
  t.ok(uses.length > 0);
  for (const use of uses) t.match(use, /^\$\{[A-Z0-9_]+(:-[^}]+|-[^}]*)\}$/, use);
});

await t.test(
  'what the harness says to Compose is what the file knows (no Docker engine involved)',
  async (t) => {
    const file = read('docker-compose.yml');
    for (const [target, kind] of COMPOSE_KINDS) {
      const { ports, variables } = await composePorts(kind);
      t.equal(ports.length, kind.services.length);
      for (const name of Object.keys({ ...composeVariables({ preAllocSize: '64' }), ...variables }))
        t.match(file, new RegExp(String.raw`\$\{${name}:?-`), `${name} of --target ${target}`);
      for (const service of kind.services) {
        const { profiles, restart } = compose.services[service] ?? {};
        t.same(profiles, kind.profile === null ? [] : [kind.profile], service);
        t.equal(restart, 'unless-stopped', 'unless it is said otherwise');
      }
    }
    t.equal(file.match(/restart: \$\{STAMPEDE_RESTART:-unless-stopped\}/g)?.length, COMPOSE_KINDS.size);
  },
);

await t.test('no two services want one port of this machine (no Docker engine involved)', async (t) => {
  const mappings = services.flatMap(([, { ports }]) => ports);
  for (const mapping of mappings) t.match(mapping, /^127\.0\.0\.1:\d+:\d+$/, 'and nobody else can reach it');
  const ports = mappings.map((mapping) => mapping.split(':')[1]);
  t.equal(new Set(ports).size, ports.length, ports.join(' '));
});

await t.test(
  'Toxiproxy stands before each of our servers, and can be reached (no Docker engine involved)',
  async (t) => {
    const proxies = z
      .array(z.strictObject({ name: text, listen: text, upstream: text, enabled: z.literal(true) }))
      .parse(JSON.parse(read('docker/toxiproxy.json')));
    t.same(
      proxies.map(({ upstream }) => upstream),
      ours.map(([name]) => `${name}:2181`),
    );
    const published = compose.services['toxiproxy']?.ports.map((mapping) => mapping.split(':')[2]);
    t.same(published, ['8474', ...proxies.map(({ listen }) => listen.split(':')[1])]);
  },
);

await t.test('what the bench is told is what bench knows (no Docker engine involved)', async (t) => {
  const command = compose.services['bench']?.command ?? [];
  t.equal(command[command.indexOf('--target') + 1], ours.map(([name]) => `${name}:2181`).join(','));
  const help = spawnSync(process.execPath, [join(ROOT, 'dist/harness/main.js'), 'bench', '--help']);
  for (const option of command.filter((word) => word.startsWith('--'))) {
    t.match(String(help.stdout), `${option} <`, `bench has the option ${option}`);
  }
  t.ok(WORKLOADS.has(command[command.indexOf('--workload') + 1] as string), 'the workload exists');
});

await t.test(
  'the Dockerfile copies only what is in the repository (no Docker engine involved)',
  async (t) => {
    const copies = dockerfile
      .split('\n')
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='));
    t.ok(copies.length > 5);
    for (const line of copies) {
      for (const source of line.split(' ').slice(1, -1)) t.ok(existsSync(join(ROOT, source)), source);
    }
    for (const [, entry] of `${dockerfile}${read('docker/entrypoint.sh')}`.matchAll(/(dist\/[^" ]+\.js)"/g)) {
      t.ok(
        scripts.some((script) => script.includes(` ${entry}`)),
        `${entry} is what a script of package.json runs`,
      );
    }
    const [, entrypoint] = /^ENTRYPOINT \["([^"]+)"\]$/m.exec(stageOf('server').join('\n')) ?? [];
    t.doesNotThrow(() => accessSync(join(ROOT, entrypoint ?? 'none'), constants.X_OK));
  },
);

/** What the entrypoint makes of these variables, in a directory of its own that stands for the container's root. */
function configured(
  t: Test,
  environment: Readonly<Record<string, string | number>>,
): { readonly file: string; readonly env: NodeJS.ProcessEnv } {
  const directory = t.testdir({ conf: {}, data: {}, datalog: {} });
  const [conf, data, datalog] = ['conf', 'data', 'datalog'].map((name) => join(directory, name));
  const own = { ZOO_CONF_DIR: conf, ZOO_DATA_DIR: data, ZOO_DATA_LOG_DIR: datalog };
  const strings = Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, String(value)]),
  );
  const env = { PATH: process.env['PATH'], ...strings, ...own };
  return { file: join(conf ?? '', 'zoo.cfg'), env };
}

const ENTRYPOINT = join(ROOT, 'docker/entrypoint.sh');

await t.test(
  'each server of compose is configured as a member of the ensemble, on both kinds of image',
  async (t) => {
    t.equal(ours.length, 3);
    t.equal(apaches.length, 3);
    for (const [index, [name, { environment }]] of [...ours, ...apaches].entries()) {
      await t.test(name, async (t) => {
        const { file, env } = configured(t, environment);
        const { status, stderr } = spawnSync(ENTRYPOINT, ['true'], { env, encoding: 'utf8' });
        t.equal(status, 0, stderr);
        const config = readServerConfig(file, { cwd: '/' });
        t.same(config.warnings, []);
        t.same(config.notImplemented, []);
        t.equal(readFileSync(join(env['ZOO_DATA_DIR'] ?? '', 'myid'), 'utf8'), `${(index % 3) + 1}\n`);
        const written = readFileSync(file, 'utf8');
        t.match(written, `server.${(index % 3) + 1}=${name}:2888:3888;2181\n`);
        for (const variable of Object.keys(environment))
          t.match(read('docker/entrypoint.sh'), variable, 'it is honoured');
      });
    }
  },
);

await t.test("every variable of Apache's image ends up where Apache's puts it", async (t) => {
  const { file, env } = configured(t, {
    ZOO_TICK_TIME: 500,
    ZOO_INIT_LIMIT: 11,
    ZOO_SYNC_LIMIT: 7,
    ZOO_MAX_CLIENT_CNXNS: 12,
    ZOO_STANDALONE_ENABLED: 'false',
    ZOO_AUTOPURGE_PURGEINTERVAL: 3,
    ZOO_AUTOPURGE_SNAPRETAINCOUNT: 4,
    ZOO_ADMINSERVER_ENABLED: 'true',
    ZOO_4LW_COMMANDS_WHITELIST: '*',
    ZOO_SERVERS: 'server.4=a:1:2;3  server.5=b:1:2;3',
    ZOO_CFG_EXTRA: 'minSessionTimeout=100 *',
    ZOO_MY_ID: 4,
  });
  t.equal(spawnSync(ENTRYPOINT, ['true'], { env }).status, 0);
  t.same(readFileSync(file, 'utf8').trimEnd().split('\n'), [
    `dataDir=${env['ZOO_DATA_DIR']}`,
    `dataLogDir=${env['ZOO_DATA_LOG_DIR']}`,
    'tickTime=500',
    'initLimit=11',
    'syncLimit=7',
    'autopurge.snapRetainCount=4',
    'autopurge.purgeInterval=3',
    'maxClientCnxns=12',
    'standaloneEnabled=false',
    'admin.enableServer=true',
    '4lw.commands.whitelist=*',
    'server.4=a:1:2;3',
    'server.5=b:1:2;3',
    'minSessionTimeout=100',
    '*',
  ]);
  t.equal(readFileSync(join(env['ZOO_DATA_DIR'] ?? '', 'myid'), 'utf8'), '4\n');
});

await t.test('what is there already is left as it is', async (t) => {
  const { file, env } = configured(t, { ZOO_MY_ID: 2, ZOO_TICK_TIME: 1 });
  const myid = join(env['ZOO_DATA_DIR'] ?? '', 'myid');
  writeFileSync(file, 'mounted\n');
  writeFileSync(myid, '7\n');
  t.equal(spawnSync(ENTRYPOINT, ['true'], { env }).status, 0);
  t.same([readFileSync(file, 'utf8'), readFileSync(myid, 'utf8')], ['mounted\n', '7\n']);
});

await t.test(
  'without any variable but for its port it serves, and ends by SIGTERM as a container is ended',
  async (t) => {
    const [client = 0, peer = 0, election = 0] = await freePorts(3);
    const { env } = configured(t, { ZOO_SERVERS: `server.1=localhost:${peer}:${election};${client}` });
    const server = spawn(ENTRYPOINT, [], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    t.teardown(() => server.kill('SIGKILL'));
    let output = '';
    for await (const chunk of server.stdout.setEncoding('utf8')) {
      output += chunk;
      if (output.includes('binding to port')) break;
    }
    t.equal(await healthcheck(client), 0, output);
    server.kill('SIGTERM');
    const [code] = (await once(server, 'exit')) as [number];
    t.equal(code, 0);
  },
);

/** Runs the container's health check against `port` of this machine. */
async function healthcheck(port: number): Promise<number> {
  const child = spawn(process.execPath, [join(ROOT, 'docker/healthcheck.mjs'), String(port)], {
    stdio: 'ignore',
  });
  const [code] = (await once(child, 'exit')) as [number];
  return code;
}

await t.test('the health check passes on a server that says its mode, and on no other', async (t) => {
  const answers = ['Zookeeper version: x\nMode: standalone\n', 'is not currently serving requests\n', ''];
  const codes: number[] = [];
  for (const answer of answers) {
    const server = createServer((socket) => socket.once('data', () => socket.end(answer))).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    codes.push(await healthcheck(port));
    server.close();
    await once(server, 'close');
    if (answer === '') codes.push(await healthcheck(port));
  }
  t.same(codes, [0, 1, 1, 1]);
});
