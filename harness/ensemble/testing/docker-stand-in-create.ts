import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { freePorts } from '../free-ports.ts';
import { type Container, DockerError } from './docker-stand-in-container.ts';

const serviceSchema = z.object({
  environment: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)),
  ports: z.tuple([z.string().regex(/^127\.0\.0\.1:\d+:2181$/)]),
  profiles: z.array(z.string()).default([]),
  // Nothing here starts anything again by itself.
  restart: z.literal('no'),
});

/** As `up --no-start`: reads the file as Compose does, and makes a directory for each container below `home`. */
export async function createContainers(
  home: string,
  of: {
    readonly file: string;
    readonly project: string;
    readonly services: readonly string[];
  },
): Promise<void> {
  const { file, project, services } = of;
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(project)) throw new DockerError(`invalid project name "${project}"`);
  const document = parse(readFileSync(file, 'utf8'), withVariablesIn, { merge: true }) as Record<
    string,
    unknown
  >;
  const all = z.record(z.string(), z.unknown()).parse(document['services']);
  const read = services.map((name) => ({ name, ...serviceSchema.parse(all[name]) }));
  const peerPorts = await freePorts(2 * read.length);
  const members = read.map(({ name, ports }, index): readonly [string, string] => [
    `=${name}:2888:3888;2181`,
    `=127.0.0.1:${peerPorts[2 * index]}:${peerPorts[2 * index + 1]};${ports[0].split(':')[1]}`,
  ]);
  for (const { name: service, environment, profiles } of read) {
    const place = join(home, randomBytes(32).toString('hex'));
    const [conf, data, datalog] = ['conf', 'data', 'datalog'].map((name) => join(place, name));
    for (const each of [conf, data, datalog]) mkdirSync(each as string, { recursive: true });
    let servers = environment['ZOO_SERVERS'] ?? '';
    for (const [name, address] of members) servers = servers.replace(name, address);
    const container = {
      project,
      service,
      profiles,
      env: {
        ...environment,
        PATH: process.env['PATH'] ?? '',
        ZOO_SERVERS: servers,
        ZOO_CONF_DIR: conf as string,
        ZOO_DATA_DIR: data as string,
        ZOO_DATA_LOG_DIR: datalog as string,
        ENTRYPOINT: join(dirname(file), 'docker/entrypoint.sh'),
      },
    } satisfies Container;
    writeFileSync(join(place, 'log'), '');
    writeFileSync(join(place, 'container.json'), JSON.stringify(container));
  }
}

/** As Compose does it, in what YAML has made of the file, with our environment. */
function withVariablesIn(_: unknown, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value.replaceAll(/\$\{(\w+)(:?)-([^}]*)\}/g, (_, name: string, colon: string, usual: string) => {
    const given = process.env[name];
    return given === undefined || (colon !== '' && given === '') ? usual : given;
  });
}
