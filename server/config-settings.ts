import { ConfigError, type ConfigProblem } from './config-error.ts';
import {
  CONFIG_KEYS,
  KEY_FAMILIES,
  isConfigKey,
  type ConfigKey,
  type ConfigValue,
  type KeySpec,
  type KeySupport,
} from './config-keys.ts';
import { likelyMeant } from './config-typo.ts';
import { printable } from './base/printable.ts';
import { parseProperties } from './base/java-properties.ts';
import { Secret } from './secret.ts';
import { isMembershipKey } from './zab/membership-lines.ts';

const PROPERTY_PREFIX = 'zookeeper.';

/** For messages, where others have a file. */
const COMMAND_LINE = '-D';

/** One line of a file, or one -D property. */
export interface Setting {
  readonly key: string;
  readonly value: string;
  readonly file: string;
  /** `null` for a -D property. */
  readonly line: number | null;
  /** Of a -D property its whole name, with the prefix if it was given with it. */
  readonly property?: string;
}

/**
 * The lines of zoo.cfg and the -D properties, merged by key and checked against the table of known keys. Every
 * known value is parsed here, once, also those nobody asks for: a wrong value for a key that has no effect yet
 * would otherwise come to light on the day it has.
 */
export class ConfigSettings {
  readonly warnings: string[] = [];
  /** `zookeeper.<key>` → value, for every key that is not in the table; passwords (`ssl.keyStore.password`) wrapped. */
  readonly unknown: ReadonlyMap<string, string | Secret>;
  /** The lines `server.N`, `group.G` and `weight.N`, all of them: where a key comes twice, both count. */
  readonly membership: Setting[] = [];
  readonly #file: string;
  readonly #settings = new Map<string, Setting>();
  readonly #values = new Map<string, unknown>();

  constructor(text: string, file: string, properties: ReadonlyMap<string, string>) {
    this.#file = file;
    this.#addProperties(properties);
    for (const { key, value, line } of parseProperties(text)) this.#addLine(key, value.trim(), line);

    const unknown = new Map<string, string | Secret>();
    for (const setting of this.#settings.values()) {
      if (isConfigKey(setting.key)) this.#values.set(setting.key, this.#parse(setting.key, setting));
      else {
        const { key, value } = setting;
        unknown.set(PROPERTY_PREFIX + key, isSecret(key) ? new Secret(value) : value);
        this.#warnOfTypo(setting);
      }
    }
    this.unknown = unknown;
  }

  /** The value set, or the key's default. */
  value<K extends ConfigKey>(key: K): ConfigValue<K> {
    const spec: KeySpec<unknown> = CONFIG_KEYS[key];
    return (this.#values.has(key) ? this.#values.get(key) : spec.default) as ConfigValue<K>;
  }

  /** Of keys with a name of their own behind `prefix`: each with its value. */
  *family(prefix: string): Generator<[key: string, value: string]> {
    for (const { key, value } of this.#settings.values()) if (key.startsWith(prefix)) yield [key, value];
  }

  /** An error about `key`, at the line that set it. */
  problem(key: string, about: Fault): ConfigError {
    return problemAt(this.#settings.get(key) ?? this.#file, about);
  }

  warn(key: string, message: string): void {
    const setting = this.#settings.get(key);
    const name =
      setting?.property === undefined
        ? `${this.#file}:${setting?.line ?? ''}: ${key}`
        : `-D${setting.property}`;
    this.remark(`${name}: ${message}`);
  }

  remark(warning: string): void {
    this.warnings.push(printable(warning, 1000));
  }

  /** Keys away from their default that Apache acts on and this server does not, in file order. */
  notImplemented({ isEnsemble }: { isEnsemble: boolean }): string[] {
    return [...this.#settings.keys()].filter((key) => {
      const support = isConfigKey(key) ? this.#supportOf(key) : familyOf(key)?.support;
      return support === 'not-yet' || (isEnsemble && support === 'ensemble-not-yet');
    });
  }

  /** @throws ConfigError for a key that it would be dangerous to ignore. */
  refuseUnsupported({ isEnsemble }: { isEnsemble: boolean }): void {
    for (const key of this.#settings.keys()) {
      if (!isConfigKey(key)) continue;
      const support = this.#supportOf(key);
      if (support !== 'refused' && !(isEnsemble && support === 'ensemble-refused')) continue;
      throw this.problem(key, {
        code: 'UNSUPPORTED',
        expected: 'not supported yet, and ignoring it would let in whom it keeps out',
        advice: 'remove the line if that is acceptable',
      });
    }
  }

  /** `null` for a key at its default. */
  #supportOf(key: ConfigKey): KeySupport | null {
    const spec: KeySpec<unknown> = CONFIG_KEYS[key];
    return this.value(key) === spec.default ? null : spec.support;
  }

  #addProperties(properties: ReadonlyMap<string, string>): void {
    for (const [name, value] of properties) {
      const key = name.startsWith(PROPERTY_PREFIX) ? name.slice(PROPERTY_PREFIX.length) : name;
      const fallback = isMembershipKey(key) ? 'file' : 'property';
      const scope = isConfigKey(key) ? CONFIG_KEYS[key].scope : fallback;
      // Other properties of a JVM (java.io.tmpdir, log4j…) are no business of ours.
      if (name === key && scope !== 'jvm') continue;
      if (scope === 'file') {
        this.warnings.push(`-D${printable(name)} has no effect: ${key} can only be set in ${this.#file}`);
      } else {
        const setting = { key, value: value.trim(), file: COMMAND_LINE, line: null, property: name };
        this.#settings.set(key, setting);
      }
    }
  }

  #addLine(name: string, value: string, line: number): void {
    // Apache would look up `zookeeper.zookeeper.x` and find no reader; here the prefix is simply dropped.
    const key = name.startsWith(PROPERTY_PREFIX) ? name.slice(PROPERTY_PREFIX.length) : name;
    const setting = { key, value, file: this.#file, line };
    if (isMembershipKey(key)) {
      this.membership.push(setting);
      return;
    }
    const earlier = this.#settings.get(key);
    this.#settings.set(key, setting);
    if (earlier === undefined || earlier.value === value) return;
    const where = earlier.property === undefined ? `line ${earlier.line}` : `-D${earlier.property}`;
    this.warn(key, `overrides another value given by ${where}`);
  }

  #parse(key: ConfigKey, setting: Setting): unknown {
    const spec: KeySpec<unknown> = CONFIG_KEYS[key];
    const value = spec.kind.parse(setting.value);
    if (value !== undefined) return value;
    throw this.problem(key, {
      code: 'BAD_VALUE',
      expected: spec.kind.expected,
      advice:
        spec.default === null
          ? 'correct the value or remove the line'
          : `correct the value, or remove the line to use ${defaultText(spec)}`,
    });
  }

  #warnOfTypo(setting: Setting): void {
    if (familyOf(setting.key) !== undefined) return;
    const meant = likelyMeant(setting.key);
    if (meant !== undefined) {
      this.warn(setting.key, `is not a known key and has no effect; did you mean ${meant}?`);
    }
  }
}

type Fault = Pick<ConfigProblem, 'code' | 'expected' | 'advice'>;

/** An error at a line, or about a whole file. */
export function problemAt(at: Setting | string, about: Fault): ConfigError {
  if (typeof at === 'string')
    return new ConfigError({ ...about, file: at, line: null, key: null, value: null });
  const { file, line, key, value } = at;
  return new ConfigError({ ...about, file, line, key, value: isSecret(key) ? '***' : value });
}

function familyOf(key: string) {
  return KEY_FAMILIES.find((family) => key.startsWith(family.prefix));
}

/** Whether nobody may see its value, with the prefix of system properties or without. */
export function isSecret(name: string): boolean {
  const key = name.startsWith(PROPERTY_PREFIX) ? name.slice(PROPERTY_PREFIX.length) : name;
  const spec: KeySpec<unknown> | undefined = isConfigKey(key) ? CONFIG_KEYS[key] : undefined;
  return spec?.secret ?? /passw|secret|superdigest/i.test(key);
}

/** The default as the file would spell it. */
function defaultText(spec: KeySpec<unknown>): string {
  if (typeof spec.default !== 'boolean') return String(spec.default);
  const words = spec.kind.parse('yes') === true ? ['yes', 'no'] : ['true', 'false'];
  return String(spec.default ? words[0] : words[1]);
}
