import { DIGEST_ALGORITHMS, type DigestAlgorithm } from './auth/digest-algorithm.ts';
import { DEFAULT_LIMITS } from './pipeline/limits.ts';
import {
  ANY_TEXT,
  HOST,
  NOT_EMPTY,
  TRUE_FALSE,
  YES_NO,
  decimal,
  integer,
  oneOf,
  oneOfAnyCase,
  type ValueKind,
} from './config-value.ts';

/**
 * Where a key may be set:
 * - `file`: one of the keys Apache's parser itself knows; only zoo.cfg sets it.
 * - `property`: the system property `zookeeper.<key>`; zoo.cfg sets it without the prefix.
 * - `jvm`: a system property without prefix. Apache cannot set it from zoo.cfg and silently ignores the line
 *   there; here the line counts, since whoever wrote it meant it.
 */
export type KeyScope = 'file' | 'property' | 'jvm';

/**
 * What this server does with a key:
 * - `used`.
 * - `java`: tunes Apache's threads or classes and has no counterpart here; silent.
 * - `not-yet`: has an effect in Apache and none here; main warns where it is not at its default.
 * - `refused`: like `not-yet`, but ignoring it would open what the operator meant to close: the server does not start.
 * - `ensemble`, `ensemble-not-yet`, `ensemble-refused`: the same among several servers; silent on a single one, where it means nothing.
 */
export type KeySupport = 'used' | 'java' | 'not-yet' | 'refused' | EnsembleKeySupport;
type EnsembleKeySupport = 'ensemble' | 'ensemble-not-yet' | 'ensemble-refused';

export interface KeySpec<T> {
  readonly kind: ValueKind<T>;
  /** `null`: unset is a case of its own, resolved in config.ts. */
  readonly default: T | null;
  readonly scope: KeyScope;
  readonly support: KeySupport;
  readonly secret?: true;
}

const PORT = integer({ min: 0, max: 65535 });
const COUNT = integer({ min: 0 });
const MS = integer({ min: 1, unit: 'milliseconds' });
const MS_OR_DEFAULT = integer({ min: -1, unit: 'milliseconds; -1 for the default' });
const DIGEST_ALGORITHM = oneOf(...(Object.keys(DIGEST_ALGORITHMS) as DigestAlgorithm[]));
const DIGEST_ID: ValueKind<string> = {
  parse: (text) => (/^[^:]+:[A-Za-z0-9+/]+=*$/.test(text) ? text : undefined),
  expected: 'must be user:digest, with the digest in base64, and not a password',
};
const URL_PATH: ValueKind<string> = {
  parse: (text) => (/^(\/[\w.-]+)+\/?$/.test(text) ? text : undefined),
  expected: 'must be an absolute path, as in /commands',
};
const STORE_TYPE = oneOf('PEM', 'PKCS12', 'JKS');
const TICKS = integer({ min: 1, unit: 'ticks' });

function key<T, D extends T | null>(
  scope: KeyScope,
  support: KeySupport,
  kind: ValueKind<T>,
  defaultValue: D,
): KeySpec<T> & { readonly default: D } {
  return { kind, default: defaultValue, scope, support };
}

const bool = <D extends boolean | null>(support: KeySupport, scope: KeyScope, defaultValue: D) =>
  key(scope, support, TRUE_FALSE, defaultValue);

const LIMIT_BYTES = integer({ min: 1, max: Number.MAX_SAFE_INTEGER, unit: 'bytes' });

function limit(defaultValue: number, max = Number.MAX_SAFE_INTEGER) {
  return key('property', 'used', integer({ min: 1, max }), defaultValue);
}

/** A key, whom to trust and how to speak: for the port of clients and for those of servers. */
function tlsSpecs(support: KeySupport) {
  const property = <T, D extends T | null>(kind: ValueKind<T>, defaultValue: D) =>
    key('property', support, kind, defaultValue);
  const password = { ...property(ANY_TEXT, null), secret: true as const };
  return {
    'keyStore.location': property(NOT_EMPTY, null),
    'keyStore.password': password,
    'keyStore.passwordPath': property(NOT_EMPTY, null),
    'keyStore.type': property(STORE_TYPE, null),
    'trustStore.location': property(NOT_EMPTY, null),
    'trustStore.password': password,
    'trustStore.passwordPath': property(NOT_EMPTY, null),
    'trustStore.type': property(STORE_TYPE, null),
    // 1.3 alone in Apache, where the JDK has it; older ones speak 1.2.
    protocol: property(NOT_EMPTY, 'TLSv1.2,TLSv1.3'),
    enabledProtocols: property(NOT_EMPTY, null),
    ciphersuites: property(NOT_EMPTY, null),
    clientAuth: property(oneOfAnyCase('none', 'want', 'need'), 'need'),
  };
}

type TlsSpecs = ReturnType<typeof tlsSpecs>;
type TlsKeys<P extends string> = { readonly [K in keyof TlsSpecs as `${P}${K}`]: TlsSpecs[K] };

function tlsKeys<P extends string>(prefix: P, support: KeySupport): TlsKeys<P> {
  const named = Object.entries(tlsSpecs(support)).map(([name, spec]) => [prefix + name, spec]);
  return Object.fromEntries(named) as TlsKeys<P>;
}

/** Short of the 2^24 entries that a map of V8 has room for, by what may be in flight. */
const NODES_MAX = 16_000_000;
const WATCHES_MAX = 16_000_000;

/** Every key of protocol §5.5 by name, with Apache's defaults unless a comment says otherwise. */
export const CONFIG_KEYS = {
  dataDir: key('file', 'used', NOT_EMPTY, null),
  dataLogDir: key('file', 'used', NOT_EMPTY, null),
  clientPort: key('file', 'used', PORT, null),
  clientPortAddress: key('file', 'used', HOST, null),
  clientPortListenBacklog: key('file', 'used', integer({ min: -1, unit: '-1 for the default' }), -1),
  tickTime: key('file', 'used', MS, 3000),
  minSessionTimeout: key('file', 'used', MS_OR_DEFAULT, -1),
  maxSessionTimeout: key('file', 'used', MS_OR_DEFAULT, -1),
  maxClientCnxns: key('file', 'used', COUNT, 60),
  'autopurge.snapRetainCount': key('file', 'used', COUNT, 3),
  'autopurge.purgeInterval': key('file', 'used', integer({ min: 0, max: 596, unit: 'hours' }), 0),
  standaloneEnabled: bool('used', 'file', true),
  peerType: key('file', 'used', oneOfAnyCase('participant', 'observer'), null),
  dynamicConfigFile: key('file', 'used', NOT_EMPTY, null),

  initLimit: key('file', 'ensemble', TICKS, null),
  syncLimit: key('file', 'ensemble', TICKS, null),
  connectToLearnerMasterLimit: key('file', 'ensemble', COUNT, 0),
  electionAlg: key('file', 'ensemble', integer({ min: 3, max: 3 }), 3),
  syncEnabled: bool('ensemble', 'file', true),
  observerMasterPort: key('file', 'ensemble-not-yet', PORT, 0),
  quorumListenOnAllIPs: bool('ensemble', 'file', false),
  localSessionsEnabled: bool('ensemble-not-yet', 'file', false),
  localSessionsUpgradingEnabled: bool('ensemble-not-yet', 'file', false),
  sslQuorum: bool('ensemble', 'file', false),
  portUnification: bool('ensemble', 'file', false),
  sslQuorumReloadCertFiles: bool('ensemble', 'file', false),
  'multiAddress.enabled': bool('ensemble-not-yet', 'file', false),
  'multiAddress.reachabilityCheckEnabled': bool('ensemble-not-yet', 'file', true),
  'multiAddress.reachabilityCheckTimeoutMs': key('file', 'ensemble-not-yet', MS, 1000),
  'quorum.cnxn.threads.size': key('file', 'java', COUNT, 20),
  'quorum.auth.enableSasl': bool('ensemble', 'file', false),
  'quorum.auth.learnerRequireSasl': bool('ensemble', 'file', false),
  'quorum.auth.serverRequireSasl': bool('ensemble', 'file', false),
  'quorum.auth.learner.saslLoginContext': key('file', 'ensemble', NOT_EMPTY, 'QuorumLearner'),
  'quorum.auth.server.saslLoginContext': key('file', 'ensemble', NOT_EMPTY, 'QuorumServer'),
  'quorum.auth.kerberos.servicePrincipal': key('file', 'ensemble-not-yet', ANY_TEXT, 'zkquorum/localhost'),
  oraclePath: key('file', 'ensemble-not-yet', ANY_TEXT, null),

  secureClientPort: key('file', 'used', PORT, null),
  secureClientPortAddress: key('file', 'used', HOST, null),
  'client.portUnification': bool('used', 'property', false),
  ...tlsKeys('ssl.', 'used'),
  'ssl.clientHostnameVerification': bool('refused', 'property', false),
  'ssl.crl': bool('refused', 'property', false),
  'ssl.ocsp': bool('refused', 'property', false),
  ...tlsKeys('ssl.quorum.', 'ensemble'),
  'ssl.quorum.hostnameVerification': bool('ensemble', 'property', true),
  // Like the other one where it is not set.
  'ssl.quorum.clientHostnameVerification': bool('ensemble', 'property', null),
  // Whoever answers for an address could say whose it is (CVE-2026-24281).
  'ssl.quorum.allowReverseDnsLookup': bool('ensemble-not-yet', 'property', false),
  'ssl.quorum.handshakeDetectionTimeoutMillis': key('property', 'ensemble', MS, 5000),
  'ssl.quorum.crl': bool('ensemble-refused', 'property', false),
  'ssl.quorum.ocsp': bool('ensemble-refused', 'property', false),
  'ssl.authProvider': key('property', 'used', oneOf('x509'), 'x509'),
  'X509AuthenticationProvider.superUser': key('property', 'used', NOT_EMPTY, null),
  reconfigEnabled: bool('used', 'file', false),
  'metricsProvider.className': key(
    'file',
    'used',
    ANY_TEXT,
    'org.apache.zookeeper.metrics.impl.DefaultMetricsProvider',
  ),
  'metricsProvider.httpHost': key('file', 'used', HOST, '0.0.0.0'),
  'metricsProvider.httpPort': key('file', 'used', PORT, 7000),
  'metricsProvider.exportJvmInfo': bool('used', 'file', true),

  // Apache's is 0, no limit; it stands for that here too.
  maxCnxns: key('property', 'used', COUNT, 20_000),
  globalOutstandingLimit: key('property', 'not-yet', integer({ min: 1 }), 1000),
  snapCount: key('property', 'used', integer({ min: 2 }), 100_000),
  snapSizeLimitInKb: key('property', 'used', integer({ min: -1, max: 2 ** 40, unit: 'KiB' }), 4_194_304),
  preAllocSize: key('property', 'used', integer({ min: 0, max: 2 ** 21, unit: 'KiB' }), 65_536),
  forceSync: key('property', 'used', YES_NO, true),
  skipACL: key('property', 'used', YES_NO, false),
  'digest.enabled': bool('used', 'property', true),
  '4lw.commands.whitelist': key('property', 'used', ANY_TEXT, null),
  'fsync.warningthresholdms': key('property', 'used', COUNT, 1000),
  'nio.sessionlessCnxnTimeout': key('property', 'used', MS, 10_000),
  'datadir.autocreate': bool('used', 'property', true),
  'db.autocreate': bool('not-yet', 'property', true),
  'snapshot.trust.empty': bool('used', 'property', false),
  'DigestAuthenticationProvider.digestAlg': key('property', 'used', DIGEST_ALGORITHM, 'SHA1'),
  'DigestAuthenticationProvider.enabled': bool('used', 'property', true),
  'DigestAuthenticationProvider.superDigest': {
    ...key('property', 'used', DIGEST_ID, null),
    secret: true,
  },
  // Whether the log is written past the page cache (O_DIRECT), where the file system lets it.
  'stampede.directLog': key('property', 'used', YES_NO, true),
  'stampede.versionLine': key('property', 'used', NOT_EMPTY, null),
  // A file with the same bytes on every server of the ensemble.
  'stampede.sessionSecretFile': key('property', 'used', NOT_EMPTY, null),
  'stampede.maxPathLength': limit(DEFAULT_LIMITS.pathLengthMax),
  'stampede.maxDepth': limit(DEFAULT_LIMITS.depthMax),
  'stampede.maxOperationsPerMulti': limit(DEFAULT_LIMITS.operationsPerMultiMax),
  'stampede.maxNodes': limit(DEFAULT_LIMITS.nodesMax, NODES_MAX),
  'stampede.maxDataBytes': limit(DEFAULT_LIMITS.dataBytesMax),
  'stampede.maxEphemeralsPerSession': limit(DEFAULT_LIMITS.ephemeralsPerSessionMax),
  // Twice jute.maxbuffer where it is not set: clients take no longer one than they are configured for either.
  'stampede.maxResponseBytes': key('property', 'used', integer({ min: 1, unit: 'bytes' }), null),
  'stampede.maxWatchesPerConnection': limit(DEFAULT_LIMITS.watchesPerConnectionMax),
  'stampede.maxWatches': limit(DEFAULT_LIMITS.watchesMax, WATCHES_MAX),
  'stampede.maxOutputBytes': limit(DEFAULT_LIMITS.outputBytesMax),
  'stampede.maxPartialRequestBytes': limit(DEFAULT_LIMITS.partialBytesMax),
  'stampede.requestTimeoutMs': limit(DEFAULT_LIMITS.requestTimeoutMs),
  'stampede.maxInFlightBytes': limit(DEFAULT_LIMITS.inFlightBytesMax),
  'jute.maxbuffer': key('jvm', 'used', integer({ min: 1, unit: 'bytes' }), 1_048_575),

  leaderServes: key('property', 'ensemble', YES_NO, true),
  commitLogCount: key('property', 'ensemble', COUNT, 500),
  snapshotSizeFactor: key('property', 'ensemble', decimal({ min: -1, max: 1 }), 0.33),
  cnxTimeout: key('property', 'ensemble', MS, 5000),
  quorumCnxnTimeoutMs: key('property', 'ensemble', MS_OR_DEFAULT, -1),
  electionPortBindRetry: key('property', 'ensemble', COUNT, 3),
  leaderConnectDelayDuringRetryMs: key('property', 'ensemble', COUNT, 100),
  'fastleader.minNotificationInterval': key('property', 'ensemble', MS, 200),
  // Apache's is 60 000. A vote that got lost is said again within seconds (decision 9).
  'fastleader.maxNotificationInterval': key('property', 'ensemble', MS, 5000),
  'leader.maxConcurrentSnapSyncs': key('property', 'ensemble', integer({ min: 1 }), 10),
  'leader.maxConcurrentDiffSyncs': key('property', 'ensemble', integer({ min: 1 }), 100),
  // Counts before syncEnabled where both are set.
  'observer.syncEnabled': bool('ensemble', 'property', null),
  'observer.reconnectDelayMs': key('property', 'ensemble-not-yet', COUNT, 0),
  'observer.election.DelayMs': key('property', 'ensemble-not-yet', COUNT, 200),
  'leader.maxTimeToWaitForEpoch': key('property', 'ensemble-not-yet', MS_OR_DEFAULT, -1),
  forceSnapshotSync: bool('ensemble-not-yet', 'property', false),
  tcpKeepAlive: bool('ensemble-not-yet', 'property', false),
  'leader.ackLoggingFrequency': key('property', 'java', COUNT, 1000),
  'leader.closeSocketAsync': bool('java', 'property', false),
  'learner.closeSocketAsync': bool('java', 'property', false),
  'learner.asyncSending': bool('java', 'property', false),
  'follower.skipLearnerRequestToNextProcessor': bool('java', 'property', false),
  serverCnxnFactory: key('property', 'java', ANY_TEXT, null),
  'nio.numSelectorThreads': key('property', 'java', ANY_TEXT, null),
  'nio.numWorkerThreads': key('property', 'java', ANY_TEXT, null),
  'nio.directBufferBytes': key('property', 'java', ANY_TEXT, null),
  'commitProcessor.numWorkerThreads': key('property', 'java', ANY_TEXT, null),

  txnLogSizeLimitInKb: key('property', 'not-yet', integer({ min: -1, max: 2 ** 40, unit: 'KiB' }), -1),
  enforceQuota: bool('used', 'property', false),
  extendedTypesEnabled: bool('used', 'property', false),
  'znode.container.checkIntervalMs': key('jvm', 'used', MS, 60_000),
  'znode.container.maxPerMinute': key('jvm', 'used', integer({ min: 1 }), 10_000),
  'znode.container.maxNeverUsedIntervalMs': key('jvm', 'not-yet', COUNT, 0),
  'snapshot.compression.method': key('property', 'not-yet', oneOf('', 'gz', 'snappy'), ''),
  'audit.enable': bool('used', 'property', false),
  'audit.impl.class': key('property', 'used', ANY_TEXT, null),
  // Without it the audit log is among the other lines of the log.
  'stampede.audit.file': key('property', 'used', NOT_EMPTY, null),
  // 0: no operation is told of for its time.
  'stampede.slowOperationMs': key('property', 'used', COUNT, 0),
  // In Apache it is on, and open to everybody who reaches the machine.
  'admin.enableServer': bool('used', 'property', false),
  'admin.serverAddress': key('property', 'used', HOST, '127.0.0.1'),
  'admin.serverPort': key('property', 'used', PORT, 8080),
  'admin.commandURL': key('property', 'used', URL_PATH, '/commands'),
  'admin.forceHttps': bool('refused', 'property', false),
  'admin.needClientAuth': bool('refused', 'property', false),
  'admin.idleTimeout': key('property', 'used', MS, 30_000),
  // In Apache both are on, for everybody whom the root's ACL lets do everything: by default that is everybody.
  'admin.snapshot.enabled': bool('used', 'property', false),
  'admin.restore.enabled': bool('used', 'property', false),
  // Twice stampede.maxDataBytes where it is not set: what this server has written itself it takes back.
  'stampede.maxRestoreBytes': key('property', 'used', LIMIT_BYTES, null),
  'admin.rateLimiterIntervalInMS': key('property', 'used', COUNT, 300_000),
  // Znodes over HTTP, on the AdminServer's port.
  'stampede.rest.enabled': bool('used', 'property', false),
  'stampede.page.writes': bool('used', 'property', false),
  'stampede.maxAdminRequestsPerSecond': limit(1000),
  request_throttle_max_requests: key('property', 'used', COUNT, 0),
  throttled_op_wait_time: key('property', 'not-yet', COUNT, 0),
  connection_throttle_tokens: key('property', 'used', COUNT, 0),
  connection_throttle_fill_time: key('property', 'used', MS, 1),
  connection_throttle_fill_count: key('property', 'used', integer({ min: 1 }), 1),
  'readonlymode.enabled': bool('ensemble', 'jvm', false),

  'enforce.auth.enabled': bool('used', 'property', false),
  'enforce.auth.schemes': key('property', 'used', ANY_TEXT, ''),
  sessionRequireClientSASLAuth: bool('used', 'property', false),
  'java.security.auth.login.config': key('jvm', 'used', NOT_EMPTY, null),
  'sasl.serverconfig': key('property', 'used', NOT_EMPTY, 'Server'),
  allowSaslFailedClients: bool('used', 'property', false),
  letAnySaslUserDoX: key('property', 'used', NOT_EMPTY, null),
  superUser: key('property', 'used', NOT_EMPTY, null),
  'SASLAuthenticationProvider.superPassword': {
    ...key('property', 'used', NOT_EMPTY, null),
    secret: true,
  },
  ensembleAuthName: key('property', 'used', ANY_TEXT, ''),
} as const satisfies Readonly<Record<string, KeySpec<unknown>>>;

export type ConfigKey = keyof typeof CONFIG_KEYS;

/** The type a key's value has once read; `null` where unset is possible. */
export type ConfigValue<K extends ConfigKey> =
  | ((typeof CONFIG_KEYS)[K]['kind'] extends ValueKind<infer T> ? T : never)
  | Extract<(typeof CONFIG_KEYS)[K]['default'], null>;

export const CONFIG_KEY_NAMES = Object.keys(CONFIG_KEYS) as readonly ConfigKey[];

/** Not `in`: a line `constructor=1` in zoo.cfg is an unknown key like any other. */
export function isConfigKey(name: string): name is ConfigKey {
  return Object.hasOwn(CONFIG_KEYS, name);
}

/** Keys that carry a name of their own behind this prefix. */
export const KEY_FAMILIES: readonly { readonly prefix: string; readonly support: KeySupport }[] = [
  { prefix: 'authProvider.', support: 'used' },
  { prefix: 'superUser.', support: 'used' },
  { prefix: 'metricsProvider.', support: 'not-yet' },
  { prefix: 'ssl.quorum.', support: 'ensemble-not-yet' },
  { prefix: 'ssl.', support: 'not-yet' },
  { prefix: 'admin.', support: 'not-yet' },
];
