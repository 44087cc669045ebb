import type { PeerSaslConfig } from './auth/peer-sasl-config.ts';
import type { ConfigSettings } from './config-settings.ts';
import type { ConfigSource } from './config-source.ts';
import {
  credentialsIn,
  DIGEST_MODULE,
  type DigestSection,
  JAAS_KEY,
  readDigestSection,
  usersOf,
} from './jaas-sections.ts';

const ENABLED = 'quorum.auth.enableSasl';
const LEARNER = 'quorum.auth.learnerRequireSasl';
const SERVER = 'quorum.auth.serverRequireSasl';

/**
 * SASL between servers; null where it is not enabled.
 *
 * @throws ConfigError for settings that contradict each other, and for what is wrong with the JAAS file.
 */
export function readPeerSasl(settings: ConfigSettings, source: ConfigSource): PeerSaslConfig | null {
  refuseHalves(settings);
  if (!settings.value(ENABLED)) return null;
  const users = usersOf(readSection(settings, source, 'quorum.auth.server.saslLoginContext'), 'other server');
  const self = credentialsIn(readSection(settings, source, 'quorum.auth.learner.saslLoginContext'));
  return { users, isRequired: settings.value(SERVER), self: settings.value(LEARNER) ? self : null };
}

/** As in Apache: whoever asks for it has to offer it first. */
function refuseHalves(settings: ConfigSettings): void {
  for (const [key, needed] of [
    [LEARNER, ENABLED],
    [SERVER, ENABLED],
    [SERVER, LEARNER],
  ] as const) {
    if (!settings.value(key) || settings.value(needed)) continue;
    throw settings.problem(key, {
      code: 'CONFLICT',
      expected: `${needed} is not true, so that this server could not authenticate itself`,
      advice: `set ${needed}=true as well, or remove the line`,
    });
  }
}

function readSection(
  settings: ConfigSettings,
  source: ConfigSource,
  key: 'quorum.auth.server.saslLoginContext' | 'quorum.auth.learner.saslLoginContext',
): DigestSection {
  const name = settings.value(key);
  const section = readDigestSection(settings, source, { name, key });
  if (section !== null) return section;
  const option = key.includes('server') ? 'user_zk="…"' : 'username="zk" password="…"';
  throw settings.problem(settings.value(JAAS_KEY) === null ? ENABLED : JAAS_KEY, {
    code: 'MISSING',
    expected: `there is no section ${name} in a JAAS file for SASL between servers`,
    advice: `name a file by ${JAAS_KEY} that has ${name} { ${DIGEST_MODULE} required ${option}; };`,
  });
}
