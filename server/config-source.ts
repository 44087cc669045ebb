import { ConfigError } from './config-error.ts';

/** Where a configuration comes from, and what it may look at. */
export interface ConfigSource {
  /** zoo.cfg as the user named it. */
  readonly file: string;
  /** Absolute; relative paths in the file start here. */
  readonly cwd: string;
  /**
   * Java system properties (`zookeeper.snapCount` → `1000`). As in Apache the file wins where both set a key;
   * that is a warning when they differ.
   */
  readonly properties?: ReadonlyMap<string, string>;
  /**
   * Reads what belongs to a server of an ensemble beside zoo.cfg: `myid` and the dynamic file. Throws the system's
   * error. By default there are no such files.
   */
  readonly readFile?: (path: string) => string;
}

/** The text of a file, `null` where there is none. @throws ConfigError, `UNREADABLE` */
export function readTextOf(path: string, { readFile = noFile }: ConfigSource): string | null {
  try {
    return readFile(path);
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === 'ENOENT') return null;
    throw unreadable(path, {
      expected: `cannot be read (${reason})`,
      advice: 'give the server’s user the right to read it',
      cause: error,
    });
  }
}

export function unreadable(
  path: string,
  {
    expected,
    advice,
    cause,
  }: { readonly expected: string; readonly advice: string; readonly cause: unknown },
): ConfigError {
  return new ConfigError(
    { code: 'UNREADABLE', file: path, line: null, key: null, value: null, expected, advice },
    { cause },
  );
}

/** The system's word for it: `ENOENT`. */
export function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function noFile(): never {
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
}
