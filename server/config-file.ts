import { readFileSync } from 'node:fs';
import { reasonOf, unreadable } from './config-source.ts';
import { parseServerConfig, type ServerConfig } from './config.ts';

/**
 * Reads zoo.cfg from `path`, and where it describes an ensemble `myid` and the dynamic file. The bytes are
 * ISO-8859-1, which is how `java.util.Properties` loads a stream, so that Apache and this server find the same
 * dataDir.
 *
 * @throws ConfigError, `UNREADABLE` when there is no such file.
 */
export function readServerConfig(
  path: string,
  options: { cwd: string; properties?: ReadonlyMap<string, string> },
): ServerConfig {
  return parseServerConfig(readText(path), { file: path, readFile, ...options });
}

function readFile(path: string): string {
  return readFileSync(path, 'latin1');
}

function readText(path: string): string {
  try {
    return readFile(path);
  } catch (error) {
    throw unreadable(path, {
      expected: `the configuration file cannot be read (${reasonOf(error)})`,
      advice: 'name an existing zoo.cfg; two lines are enough: dataDir=… and clientPort=2181',
      cause: error,
    });
  }
}
