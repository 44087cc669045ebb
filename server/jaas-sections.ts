import { resolve } from 'node:path';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import type { ConfigSettings } from './config-settings.ts';
import { readTextOf, type ConfigSource } from './config-source.ts';
import { JaasSyntaxError, parseJaas, type JaasModule } from './jaas-file.ts';
import { Secret } from './secret.ts';

export const JAAS_KEY = 'java.security.auth.login.config';
export const DIGEST_MODULE = 'org.apache.zookeeper.server.auth.DigestLoginModule';
const USER_PREFIX = 'user_';

/** One section of the JAAS file, with nothing but digest modules in it. */
export interface DigestSection {
  readonly name: string;
  readonly file: string;
  readonly modules: readonly JaasModule[];
}

/**
 * The section of the JAAS file that a key of zoo.cfg names; null where there is no file, or no such section in it.
 *
 * @throws ConfigError for a file that is not there or is none, and for a section that asks for another scheme.
 */
export function readDigestSection(
  settings: ConfigSettings,
  source: ConfigSource,
  { name, key }: { readonly name: string; readonly key: string },
): DigestSection | null {
  const path = settings.value(JAAS_KEY);
  if (path === null) return null;
  const file = resolve(source.cwd, path);
  const modules = sectionsOf(file, settings, source).get(name);
  if (modules === undefined) return null;
  for (const { className, line } of modules) {
    if (className === DIGEST_MODULE) continue;
    throw problemIn(file, line, {
      code: 'UNSUPPORTED',
      expected: className.endsWith('Krb5LoginModule')
        ? `section ${name} asks for Kerberos (GSSAPI), which is not supported`
        : `section ${name} names a login module that there is not here`,
      advice: `use ${DIGEST_MODULE}, or another section by ${key}`,
    });
  }
  return { name, file, modules };
}

/**
 * Passwords by name: the options `user_<name>`. `whom` are those who authenticate by them.
 *
 * @throws ConfigError for a name that is none, and where there is nobody.
 */
export function usersOf({ name: section, file, modules }: DigestSection, whom: string): Map<string, Secret> {
  const users = new Map<string, Secret>();
  for (const { line, options } of modules) {
    for (const [option, password] of options) {
      if (!option.startsWith(USER_PREFIX)) continue;
      const name = option.slice(USER_PREFIX.length);
      if (!isUserName(name)) {
        throw problemIn(file, line, {
          code: 'BAD_VALUE',
          expected: `section ${section} has a user whose name is empty or has /, @ or control characters in it`,
          advice: 'give every user a plain name; the others are principals of Kerberos',
        });
      }
      users.set(name, new Secret(password));
    }
  }
  if (users.size > 0) return users;
  throw problemIn(file, modules[0]?.line ?? null, {
    code: 'MISSING',
    expected: `section ${section} has no users, so that no ${whom} could authenticate`,
    advice: 'add options such as user_bob="…", or remove the section',
  });
}

/**
 * As whom somebody authenticates elsewhere: the options `username` and `password`.
 *
 * @throws ConfigError where one of them is missing.
 */
export function credentialsIn({ name, file, modules }: DigestSection): { user: string; password: Secret } {
  const options = modules[0]?.options;
  const user = options?.get('username') ?? '';
  const password = options?.get('password') ?? '';
  if (user !== '' && password !== '') return { user, password: new Secret(password) };
  throw problemIn(file, modules[0]?.line ?? null, {
    code: 'MISSING',
    expected: `section ${name} must have username and password`,
    advice: 'add username="…" password="…", as a user_… option of the other servers has them',
  });
}

function sectionsOf(
  file: string,
  settings: ConfigSettings,
  source: ConfigSource,
): ReturnType<typeof parseJaas> {
  const bytes = readTextOf(file, source);
  if (bytes === null) {
    throw settings.problem(JAAS_KEY, {
      code: 'UNREADABLE',
      expected: 'there is no such file',
      advice: 'name an existing JAAS file, or remove the setting if nobody uses SASL',
    });
  }
  try {
    // Java reads this one as UTF-8, unlike zoo.cfg.
    return parseJaas(Buffer.from(bytes, 'latin1').toString('utf8'));
  } catch (error) {
    if (!(error instanceof JaasSyntaxError)) throw error;
    throw problemIn(file, error.line, {
      code: 'BAD_VALUE',
      expected: error.message,
      advice: `write it as Server { ${DIGEST_MODULE} required user_bob="…"; };`,
    });
  }
}

/** What has a host or a realm in it means more than its text to whoever reads it as a principal (CVE-2023-44981). */
function isUserName(name: string): boolean {
  return /^[^/@\p{Cc}]+$/u.test(name);
}

function problemIn(
  file: string,
  line: number | null,
  about: Pick<ConfigProblem, 'code' | 'expected' | 'advice'>,
): ConfigError {
  return new ConfigError({ ...about, file, line, key: null, value: null });
}
