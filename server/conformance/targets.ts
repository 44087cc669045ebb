import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApacheEnsemble, SMALL_JVM_FLAGS } from '../../harness/ensemble/apache.ts';
import { findApache } from '../../harness/ensemble/find-apache.ts';
import { fourLetterWord } from '../../harness/ensemble/four-letter-word.ts';
import { freePorts } from '../../harness/ensemble/free-ports.ts';
import { ServerProcess } from '../../harness/ensemble/server-process.ts';

/** Our server, compiled, beside this file's own compiled form. */
const OUR_MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const START_TIMEOUT_MS = 60_000;

export interface TargetOptions {
  /** Where a server that is started puts its configuration, its log and its data. */
  readonly directory: string;
  /** Lines of zoo.cfg. */
  readonly config?: Readonly<Record<string, string>>;
  readonly apacheClasspath?: string | undefined;
}

/** One server to be judged: started by us, or someone's that runs already. */
export interface Target {
  readonly name: string;
  /** `host:port`, or for a server that was not started here whatever connect string was given. */
  readonly address: string;
  /** Empty for a server that was not started here. */
  readonly dataDir: string;
  /** Does nothing to a server that was not started here. */
  stop(): Promise<void>;
}

/** The server cannot be had on this machine; the message says what to do about it. */
export class TargetUnavailable extends Error {
  override readonly name = 'TargetUnavailable';
}

/**
 * `apache` and `ours` are started, standalone, on a free port; anything else is a connect string.
 *
 * @throws TargetUnavailable when there is no such server here; Error when it does not come up.
 */
export async function startTarget(name: string, options: TargetOptions): Promise<Target> {
  if (name === 'apache') return startApache(options);
  if (name === 'ours') return startOurs(options);
  return { name, address: name, dataDir: '', stop: async () => {} };
}

/** Why `apache` or `ours` cannot be started here; false when it can. What a test gives as its `skip`. */
export function whyUnavailable(name: 'apache' | 'ours'): string | false {
  if (name === 'ours') return existsSync(OUR_MAIN) ? false : 'our server is not built (dist/server/main.js)';
  const search = findApache();
  return search.found ? false : search.why;
}

async function startApache(options: TargetOptions): Promise<Target> {
  const search = findApache(options.apacheClasspath);
  if (!search.found) throw new TargetUnavailable(search.why);
  const ensemble = await ApacheEnsemble.create({
    apache: search.apache,
    directory: options.directory,
    config: options.config ?? {},
    jvmFlags: SMALL_JVM_FLAGS,
  });
  await ensemble.start();
  const [server] = ensemble.servers;
  if (server === undefined) throw new Error('an ensemble without a server');
  const { clientAddress: address, dataDir } = server;
  return { name: ensemble.name, address, dataDir, stop: () => ensemble.stop() };
}

async function startOurs(options: TargetOptions): Promise<Target> {
  const unavailable = whyUnavailable('ours');
  if (unavailable !== false) throw new TargetUnavailable(unavailable);
  const directory = join(options.directory, '1');
  const dataDir = join(directory, 'data');
  mkdirSync(dataDir, { recursive: true });
  const [port] = await freePorts(1);
  const config = { ...options.config, dataDir, clientPort: String(port), clientPortAddress: '127.0.0.1' };
  const configFile = join(directory, 'zoo.cfg');
  const lines = Object.entries(config).map(([key, value]) => `${key}=${value}\n`);
  writeFileSync(configFile, lines.join(''));
  const server = new ServerProcess({
    command: process.execPath,
    args: [OUR_MAIN, configFile],
    cwd: directory,
    logFile: join(directory, 'server.log'),
  });
  const address = `127.0.0.1:${port}`;
  await server.spawn();
  try {
    await server.untilReady(() => isServing(address), START_TIMEOUT_MS);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { name: 'ours', address, dataDir, stop: () => server.stop() };
}

async function isServing(address: string): Promise<boolean> {
  try {
    return (await fourLetterWord(address, 'srvr')).includes('Mode: ');
  } catch {
    return false;
  }
}
