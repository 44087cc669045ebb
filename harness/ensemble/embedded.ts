import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from './free-ports.ts';
import { ProcessEnsemble, ProcessServer } from './process-ensemble.ts';

const SERVER_MAIN = fileURLToPath(new URL('../../server/main.js', import.meta.url));
const START_TIMEOUT_MS = 60_000;

export interface EmbeddedOptions {
  /** Gets `<id>/zoo.cfg`, `<id>/server.log` and `<id>/data`: a run's `servers` directory. */
  readonly directory: string;
  /** Lines of zoo.cfg, over the defaults below. */
  readonly config?: Readonly<Record<string, string>>;
  /** For the server's process: `--cpu-prof`, `--import …`. */
  readonly nodeFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const DEFAULT_CONFIG: Readonly<Record<string, string>> = {
  tickTime: '2000',
  initLimit: '10',
  syncLimit: '5',
  maxClientCnxns: '0',
  '4lw.commands.whitelist': '*',
};

/**
 * Our own server on a free port of 127.0.0.1 with a fresh data directory, a child process as an operator would
 * run it. Chooses the port and writes the configuration; starts nothing yet.
 */
export async function createEmbedded(options: EmbeddedOptions): Promise<ProcessEnsemble> {
  const [port = 0] = await freePorts(1);
  const id = 1;
  const directory = join(options.directory, String(id));
  const dataDir = join(directory, 'data');
  const configFile = join(directory, 'zoo.cfg');
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(configFile, configText({ ...DEFAULT_CONFIG, ...options.config }, dataDir, port));
  const server = new ProcessServer({
    id,
    clientAddress: `127.0.0.1:${port}`,
    dataDir,
    startTimeoutMs: START_TIMEOUT_MS,
    command: {
      command: process.execPath,
      args: [...(options.nodeFlags ?? []), SERVER_MAIN, configFile],
      cwd: directory,
      logFile: join(directory, 'server.log'),
      ...(options.env === undefined ? {} : { env: options.env }),
    },
  });
  return new ProcessEnsemble('stampede', [server]);
}

function configText(config: Readonly<Record<string, string>>, dataDir: string, port: number): string {
  const lines = Object.entries(config).map(([key, value]) => `${key}=${value}`);
  lines.push(`dataDir=${dataDir}`, 'clientPortAddress=127.0.0.1', `clientPort=${port}`);
  return `${lines.join('\n')}\n`;
}
