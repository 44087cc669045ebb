import { ConfigError } from './config-error.ts';
import { readServerConfig } from './config-file.ts';
import type { ServerConfig } from './config.ts';
import { parseJvmFlags, splitFlags } from './jvm-flags.ts';
import { LineLog } from './log.ts';
import { startServer, type RunningServer } from './server.ts';
import { StorageError } from './storage/storage-error.ts';

const ExitCode = { stopped: 0, internal: 1, configuration: 2, unusable: 3 } as const;

/** One server, as `zkServer start-foreground` would start it: `main.js [-Dzookeeper.x=y …] zoo.cfg`. */
async function main(args: readonly string[]): Promise<void> {
  const config = readConfig(args);
  const log = new LineLog({ myid: String(config.ensemble?.myId ?? '') });
  for (const warning of config.warnings) log.warn('Config', warning);
  for (const key of config.notImplemented) log.warn('Config', `${key} is not implemented and has no effect`);

  const serving = stopOnSignals();
  const server = await startServer(config, {
    log,
    onFailure(error) {
      log.error(
        'Server',
        `the disk failed, nothing more can be acknowledged: ${error.message}; ${adviceFor(error)}`,
      );
      process.exit(ExitCode.unusable);
    },
  });
  serving(server);
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

/** From now on; what is returned is told of the server once it serves. Until then nothing was acknowledged. */
function stopOnSignals(): (server: RunningServer) => void {
  let serving: RunningServer | null = null;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      if (serving === null) process.exit(ExitCode.stopped);
      serving.stop().then(
        () => process.exit(ExitCode.stopped),
        () => process.exit(ExitCode.internal),
      );
    });
  }
  return (server) => {
    serving = server;
  };
}

function adviceFor(error: Error): string {
  return error instanceof StorageError && error.code === 'no-space'
    ? 'free some space and start the server again: everything acknowledged is there'
    : 'find out what is wrong with the disk before this server is started again';
}

function exitCodeFor(error: unknown): number {
  if (error instanceof ConfigError) return ExitCode.configuration;
  return error instanceof StorageError || isSystemError(error) ? ExitCode.unusable : ExitCode.internal;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ConfigError || error instanceof StorageError) return error.message;
  if (!isSystemError(error)) return error.stack ?? error.message;
  const advice = PORT_ADVICE[error.code ?? ''] ?? 'correct clientPort or clientPortAddress';
  return `the client port cannot be used: ${error.message}; ${advice}`;
}

const PORT_ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'stop the process that listens there, or give clientPort another number',
  EADDRNOTAVAIL: 'give clientPortAddress an address that this machine has',
  EACCES: 'give clientPort a number above 1023, or the process the right to use this one',
};

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${describe(error)}\n`);
  process.exit(exitCodeFor(error));
}
