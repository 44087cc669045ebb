import type { AuthConfig } from './auth/auth-config.ts';
import { createProviders } from './auth/auth-schemes.ts';
import type { ConfigSettings } from './config-settings.ts';
import type { ConfigSource } from './config-source.ts';
import { readSaslConfig } from './sasl-config.ts';
import { Secret } from './secret.ts';

/** Classes of Apache's that `authProvider.<any>` may name, and what they are here. */
const PROVIDER_CLASSES: ReadonlyMap<string, 'ensemble' | 'sasl' | 'x509'> = new Map([
  ['org.apache.zookeeper.server.auth.EnsembleAuthenticationProvider', 'ensemble'],
  ['org.apache.zookeeper.server.auth.SASLAuthenticationProvider', 'sasl'],
  // Offered in any case.
  ['org.apache.zookeeper.server.auth.X509AuthenticationProvider', 'x509'],
]);

/** @throws ConfigError for a scheme that clients are to have and cannot, and for what is wrong with their passwords. */
export function readAuthConfig(settings: ConfigSettings, source: ConfigSource): AuthConfig {
  const superDigest = settings.value('DigestAuthenticationProvider.superDigest');
  const added = readProviders(settings);
  const config = {
    digestEnabled: settings.value('DigestAuthenticationProvider.enabled'),
    digestAlgorithm: settings.value('DigestAuthenticationProvider.digestAlg'),
    superDigest: superDigest === null ? null : new Secret(superDigest),
    sasl: readSaslConfig(settings, source),
    x509SuperUser: settings.value('X509AuthenticationProvider.superUser'),
    hasSaslAcls: added.has('sasl'),
    ensembleNames: added.has('ensemble') ? new Set(listOf(settings.value('ensembleAuthName'))) : null,
  };
  if (config.ensembleNames === null && settings.value('ensembleAuthName') !== '')
    settings.warn('ensembleAuthName', 'has no effect: no authProvider.N names the provider that looks at it');
  return Object.freeze({ ...config, requiredSchemes: readRequired(settings, config) });
}

function readProviders(settings: ConfigSettings): ReadonlySet<string> {
  const added = new Set<string>();
  for (const [key, className] of settings.family('authProvider.')) {
    const scheme = PROVIDER_CLASSES.get(className);
    if (scheme === undefined)
      settings.warn(key, 'is not implemented and has no effect: there is no such class here');
    else added.add(scheme);
  }
  return added;
}

/** As Apache, the one for SASL counts before the other. */
function readRequired(
  settings: ConfigSettings,
  config: Omit<AuthConfig, 'requiredSchemes'>,
): AuthConfig['requiredSchemes'] {
  const requiresSasl = settings.value('sessionRequireClientSASLAuth');
  if (!requiresSasl && !settings.value('enforce.auth.enabled')) return null;
  const required = requiresSasl ? ['sasl'] : listOf(settings.value('enforce.auth.schemes'));
  if (required.length === 0) {
    throw settings.problem('enforce.auth.enabled', {
      code: 'CONFLICT',
      expected: 'clients have to authenticate, and enforce.auth.schemes does not say how',
      advice: 'add a line such as enforce.auth.schemes=digest',
    });
  }
  const key = requiresSasl ? 'sessionRequireClientSASLAuth' : 'enforce.auth.schemes';
  const offered = createProviders(config);
  for (const scheme of required) {
    // Everybody is `world`, and nobody has it for an identity.
    if (offered.has(scheme) && scheme !== 'world') continue;
    throw settings.problem(key, {
      code: 'CONFLICT',
      expected: `no client could authenticate by ${scheme}, which this server does not offer`,
      advice: 'name schemes that it offers, or add the authProvider.N line for it',
    });
  }
  if (required.includes('sasl') && config.sasl.users === null)
    settings.warn(key, 'lets in nobody by sasl: java.security.auth.login.config gives no users');
  return new Set(required);
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
