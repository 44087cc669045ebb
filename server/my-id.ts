import { join } from 'node:path';
import type { ServerId } from './base/server-id.ts';
import { problemAt, type Setting } from './config-settings.ts';
import { readTextOf, type ConfigSource } from './config-source.ts';
import { parseServerId, SERVER_ID_MAX } from './zab/server-line.ts';

/** The file's name, in dataDir. */
export const MY_ID_FILE = 'myid';

/** The line, to be blamed where the number is no member's. */
export interface MyId extends Setting {
  readonly id: ServerId;
}

/**
 * Which of the servers this one is: the first line of `<dataDir>/myid`. Apache takes no blanks around the number;
 * they are harmless.
 *
 * @throws ConfigError naming the file.
 */
export function readMyId(dataDir: string, source: ConfigSource): MyId {
  const file = join(dataDir, MY_ID_FILE);
  const text = readTextOf(file, source);
  const advice = `write the N of this server’s server.N line into it: echo 1 > ${file}`;
  if (text === null) {
    const expected = 'does not exist, and says which server of the ensemble this is';
    throw problemAt(file, { code: 'MISSING', expected, advice });
  }
  const [value = ''] = text.split(/\r\n|[\r\n]/, 1);
  const setting = { file, line: 1, key: MY_ID_FILE, value };
  const id = parseServerId(value.trim());
  if (id !== undefined) return { ...setting, id };
  const isNumber = /^[+-]?\d+$/.test(value.trim());
  throw problemAt(setting, {
    code: 'BAD_VALUE',
    expected: isNumber ? `must be from 0 to ${SERVER_ID_MAX}` : 'is not a number',
    advice,
  });
}
