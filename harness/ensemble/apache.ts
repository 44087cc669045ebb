import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Apache } from './find-apache.ts';
import { freePorts } from './free-ports.ts';
import { ProcessEnsemble, ProcessServer } from './process-ensemble.ts';

const MAIN_CLASS = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';

/** As zkServer.sh starts it. */
const DEFAULT_JVM_FLAGS: readonly string[] = ['-Xmx1000m'];

/** A JVM that comes up fast and is small, for tests that do not measure. */
export const SMALL_JVM_FLAGS: readonly string[] = [
  '-Xms64m',
  '-Xmx256m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
];

export interface ApacheOptions {
  readonly apache: Apache;
  /** Gets `<id>/zoo.cfg`, `<id>/server.log` and `<id>/data` for each server: a run's `servers` directory. */
  readonly directory: string;
  /** 1 is a standalone server; 1 by default. */
  readonly serverCount?: number;
  /** Lines of zoo.cfg, over the defaults below. Any system property `zookeeper.x` can be given as `x`. */
  readonly config?: Readonly<Record<string, string>>;
  readonly jvmFlags?: readonly string[];
  /** How long a server may take to serve clients; 60 000 by default. */
  readonly startTimeoutMs?: number;
}

/** What the sample configuration has, with every four-letter word and without the web server. */
const DEFAULT_CONFIG: Readonly<Record<string, string>> = {
  tickTime: '2000',
  initLimit: '10',
  syncLimit: '5',
  maxClientCnxns: '0',
  '4lw.commands.whitelist': '*',
  'admin.enableServer': 'false',
};

interface Ports {
  readonly client: number;
  readonly quorum: number;
  readonly election: number;
}

/**
 * Apache's own ZooKeeper on 127.0.0.1 as the system under test, each server a JVM and a child of this process.
 * Chooses ports and writes the configuration; starts nothing.
 */
export async function createApache(options: ApacheOptions): Promise<ProcessEnsemble> {
  const free = await freePorts(3 * (options.serverCount ?? 1));
  const ports: Ports[] = [];
  for (let i = 0; i + 2 < free.length; i += 3) {
    const [client, quorum, election] = free.slice(i, i + 3) as [number, number, number];
    ports.push({ client, quorum, election });
  }
  return new ProcessEnsemble(
    `apache ${options.apache.version}`,
    ports.map((_, index) => apacheServer(options, index + 1, ports)),
  );
}

function apacheServer(options: ApacheOptions, id: number, ports: readonly Ports[]): ProcessServer {
  const directory = join(options.directory, String(id));
  const dataDir = join(directory, 'data');
  const { client } = portsOf(ports, id);
  const configFile = join(directory, 'zoo.cfg');
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(configFile, configText({ options, dataDir, client, ports }));
  if (ports.length > 1) writeFileSync(join(dataDir, 'myid'), `${id}\n`);
  writeLoggingConfig(directory);
  return new ProcessServer({
    id,
    clientAddress: `127.0.0.1:${client}`,
    dataDir,
    startTimeoutMs: options.startTimeoutMs ?? 60_000,
    command: {
      command: options.apache.java,
      args: [
        ...(options.jvmFlags ?? DEFAULT_JVM_FLAGS),
        '-cp',
        // The directory comes first: it holds the configuration of the logging library.
        `${directory}:${options.apache.classpath}`,
        MAIN_CLASS,
        configFile,
      ],
      cwd: directory,
      logFile: join(directory, 'server.log'),
    },
  });
}

function configText(server: {
  readonly options: ApacheOptions;
  readonly dataDir: string;
  readonly client: number;
  readonly ports: readonly Ports[];
}): string {
  const lines = Object.entries({ ...DEFAULT_CONFIG, ...server.options.config }).map(
    ([key, value]) => `${key}=${value}`,
  );
  lines.push(`dataDir=${server.dataDir}`, 'clientPortAddress=127.0.0.1', `clientPort=${server.client}`);
  // No client address in these lines: with one, ZooKeeper moves them to a file of its own and rewrites this one.
  if (server.ports.length > 1) {
    for (const [index, { quorum, election }] of server.ports.entries()) {
      lines.push(`server.${index + 1}=127.0.0.1:${quorum}:${election}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function portsOf(ports: readonly Ports[], id: number): Ports {
  const own = ports[id - 1];
  if (own === undefined) throw new Error(`no ports for server ${id}`);
  return own;
}

/** Both that Apache has used: log4j until 3.7 (and Debian still), logback since. Without them there is no log. */
function writeLoggingConfig(directory: string): void {
  writeFileSync(
    join(directory, 'log4j.properties'),
    [
      'log4j.rootLogger=INFO, CONSOLE',
      'log4j.appender.CONSOLE=org.apache.log4j.ConsoleAppender',
      'log4j.appender.CONSOLE.layout=org.apache.log4j.PatternLayout',
      'log4j.appender.CONSOLE.layout.ConversionPattern=%d{ISO8601} [myid:%X{myid}] - %-5p [%t:%C{1}@%L] - %m%n',
      '',
    ].join('\n'),
  );
  writeFileSync(
    join(directory, 'logback.xml'),
    [
      '<configuration>',
      '  <appender name="CONSOLE" class="ch.qos.logback.core.ConsoleAppender">',
      '    <encoder><pattern>%d{ISO8601} [myid:%X{myid}] - %-5p [%t:%C{1}@%L] - %m%n</pattern></encoder>',
      '  </appender>',
      '  <root level="INFO"><appender-ref ref="CONSOLE" /></root>',
      '</configuration>',
      '',
    ].join('\n'),
  );
}
