import { freePorts } from './free-ports.ts';
import { ServersError } from './parse-servers.ts';
import { DEFAULT_ZOO_CONFIG, operatorPortsIn } from './zoo-config.ts';

/** Which servers of docker-compose.yml. */
export interface ComposeKind {
  /** For reports. */
  readonly program: string;
  /** Of the file, in the order of the servers' ids. */
  readonly services: readonly string[];
  /** The file's variable for the port of server n, without the n. */
  readonly portVariable: string;
  /** To which the services belong; null: they belong to none. */
  readonly profile: string | null;
}

/** By the target's name. */
export const COMPOSE_KINDS: ReadonlyMap<string, ComposeKind> = new Map([
  [
    'compose',
    {
      program: 'stampede in a container',
      services: ['zk1', 'zk2', 'zk3'],
      portVariable: 'STAMPEDE_PORT_',
      profile: null,
    },
  ],
  [
    'compose-apache',
    {
      program: 'apache in a container',
      services: ['apache1', 'apache2', 'apache3'],
      portVariable: 'APACHE_PORT_',
      profile: 'apache',
    },
  ],
]);

/** Lines of zoo.cfg for which the file has a variable of their own; all others share ZOO_CFG_EXTRA. */
const VARIABLES: ReadonlyMap<string, string> = new Map([
  ['tickTime', 'ZOO_TICK_TIME'],
  ['initLimit', 'ZOO_INIT_LIMIT'],
  ['syncLimit', 'ZOO_SYNC_LIMIT'],
  ['maxClientCnxns', 'ZOO_MAX_CLIENT_CNXNS'],
  ['autopurge.purgeInterval', 'ZOO_AUTOPURGE_PURGEINTERVAL'],
  ['autopurge.snapRetainCount', 'ZOO_AUTOPURGE_SNAPRETAINCOUNT'],
  ['4lw.commands.whitelist', 'ZOO_4LW_COMMANDS_WHITELIST'],
  ['admin.enableServer', 'ZOO_ADMINSERVER_ENABLED'],
]);

/** As servers have it that are processes: the logs by which a run is judged stay. */
const DEFAULTS: Readonly<Record<string, string>> = {
  ...DEFAULT_ZOO_CONFIG,
  'autopurge.purgeInterval': '0',
  'autopurge.snapRetainCount': '3',
};

/** What the containers are made for. */
const FIXED = /^(dataDir|dataLogDir|clientPort|clientPortAddress|dynamicConfigFile|peerType|server\..+)$/;

/**
 * The variables of docker-compose.yml by which its servers get these lines of zoo.cfg, every one that there is: none comes
 * from our own environment.
 *
 * @throws ServersError for a line that cannot get there.
 */
export function composeVariables(config: Readonly<Record<string, string>>): Record<string, string> {
  for (const [key, value] of Object.entries(config)) {
    const why = whyNotSet(key, value);
    if (why !== null) throw new ServersError(`--set ${key}=${value}: ${why}`);
  }
  const [port] = operatorPortsIn(config);
  if (port !== undefined)
    throw new ServersError(
      `the servers' ports for operators (${port}) are not published by docker-compose.yml; choose --target embedded or apache`,
    );
  const lines = Object.entries({ ...DEFAULTS, ...config });
  const extra = lines.filter(([key]) => !VARIABLES.has(key)).map(([key, value]) => `${key}=${value}`);
  return {
    ...Object.fromEntries(
      lines.flatMap(([key, value]) => {
        const variable = VARIABLES.get(key);
        return variable === undefined ? [] : [[variable, value]];
      }),
    ),
    ZOO_CFG_EXTRA: extra.join(' '),
    // Who is killed stays down until it is started again.
    STAMPEDE_RESTART: 'no',
  };
}

/** Ports of this machine for its servers, in the order of their ids, and the variables that say so. */
export async function composePorts({ services, portVariable }: ComposeKind): Promise<{
  readonly ports: readonly number[];
  readonly variables: Readonly<Record<string, string>>;
}> {
  const ports = await freePorts(services.length);
  const variables = ports.map((port, index) => [`${portVariable}${index + 1}`, String(port)] as const);
  return { ports, variables: Object.fromEntries(variables) };
}

function whyNotSet(key: string, value: string): string | null {
  if (FIXED.test(key)) return 'docker-compose.yml says that of its servers itself; leave it out';
  // Each word of ZOO_CFG_EXTRA becomes a line, on both kinds of image.
  if (/\s/.test(key + value)) return 'a container is told its lines as words; give one without blanks';
  // Compose takes an empty variable for none.
  if (value === '') return 'a container cannot be told an empty value; leave it out';
  return null;
}
