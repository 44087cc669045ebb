import { resolve } from 'node:path';
import type { ServerId } from './base/server-id.ts';
import type { ConfigErrorCode } from './config-error.ts';
import { problemAt, type ConfigSettings, type Setting } from './config-settings.ts';
import { readTextOf, type ConfigSource } from './config-source.ts';
import { parseProperties } from './base/java-properties.ts';
import { WireError } from './wire/wire-error.ts';
import { parseConfigText, parseConfigVersion } from './zab/config-text.ts';
import { MembershipError, type MembershipErrorCode } from './zab/membership-error.ts';
import { isMembershipKey, readMembership } from './zab/membership-lines.ts';
import type { Membership } from './zab/membership.ts';
import { parseServerId } from './zab/server-line.ts';

/** The members as a file lists them. */
export interface MemberList {
  readonly membership: Membership;
  /** Proposed when the server ended, and not known to be committed; null where there is none, or none can be. */
  readonly next: Membership | null;
  /** Where the lines stand: zoo.cfg or the dynamic file. */
  readonly file: string;
  readonly lines: readonly Setting[];
}

/**
 * Reads the members from zoo.cfg, or from the file that it names as `dynamicConfigFile`. `null`: none are listed.
 *
 * @throws ConfigError
 */
export function readMembers(settings: ConfigSettings, source: ConfigSource): MemberList | null {
  const { file, lines, version } = readLines(settings, source);
  if (lines.length === 0 && file === source.file) return null;
  try {
    return { file, lines, membership: readMembership(lines, version), next: readNext(settings, source) };
  } catch (error) {
    if (!(error instanceof MembershipError)) throw error;
    const at = error.index === null ? file : (lines[error.index] ?? file);
    throw problemAt(at, { code: CODES[error.code], expected: error.message, advice: error.advice });
  }
}

/** The line of a server, to blame it. */
export function lineOf({ lines, file }: MemberList, id: ServerId): Setting | string {
  return lines.find(({ key }) => parseServerId(key.replace(/^server\./, '')) === id) ?? file;
}

const CODES: Readonly<Record<MembershipErrorCode, ConfigErrorCode>> = {
  value: 'BAD_VALUE',
  conflict: 'CONFLICT',
  unsupported: 'UNSUPPORTED',
  missing: 'MISSING',
};

interface Lines {
  readonly file: string;
  readonly lines: readonly Setting[];
  readonly version: number;
}

function readLines(settings: ConfigSettings, source: ConfigSource): Lines {
  const named = settings.value('dynamicConfigFile');
  const [stray] = settings.membership;
  if (named === null) return { file: source.file, lines: settings.membership, version: 0 };
  if (stray !== undefined) {
    throw problemAt(stray, {
      code: 'CONFLICT',
      expected: 'does not count where there is a dynamicConfigFile',
      advice: `move the line to ${named}, or remove dynamicConfigFile`,
    });
  }
  return readDynamicFile(resolve(source.cwd, named), settings, source);
}

/** The name ends in the version: `zoo.cfg.dynamic.100000000` (protocol §5.4). */
function readDynamicFile(file: string, settings: ConfigSettings, source: ConfigSource): Lines {
  const text = readTextOf(file, source);
  if (text === null) {
    throw settings.problem('dynamicConfigFile', {
      code: 'UNREADABLE',
      expected: 'there is no such file',
      advice: 'correct the name, or put the server.N lines into this file',
    });
  }
  const lines = parseProperties(text).map(({ key, value, line }): Setting => {
    const setting = { key, value: value.trim(), file, line };
    if (isMembershipKey(key)) return setting;
    throw problemAt(setting, {
      code: 'BAD_VALUE',
      expected: 'only server.N, group.G and weight.N may stand in a dynamic file',
      advice:
        key === 'version' ? 'remove the line: the file’s name has it' : `move the line to ${source.file}`,
    });
  });
  const suffix = /\.([0-9a-fA-F]+)$/.exec(file)?.[1];
  const version = suffix === undefined ? 0 : parseConfigVersion(suffix);
  if (version !== undefined) return { file, lines, version };
  throw settings.problem('dynamicConfigFile', {
    code: 'BAD_VALUE',
    expected: `${suffix} is not the zxid of a configuration`,
    advice: 'let the name end in the version that Apache gave it',
  });
}

/**
 * Beside a dynamic file, and only there, as in Apache: a configuration that was proposed. Until it is decided whether it
 * counts, decisions take a quorum of it as well as of the other, which takes a server that knows of such things.
 */
function readNext(settings: ConfigSettings, source: ConfigSource): Membership | null {
  if (settings.value('dynamicConfigFile') === null) return null;
  const file = resolve(source.cwd, `${source.file}.dynamic.next`);
  const text = readTextOf(file, source);
  if (text === null) return null;
  if (!settings.value('reconfigEnabled')) {
    throw problemAt(file, {
      code: 'CONFLICT',
      expected: 'a change of the members is under way, and reconfigEnabled is false',
      advice:
        'set reconfigEnabled=true to finish it; remove the file only if no server of the ensemble has the change',
    });
  }
  try {
    return parseConfigText(text);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw problemAt(file, {
      code: 'BAD_VALUE',
      expected: `the change of the members that is under way can't be read (${error.message})`,
      advice: 'copy the file from another server of the ensemble that has it',
    });
  }
}
