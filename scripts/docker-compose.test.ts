import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseServerConfig } from '../server/config.ts';
import { WORKLOADS } from '../workloads/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');

const composeSchema = z.strictObject({
  services: z.record(
    z.string(),
    z.strictObject({
      build: z.strictObject({ context: z.string(), target: z.string() }),
      ports: z.array(z.string()).default([]),
      volumes: z.array(z.string()).default([]),
      profiles: z.array(z.string()).default([]),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
      command: z.array(z.string()).default([]),
      stop_grace_period: z.string().optional(),
      restart: z.string().optional(),
    }),
  ),
  volumes: z.record(z.string(), z.null()),
});

const compose = composeSchema.parse(parse(read('docker-compose.yml')));
const dockerfile = read('Dockerfile');
const scripts = Object.values(
  z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json'))).scripts,
);
const zooCfg = parseServerConfig(read('docker/zoo.cfg'), { file: 'docker/zoo.cfg', cwd: '/' });

/** The lines of one stage of the Dockerfile, continued lines joined. */
function stageOf(target: string): string[] {
  const lines = dockerfile.replaceAll('\\\n', ' ').split('\n');
  const start = lines.findIndex((line) => line.startsWith('FROM ') && line.endsWith(` AS ${target}`));
  if (start === -1) throw new Error(`the Dockerfile has no stage ${target}`);
  const end = lines.findIndex((line, index) => index > start && line.startsWith('FROM '));
  return lines.slice(start, end === -1 ? undefined : end);
}

const withDefaults = (text: string) => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');

await t.test(
  'docker-compose.yml names stages, files and volumes that exist (no Docker engine involved)',
  async (t) => {
    for (const [name, service] of Object.entries(compose.services)) {
      t.ok(existsSync(join(ROOT, service.build.context, 'Dockerfile')), `${name} builds from a Dockerfile`);
      t.match(stageOf(service.build.target).join('\n'), /^USER node$/m, `${name} does not run as root`);
      for (const other of Object.keys(service.depends_on))
        t.ok(other in compose.services, `${name} needs ${other}`);
      for (const volume of service.volumes) {
        const source = volume.split(':')[0] as string;
        const exists = source.startsWith('.') ? existsSync(join(ROOT, source)) : source in compose.volumes;
        t.ok(exists, `${name} mounts ${source}`);
      }
    }
  },
);

await t.test('every variable of docker-compose.yml has a default (no Docker engine involved)', async (t) => {
  const uses = read('docker-compose.yml').match(/\$\{[^}]*\}|\$\w+/g) ?? [];
  t.ok(uses.length > 0);
  for (const use of uses) t.match(use, /^\$\{[A-Z_]+:-[^}]+\}$/, use);
});

await t.test(
  'ports and directories of compose, Dockerfile and zoo.cfg agree (no Docker engine involved)',
  async (t) => {
    const port = String(zooCfg.clientPort);
    const { server, bench } = compose.services;
    const stage = stageOf('server');
    t.ok(stage.includes(`EXPOSE ${port}`));
    t.match(
      stage.find((line) => line.startsWith('HEALTHCHECK')),
      `docker/healthcheck.mjs", "${port}"`,
    );
    t.same(
      server?.ports.map((mapping) => withDefaults(mapping).split(':').slice(1)),
      [['2181', port]],
    );
    const mounted = server?.volumes.map((volume) => volume.split(':')[1]);
    for (const directory of [zooCfg.dataDir, zooCfg.dataLogDir]) {
      t.ok(mounted?.includes(directory), `${directory} outlives the container`);
      t.match(
        stage.find((line) => line.startsWith('VOLUME')),
        `"${directory}"`,
      );
    }
    const command = bench?.command.map(withDefaults) ?? [];
    t.equal(command[command.indexOf('--target') + 1], `server:${port}`);
    const help = spawnSync(process.execPath, [join(ROOT, 'dist/harness/main.js'), 'bench', '--help']);
    for (const option of command.filter((word) => word.startsWith('--'))) {
      t.match(String(help.stdout), `${option} <`, `bench has the option ${option}`);
    }
    t.ok(WORKLOADS.has(command[command.indexOf('--workload') + 1] as string), 'the workload exists');
  },
);

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
    for (const [, entry] of dockerfile.matchAll(/"(dist\/[^"]+\.js)"/g)) {
      t.ok(
        scripts.some((script) => script.includes(` ${entry}`)),
        `${entry} is what a script of package.json runs`,
      );
    }
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
