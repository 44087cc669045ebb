import { readFileSync } from 'node:fs';
import { ConfigError } from './config-error.ts';
import { parseServerConfig, type ServerConfig } from './config.ts';

/**
 * Reads zoo.cfg from `path`. The bytes are ISO-8859-1, which is how `java.util.Properties` loads a stream, so that
 * Apache and this server find the same dataDir.
 *
 * @throws ConfigError, `UNREADABLE` when there is no such file.
 */
export function readServerConfig(
  path: string,
  options: { cwd: string; properties?: ReadonlyMap<string, string> },
): ServerConfig {
  return parseServerConfig(readText(path), { file: path, ...options });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new ConfigError(
      {
        code: 'UNREADABLE',
        file: path,
        line: null,
        key: null,
        value: null,
        expected: `the configuration file cannot be read (${reason})`,
        advice: 'name an existing zoo.cfg; two lines are enough: dataDir=… and clientPort=2181',
      },
      { cause: error },
    );
  }
}
