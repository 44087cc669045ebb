import { extname, resolve } from 'node:path';
import type { ConfigSettings } from './config-settings.ts';
import type { CertificateStore, TlsConfig } from './net/tls/tls-config.ts';
import { Secret } from './secret.ts';

const HANDSHAKE_TIMEOUT_MS = 10_000;
const TYPES: Readonly<Record<string, CertificateStore['type'] | undefined>> = {
  '.pem': 'PEM',
  '.p12': 'PKCS12',
  '.pfx': 'PKCS12',
  '.jks': 'JKS',
};

/**
 * The port for TLS, if `secureClientPort` is set; null if it is not.
 *
 * @throws ConfigError for what is missing, or of a kind that is not read here.
 */
export function readTlsConfig(settings: ConfigSettings, cwd: string): TlsConfig | null {
  const port = settings.value('secureClientPort');
  if (port === null) return null;
  const keyStore = readStore(settings, 'keyStore', cwd);
  if (keyStore === null) {
    throw settings.problem('ssl.keyStore.location', {
      code: 'MISSING',
      expected: 'secureClientPort is set, and ssl.keyStore.location is not',
      advice:
        'name a PEM file with the server’s key and certificates, or a PKCS12 or JKS store, or take secureClientPort away',
    });
  }
  const clientAuth = settings.value('ssl.clientAuth');
  const trustStore = readStore(settings, 'trustStore', cwd);
  if (trustStore === null && clientAuth !== 'none') {
    throw settings.problem('ssl.trustStore.location', {
      code: 'MISSING',
      expected: `ssl.clientAuth is ${clientAuth}, and ssl.trustStore.location is not set`,
      advice: 'name the certificates that clients’ certificates must come from, or set ssl.clientAuth=none',
    });
  }
  const versions = versionsIn(settings);
  return {
    host: settings.value('secureClientPortAddress') ?? '0.0.0.0',
    port,
    keyStore,
    trustStore: clientAuth === 'none' ? null : trustStore,
    clientAuth,
    ...versions,
    ciphers:
      settings
        .value('ssl.ciphersuites')
        ?.split(',')
        .map((name) => name.trim())
        .join(':') ?? null,
    handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS,
  };
}

function readStore(
  settings: ConfigSettings,
  name: 'keyStore' | 'trustStore',
  cwd: string,
): CertificateStore | null {
  const key = `ssl.${name}.location` as const;
  const location = settings.value(key);
  if (location === null) return null;
  const said = settings.value(`ssl.${name}.type`);
  const type = said ?? TYPES[extname(location).toLowerCase()];
  if (type === undefined)
    throw notRead(settings, key, `a store named ${extname(location) || 'without an extension'}`);
  const password = settings.value(`ssl.${name}.password`);
  return {
    path: resolve(cwd, location),
    type,
    password: password === null || password === '' ? null : new Secret(password),
  };
}

function notRead(
  settings: ConfigSettings,
  key: 'ssl.keyStore.location' | 'ssl.trustStore.location',
  what: string,
) {
  return settings.problem(key, {
    code: 'BAD_VALUE',
    expected: `${what} is not read here`,
    advice:
      'make a PEM file of it (keytool -importkeystore -deststoretype PKCS12, then openssl pkcs12 -in … -out store.pem), and set the type to PEM',
  });
}

function versionsIn(settings: ConfigSettings): Pick<TlsConfig, 'minVersion' | 'maxVersion'> {
  const enabled = settings.value('ssl.enabledProtocols') ?? settings.value('ssl.protocol');
  const named = (['TLSv1.2', 'TLSv1.3'] as const).filter((version) =>
    enabled
      .split(',')
      .map((word) => word.trim())
      .includes(version),
  );
  const [minVersion] = named;
  const maxVersion = named.at(-1);
  if (minVersion === undefined || maxVersion === undefined) {
    throw settings.problem('ssl.enabledProtocols', {
      code: 'BAD_VALUE',
      expected: 'must name TLSv1.2, TLSv1.3 or both',
      advice: 'older versions are not safe, and not spoken here',
    });
  }
  return { minVersion, maxVersion };
}
