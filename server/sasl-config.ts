import { resolve } from 'node:path';
import type { SaslConfig } from './auth/auth-config.ts';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import type { ConfigSettings } from './config-settings.ts';
import { readTextOf, type ConfigSource } from './config-source.ts';
import { JaasSyntaxError, parseJaas, type JaasModule } from './jaas-file.ts';
import { Secret } from './secret.ts';

const JAAS_KEY = 'java.security.auth.login.config';
const SECTION_KEY = 'sasl.serverconfig';
const SUPER_PASSWORD_KEY = 'SASLAuthenticationProvider.superPassword';
const DIGEST_MODULE = 'org.apache.zookeeper.server.auth.DigestLoginModule';
const USER_PREFIX = 'user_';

/** @throws ConfigError for a JAAS file that is not there, is none, or asks for what is not offered. */
export function readSaslConfig(settings: ConfigSettings, source: ConfigSource): SaslConfig {
  const superUser = settings.value('superUser');
  const superUsers = new Set(superUser === null ? [] : [superUser]);
  for (const [, name] of settings.family('superUser.')) if (name !== '') superUsers.add(name);
  return Object.freeze({
    users: readUsers(settings, source),
    superUsers,
    anyUser: settings.value('letAnySaslUserDoX'),
    keepsFailed: settings.value('allowSaslFailedClients'),
  });
}

function readUsers(settings: ConfigSettings, source: ConfigSource): SaslConfig['users'] {
  const path = settings.value(JAAS_KEY);
  const section = settings.value(SECTION_KEY);
  if (path === null) return null;
  const file = resolve(source.cwd, path);
  const modules = sectionsOf(file, settings, source).get(section);
  if (modules === undefined) {
    settings.warn(JAAS_KEY, `has no section ${section}, so that no client can authenticate by SASL`);
    return null;
  }
  const users = usersOf(modules, { file, section });
  const superPassword = settings.value(SUPER_PASSWORD_KEY);
  if (superPassword !== null) {
    if (users.has('super')) users.set('super', new Secret(superPassword));
    else settings.warn(SUPER_PASSWORD_KEY, `has no effect: there is no user_super in section ${section}`);
  }
  return users;
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
      advice: 'name an existing JAAS file, or remove the setting if clients do not use SASL',
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

function usersOf(
  modules: readonly JaasModule[],
  { file, section }: { readonly file: string; readonly section: string },
): Map<string, Secret> {
  const users = new Map<string, Secret>();
  for (const { className, line, options } of modules) {
    if (className !== DIGEST_MODULE) {
      throw problemIn(file, line, {
        code: 'UNSUPPORTED',
        expected: className.endsWith('Krb5LoginModule')
          ? `section ${section} asks for Kerberos (GSSAPI), which is not supported`
          : `section ${section} names a login module that there is not here`,
        advice: `use ${DIGEST_MODULE}, or another section by zookeeper.${SECTION_KEY}`,
      });
    }
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
    expected: `section ${section} has no users, so that no client could authenticate`,
    advice: 'add options such as user_bob="…", or remove the section',
  });
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
