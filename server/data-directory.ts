import { accessSync, constants, existsSync, mkdirSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ConfigError } from './config-error.ts';
import { reasonOf, unreadable } from './config-source.ts';
import type { ServerConfig } from './config.ts';
import { refuseForeignData } from './data-owner.ts';

/** Where the files themselves lie: `version-2` below dataDir and dataLogDir (protocol §3.1). */
export interface DataDirectory {
  readonly snapDir: string;
  readonly logDir: string;
}

const VERSION_DIRECTORY = 'version-2';

/**
 * Looks at dataDir and dataLogDir before anything is read or written there, and creates what is missing, as
 * Apache does unless `datadir.autocreate` is false.
 *
 * @throws ConfigError (`DATA_DIRECTORY`) when one of them is not a directory, not readable and writable, cannot
 *   be created, or holds the files of the other kind or of another server.
 */
export function prepareDataDirectory(config: ServerConfig): DataDirectory {
  const snapDir = prepare(config, 'dataDir');
  const logDir = prepare(config, 'dataLogDir');
  if (realpathSync(snapDir) !== realpathSync(logDir)) {
    refuseFiles(config, { key: 'dataDir', directory: snapDir, prefix: 'log.' });
    refuseFiles(config, { key: 'dataLogDir', directory: logDir, prefix: 'snapshot.' });
  }
  if (config.ensemble !== null) refuseForeignData({ snapDir, logDir }, config.ensemble.myId);
  return { snapDir, logDir };
}

/**
 * A server whose members may change keeps them beside zoo.cfg, and in it where they are kept; to find out that it
 * cannot when they have changed would be too late.
 *
 * @throws ConfigError (`UNREADABLE`)
 */
export function refuseUnwritableConfig({ file }: ServerConfig): void {
  for (const path of [file, dirname(resolve(file))]) {
    try {
      accessSync(path, constants.R_OK | constants.W_OK);
    } catch (error) {
      throw unreadable(path, {
        expected: `cannot be written (${reasonOf(error)}), and reconfigEnabled=true has to keep the members there`,
        advice: 'give the server’s user the right to write it, or set reconfigEnabled=false',
        cause: error,
      });
    }
  }
}

type DirectoryKey = 'dataDir' | 'dataLogDir';

function prepare(config: ServerConfig, key: DirectoryKey): string {
  const directory = join(config[key], VERSION_DIRECTORY);
  for (const path of [config[key], directory]) {
    if (!existsSync(path)) create(config, key, path);
    attempt(config, key, `${path} cannot be used`, 'give the server’s user rwx on it', () => {
      if (!statSync(path).isDirectory()) {
        throw problem(config, key, `${path} is not a directory`, `name a directory as ${key}`);
      }
      accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    });
  }
  return directory;
}

function create(config: ServerConfig, key: DirectoryKey, path: string): void {
  if (!config.dataDirAutocreate) {
    throw problem(
      config,
      key,
      `${path} does not exist and datadir.autocreate=false`,
      'create it, or mount it',
    );
  }
  attempt(config, key, `${path} cannot be created`, 'create it for the server’s user', () => {
    makeDirectories(path);
  });
}

/** Unlike Node's own `recursive`, this ends where a file system makes no directories at all, such as /proc. */
function makeDirectories(path: string): void {
  if (existsSync(path)) return;
  makeDirectories(dirname(path));
  mkdirSync(path);
}

/** Files of the wrong kind mean that the two settings were exchanged or changed: half the data would be ignored. */
function refuseFiles(
  config: ServerConfig,
  where: { key: DirectoryKey; directory: string; prefix: string },
): void {
  const stray = readdirSync(where.directory).find((name) => name.startsWith(where.prefix));
  if (stray === undefined) return;
  throw problem(
    config,
    where.key,
    `${where.directory} holds ${stray}, which belongs into the other of dataDir and dataLogDir`,
    'were dataDir and dataLogDir changed? Move the file to where it belongs',
  );
}

function attempt(
  config: ServerConfig,
  key: DirectoryKey,
  what: string,
  advice: string,
  act: () => void,
): void {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw problem(config, key, `${what} (${reason})`, advice, error);
  }
}

function problem(
  config: ServerConfig,
  key: DirectoryKey,
  expected: string,
  advice: string,
  cause?: unknown,
): ConfigError {
  const at = { file: config.file, line: null, key, value: config[key] };
  return new ConfigError({ code: 'DATA_DIRECTORY', ...at, expected, advice }, { cause });
}
