import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FOR, OPERATOR_PORTS, type OperatorPort } from '../http/http-workload.ts';
import type { MemberAddress } from './routes.ts';

/** What the sample configuration has, with every four-letter word and without the web server. */
export const DEFAULT_ZOO_CONFIG: Readonly<Record<string, string>> = {
  tickTime: '2000',
  initLimit: '10',
  syncLimit: '5',
  maxClientCnxns: '0',
  '4lw.commands.whitelist': '*',
  'admin.enableServer': 'false',
};

/** After how long a silence servers that are so configured give each other up. */
export function silenceLimitMsOf(config: Readonly<Record<string, string>>): number {
  const { tickTime, syncLimit } = { ...DEFAULT_ZOO_CONFIG, ...config };
  return Number(tickTime) * Number(syncLimit);
}

/** A server as zoo.cfg knows it. All are on 127.0.0.1. */
export interface Member {
  readonly id: number;
  readonly isObserver: boolean;
  readonly clientPort: number;
  readonly quorumPort: number;
  readonly electionPort: number;
  /** For operators, where the configuration asks for them. */
  readonly operatorPorts?: Readonly<Partial<Record<OperatorPort, number>>>;
}

/** The ports for operators that a configuration asks for. */
export function operatorPortsIn(config: Readonly<Record<string, string>>): OperatorPort[] {
  return OPERATOR_PORTS.filter((port) =>
    Object.entries(CONFIG_FOR[port]).every(([key, value]) => config[key] === value),
  );
}

/** Where they are, in zoo.cfg. */
const LINES_FOR: Readonly<Record<OperatorPort, (port: number) => readonly string[]>> = {
  admin: (port) => [`admin.serverPort=${port}`, 'admin.serverAddress=127.0.0.1'],
  metrics: (port) => [`metricsProvider.httpPort=${port}`, 'metricsProvider.httpHost=127.0.0.1'],
};

/** Where a server has its files. */
export interface ServerPlace {
  readonly member: Member;
  readonly directory: string;
  readonly dataDir: string;
  readonly configFile: string;
  readonly logFile: string;
}

/**
 * Makes `<id>/zoo.cfg` and `<id>/data` of one member below `directory`, with `myid` where there are several. The
 * same for every program, so that one can go on where another was stopped.
 */
export function writeZooConfig(options: {
  readonly directory: string;
  readonly member: Member;
  /** How this member knows all of them, itself included. */
  readonly members: readonly MemberAddress[];
  /** Lines of zoo.cfg, over the defaults. Any system property `zookeeper.x` can be given as `x`. */
  readonly config: Readonly<Record<string, string>>;
}): ServerPlace {
  const { member, members, config } = options;
  const directory = join(options.directory, String(member.id));
  const dataDir = join(directory, 'data');
  const configFile = join(directory, 'zoo.cfg');
  mkdirSync(dataDir, { recursive: true });
  const lines = Object.entries({ ...DEFAULT_ZOO_CONFIG, ...config }).map(([key, value]) => `${key}=${value}`);
  for (const [port, number] of Object.entries(member.operatorPorts ?? {}))
    lines.push(...LINES_FOR[port as OperatorPort](number));
  lines.push(`dataDir=${dataDir}`, 'clientPortAddress=127.0.0.1', `clientPort=${member.clientPort}`);
  if (members.length > 1) {
    if (member.isObserver) lines.push('peerType=observer');
    lines.push(...members.map(memberLine));
    writeFileSync(join(dataDir, 'myid'), `${member.id}\n`);
  }
  writeFileSync(configFile, `${lines.join('\n')}\n`);
  return { member, directory, dataDir, configFile, logFile: join(directory, 'server.log') };
}

/** Without a client address: with one, ZooKeeper moves these lines to a file of its own and rewrites this one. */
export function memberLine({ id, host, quorumPort, electionPort, isObserver }: MemberAddress): string {
  return `server.${id}=${host}:${quorumPort}:${electionPort}${isObserver ? ':observer' : ''}`;
}
