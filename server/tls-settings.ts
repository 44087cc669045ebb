import { extname, resolve } from 'node:path';
import type { Endpoint } from './base/ports.ts';
import type { ConfigSettings } from './config-settings.ts';
import { readTextOf, type ConfigSource } from './config-source.ts';
import { openSslCiphers } from './net/tls/cipher-names.ts';
import type { CertificateStore, PeerTlsConfig, TlsConfig } from './net/tls/tls-config.ts';
import { Secret } from './secret.ts';

const HANDSHAKE_TIMEOUT_MS = 10_000;

const TYPES: Readonly<Record<string, CertificateStore['type'] | undefined>> = {
  '.pem': 'PEM',
  '.p12': 'PKCS12',
  '.pfx': 'PKCS12',
  '.jks': 'JKS',
};

type Prefix = TlsConfig['prefix'];
type StoreName = 'keyStore' | 'trustStore';

/** TLS for clients. */
export interface ClientTlsConfig {
  readonly tls: TlsConfig | null;
  /** Of the port where nothing else is spoken; null where there is none. */
  readonly secureClientAddress: Endpoint | null;
  /** Whether the ordinary port takes both. */
  readonly clientPortUnification: boolean;
}

/** @throws ConfigError for what is missing, or of a kind that is not read here. */
export function readClientTls(settings: ConfigSettings, source: ConfigSource): ClientTlsConfig {
  const port = settings.value('secureClientPort');
  const clientPortUnification = settings.value('client.portUnification');
  const secureClientAddress =
    port === null ? null : { host: settings.value('secureClientPortAddress') ?? '0.0.0.0', port };
  const cause = port !== null ? 'secureClientPort' : clientPortUnification ? 'client.portUnification' : null;
  const tls = cause === null ? null : readTls('ssl.', cause, settings, source);
  return { tls, secureClientAddress, clientPortUnification };
}

/**
 * TLS between servers; null where it is neither spoken nor understood.
 *
 * @throws ConfigError as above.
 */
export function readPeerTls(settings: ConfigSettings, source: ConfigSource): PeerTlsConfig | null {
  const isDialed = settings.value('sslQuorum');
  const takesPlain = settings.value('portUnification');
  if (!isDialed && !takesPlain) return null;
  const tls = readTls('ssl.quorum.', isDialed ? 'sslQuorum' : 'portUnification', settings, source);
  const { trustStore } = tls;
  // With clientAuth=none, too: there is always somebody to connect to.
  if (trustStore === null) throw missingTrust(settings, 'ssl.quorum.', 'other servers’');
  const checksDialedName = settings.value('ssl.quorum.hostnameVerification');
  return {
    ...tls,
    trustStore,
    isDialed,
    takesPlain,
    handshakeTimeoutMs: settings.value('ssl.quorum.handshakeDetectionTimeoutMillis'),
    isReloaded: settings.value('sslQuorumReloadCertFiles'),
    checksDialedName,
    checksAcceptedName: checksDialedName && settings.value('ssl.quorum.clientHostnameVerification') !== false,
  };
}

function readTls(prefix: Prefix, cause: string, settings: ConfigSettings, source: ConfigSource): TlsConfig {
  const keyStore = readStore(prefix, 'keyStore', settings, source);
  if (keyStore === null) {
    throw settings.problem(`${prefix}keyStore.location`, {
      code: 'MISSING',
      expected: `${cause} is set, and ${prefix}keyStore.location is not`,
      advice: `name a PEM file with the server’s key and certificates, or a PKCS12 or JKS store, or take ${cause} away`,
    });
  }
  const clientAuth = settings.value(`${prefix}clientAuth`);
  const trustStore = readStore(prefix, 'trustStore', settings, source);
  if (trustStore === null && clientAuth !== 'none')
    throw missingTrust(settings, prefix, prefix === 'ssl.' ? 'clients’' : 'other servers’');
  const suites = settings.value(`${prefix}ciphersuites`);
  return {
    prefix,
    keyStore,
    trustStore: prefix === 'ssl.' && clientAuth === 'none' ? null : trustStore,
    clientAuth,
    ...versionsIn(prefix, settings),
    ciphers: suites === null ? null : openSslCiphers(suites),
    handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS,
    isReloaded: true,
  };
}

function missingTrust(settings: ConfigSettings, prefix: Prefix, whose: string) {
  const clientAuth = settings.value(`${prefix}clientAuth`);
  return settings.problem(`${prefix}trustStore.location`, {
    code: 'MISSING',
    expected: `${prefix}clientAuth is ${clientAuth}, and ${prefix}trustStore.location is not set`,
    advice:
      `name the certificates that ${whose} certificates must come from` +
      (prefix === 'ssl.' ? ', or set ssl.clientAuth=none' : ''),
  });
}

function readStore(
  prefix: Prefix,
  name: StoreName,
  settings: ConfigSettings,
  source: ConfigSource,
): CertificateStore | null {
  const key = `${prefix}${name}.location` as const;
  const location = settings.value(key);
  if (location === null) return null;
  const said = settings.value(`${prefix}${name}.type`);
  const type = said ?? TYPES[extname(location).toLowerCase()];
  if (type === undefined)
    throw notRead(settings, key, `a store named ${extname(location) || 'without an extension'}`);
  const password = readPassword(prefix, name, settings, source);
  return { path: resolve(source.cwd, location), type, password };
}

/** As in Apache a file with the password counts before the password itself. */
function readPassword(
  prefix: Prefix,
  name: StoreName,
  settings: ConfigSettings,
  source: ConfigSource,
): Secret | null {
  const key = `${prefix}${name}.passwordPath` as const;
  const file = settings.value(key);
  if (file === null) {
    const password = settings.value(`${prefix}${name}.password`);
    return password === null || password === '' ? null : new Secret(password);
  }
  const bytes = readTextOf(resolve(source.cwd, file), source);
  if (bytes === null) {
    throw settings.problem(key, {
      code: 'UNREADABLE',
      expected: 'there is no such file',
      advice: `put the password of ${prefix}${name}.location there, or remove the line`,
    });
  }
  return new Secret(
    Buffer.from(bytes, 'latin1')
      .toString('utf8')
      .replace(/\r?\n$/, ''),
  );
}

function notRead(settings: ConfigSettings, key: `${Prefix}${StoreName}.location`, what: string) {
  return settings.problem(key, {
    code: 'BAD_VALUE',
    expected: `${what} is not read here`,
    advice:
      'make a PEM file of it (keytool -importkeystore -deststoretype PKCS12, then openssl pkcs12 -in … -out store.pem), and set the type to PEM',
  });
}

function versionsIn(prefix: Prefix, settings: ConfigSettings): Pick<TlsConfig, 'minVersion' | 'maxVersion'> {
  const enabled = settings.value(`${prefix}enabledProtocols`) ?? settings.value(`${prefix}protocol`);
  const named = (['TLSv1.2', 'TLSv1.3'] as const).filter((version) =>
    enabled
      .split(',')
      .map((word) => word.trim())
      .includes(version),
  );
  const [minVersion] = named;
  const maxVersion = named.at(-1);
  if (minVersion === undefined || maxVersion === undefined) {
    throw settings.problem(`${prefix}enabledProtocols`, {
      code: 'BAD_VALUE',
      expected: 'must name TLSv1.2, TLSv1.3 or both',
      advice: 'older versions are not safe, and not spoken here',
    });
  }
  return { minVersion, maxVersion };
}
