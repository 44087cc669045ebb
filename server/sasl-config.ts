import type { SaslConfig } from './auth/auth-config.ts';
import type { ConfigSettings } from './config-settings.ts';
import type { ConfigSource } from './config-source.ts';
import { JAAS_KEY, readDigestSection, usersOf } from './jaas-sections.ts';
import { Secret } from './secret.ts';

const SECTION_KEY = 'sasl.serverconfig';
const SUPER_PASSWORD_KEY = 'SASLAuthenticationProvider.superPassword';

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
  if (settings.value(JAAS_KEY) === null) return null;
  const name = settings.value(SECTION_KEY);
  const section = readDigestSection(settings, source, { name, key: `zookeeper.${SECTION_KEY}` });
  if (section === null) {
    // The file may be there for servers alone.
    if (settings.value('quorum.auth.enableSasl')) return null;
    settings.warn(JAAS_KEY, `has no section ${name}, so that no client can authenticate by SASL`);
    return null;
  }
  const users = usersOf(section, 'client');
  const superPassword = settings.value(SUPER_PASSWORD_KEY);
  if (superPassword !== null) {
    if (users.has('super')) users.set('super', new Secret(superPassword));
    else settings.warn(SUPER_PASSWORD_KEY, `has no effect: there is no user_super in section ${name}`);
  }
  return users;
}
