import { ConfigError } from './config-error.ts';
import { readServerConfig } from './config-file.ts';
import type { ServerConfig } from './config.ts';
import { parseJvmFlags, splitFlags } from './jvm-flags.ts';
import { LineLog } from './log.ts';
import { startServer, type RunningServer } from './server.ts';
import { StorageError } from './storage/storage-error.ts';

const ExitCode = { stopped: 0, internal: 1, configuration: 2, notStarted: 3 } as const;

/** One server, as `zkServer start-foreground` would start it: `main.js [-Dzookeeper.x=y …] zoo.cfg`. */
async function main(args: readonly string[]): Promise<void> {
  const config = readConfig(args);
  const log = new LineLog({ myid: '' });
  for (const warning of config.warnings) log.warn('Config', warning);
  for (const key of config.notImplemented) log.warn('Config', `${key} is not implemented and has no effect`);

  const server = await startServer(config, {
    log,
    onFailure(error) {
      log.error(
        'GroupCommit',
        `the transaction log failed, nothing more can be acknowledged: ${error.message}`,
      );
      process.exit(ExitCode.internal);
    },
  });
  stopOnSignals(server);
}

function readConfig(args: readonly string[]): ServerConfig {
  const { properties, rest } = parseJvmFlags([...environmentFlags(), ...args]);
  const file = rest.at(-1);
  if (file === undefined) throw usage();
  return readServerConfig(file, { cwd: process.cwd(), properties });
}

function usage(): ConfigError {
  return new ConfigError({
    code: 'MISSING',
    file: 'command line',
    line: null,
    key: null,
    value: null,
    expected: 'no configuration file',
    advice: 'say npm run server -- [-Dzookeeper.key=value …] zoo.cfg',
  });
}

function environmentFlags(): string[] {
  return [process.env['SERVER_JVMFLAGS'], process.env['JVMFLAGS']].flatMap((text) => splitFlags(text ?? ''));
}

function stopOnSignals(server: RunningServer): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      server.stop().then(
        () => process.exit(ExitCode.stopped),
        () => process.exit(ExitCode.internal),
      );
    });
  }
}

function exitCodeFor(error: unknown): number {
  if (error instanceof ConfigError) return ExitCode.configuration;
  if (error instanceof StorageError) return ExitCode.notStarted;
  const isSystemError = error instanceof Error && 'syscall' in error;
  return isSystemError ? ExitCode.notStarted : ExitCode.internal;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const code = exitCodeFor(error);
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${code === ExitCode.internal && error instanceof Error ? error.stack : text}\n`);
  process.exit(code);
}
