import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEnsemble } from './create-ensemble.ts';
import type { Apache } from './find-apache.ts';
import type { ProcessEnsemble } from './process-ensemble.ts';
import type { ServerProgram } from './server-program.ts';

const MAIN_CLASS = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';

/** As zkServer.sh starts it. */
const DEFAULT_JVM_FLAGS: readonly string[] = ['-Xmx1000m'];

/** Where zkServer.sh, too, looks for more. */
const JVM_FLAGS_VARIABLES = ['SERVER_JVMFLAGS', 'JVMFLAGS'] as const;

/** A JVM that comes up fast and is small, for tests that do not measure. */
export const SMALL_JVM_FLAGS: readonly string[] = [
  '-Xms64m',
  '-Xmx256m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
];

/** Apache's own ZooKeeper, each server a JVM. */
export function apacheProgram(
  apache: Apache,
  jvmFlags: readonly string[] = ordinaryJvmFlags(),
): ServerProgram {
  return {
    name: `apache ${apache.version}`,
    commandLine({ directory, configFile }) {
      writeLoggingConfig(directory);
      // The directory comes first: it holds the configuration of the logging library.
      const classpath = `${directory}:${apache.classpath}`;
      return { command: apache.java, args: [...jvmFlags, '-cp', classpath, MAIN_CLASS, configFile] };
    },
  };
}

export interface ApacheOptions {
  readonly apache: Apache;
  /** Gets `<id>/zoo.cfg`, `<id>/server.log` and `<id>/data` for each server: a run's `servers` directory. */
  readonly directory: string;
  /** 1 unless told: a standalone server. */
  readonly serverCount?: number;
  /** Lines of zoo.cfg, over the defaults. Any system property `zookeeper.x` can be given as `x`. */
  readonly config?: Readonly<Record<string, string>>;
  readonly jvmFlags?: readonly string[];
  /** How long a server may take to serve clients; 60 000 by default. */
  readonly startTimeoutMs?: number;
}

/** An ensemble of Apache's servers. Chooses ports and writes configurations; starts nothing yet. */
export function createApache(options: ApacheOptions): Promise<ProcessEnsemble> {
  const { apache, directory, config, jvmFlags, serverCount = 1, startTimeoutMs } = options;
  const program = apacheProgram(apache, jvmFlags);
  return createEnsemble({
    directory,
    config,
    startTimeoutMs,
    servers: Array.from({ length: serverCount }, () => ({ program })),
  });
}

function ordinaryJvmFlags(): readonly string[] {
  const more = JVM_FLAGS_VARIABLES.map((name) => process.env[name] ?? '').join(' ');
  return [...DEFAULT_JVM_FLAGS, ...more.split(' ').filter((flag) => flag !== '')];
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
