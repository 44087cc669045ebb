import { resolve } from 'node:path';
import { COMMAND_WORDS } from './admin/command-words.ts';
import type { AuthConfig } from './auth/auth-config.ts';
import type { PeerSaslConfig } from './auth/peer-sasl-config.ts';
import { readAuthConfig } from './auth-config.ts';
import type { TokenBucketOptions } from './base/token-bucket.ts';
import { readClientAddress } from './client-address.ts';
import { withHiddenValues } from './base/java-properties.ts';
import { ConfigSettings, isSecret } from './config-settings.ts';
import { readTextOf, type ConfigSource } from './config-source.ts';
import { type OperatorConfig, readOperatorConfig } from './operator-config.ts';
import { readEnsemble, type EnsembleConfig } from './ensemble-config.ts';
import { readMembers } from './ensemble-members.ts';
import type { PeerTlsConfig } from './net/tls/tls-config.ts';
import { readPeerSasl } from './peer-sasl-settings.ts';
import type { Limits } from './pipeline/limits.ts';
import { Secret } from './secret.ts';
import { type ClientTlsConfig, readClientTls, readPeerTls } from './tls-settings.ts';
import { DEFAULT_VERSION_LINE } from './version.ts';

/**
 * Everything zoo.cfg says to one server, read, checked and frozen. Sizes are bytes and times milliseconds
 * whatever unit the file uses. Names follow the file's keys (protocol §5.5), which hold the defaults.
 */
export interface ServerConfig extends ClientTlsConfig {
  /** As given to `parseServerConfig`, for messages. */
  readonly file: string;
  /** Absolute; equal to each other when dataLogDir is not set. */
  readonly dataDir: string;
  readonly dataLogDir: string;
  /** Whether the two are created where they do not exist. */
  readonly dataDirAutocreate: boolean;
  /** 0: the system picks one. */
  readonly clientPort: number;
  /** `0.0.0.0` (every address) when not set. */
  readonly clientPortAddress: string;
  /** -1: Node's default. */
  readonly clientPortListenBacklog: number;

  readonly tickTimeMs: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  readonly sessionlessTimeoutMs: number;
  /** Connections per remote address; 0: unlimited. */
  readonly maxClientCnxns: number;
  /** Connections in all; 0: unlimited. */
  readonly maxCnxns: number;
  /** How fast new ones may come; null: as fast as they like. */
  readonly connectionThrottle: TokenBucketOptions | null;
  readonly globalOutstandingLimit: number;
  readonly juteMaxBufferBytes: number;

  /** A snapshot is due after this many txns, at least 2 … */
  readonly snapCount: number;
  /** … or this many bytes of log; 0 or less: no such limit. */
  readonly snapSizeLimitBytes: number;
  readonly preAllocSizeBytes: number;
  /** `false` acknowledges writes that a power failure can undo. */
  readonly forceSync: boolean;
  /** Whether the log goes past the page cache, where that can be. */
  readonly directLog: boolean;
  readonly fsyncWarningThresholdMs: number;
  readonly dbAutocreate: boolean;
  readonly snapshotTrustEmpty: boolean;
  /** Whether there are nodes with a time to live. */
  readonly extendedTypesEnabled: boolean;
  readonly enforceQuota: boolean;
  /** What one client may cost the others. */
  readonly limits: Limits;
  readonly containerCheckIntervalMs: number;
  readonly containerMaxPerMinute: number;
  readonly autopurgeSnapRetainCount: number;
  /** 0: never purges by itself. */
  readonly autopurgePurgeIntervalHours: number;

  /** Tree digests in txns, log and snapshots. */
  readonly digestEnabled: boolean;
  readonly reconfigEnabled: boolean;
  readonly skipAcl: boolean;
  readonly auth: AuthConfig;
  /** Of which the passwords of sessions are made; `null`: they are Apache's. */
  readonly sessionSecret: Secret | null;
  /** Words in lower case as listed, `*` for all. */
  readonly fourLetterWords: readonly string[];
  /** Behind `Zookeeper version: `. */
  readonly versionLine: string;

  /** TLS between servers; null where there is none. */
  readonly peerTls: PeerTlsConfig | null;
  /** SASL between servers; null where there is none. */
  readonly peerSasl: PeerSaslConfig | null;
  /** Null: there is no audit log. `file`: absolute, or null for the log. */
  readonly audit: { readonly file: string | null } | null;
  /** Longer ones are told of; 0: none. */
  readonly slowOperationMs: number;
  /** What is there for operators beside the client port. */
  readonly operators: OperatorConfig;
  /** What the file says, with secrets blotted out. */
  readonly initialConfiguration: string;
  /** `null`: a server that runs alone. */
  readonly ensemble: EnsembleConfig | null;
  /** Unknown keys, as Apache keeps them: `zookeeper.<key>` → value, from zoo.cfg and from -D. */
  readonly properties: ReadonlyMap<string, string | Secret>;
  /** For the log: likely typos, settings that have no effect, values that were adjusted. One sentence each. */
  readonly warnings: readonly string[];
  /** Keys set away from their default that Apache would act on and this server does not. */
  readonly notImplemented: readonly string[];
}

/**
 * Text in, checked values out: nothing is read from the machine but what `source.readFile` reads
 * (data-directory.ts looks at the directories).
 *
 * @throws ConfigError naming file, line, key, value, what is allowed and what to do.
 */
export function parseServerConfig(text: string, source: ConfigSource): ServerConfig {
  const settings = new ConfigSettings(text, source.file, source.properties ?? new Map<string, string>());
  const dataDir = resolve(source.cwd, required(settings, 'dataDir'));
  const list = readMembers(settings, source);
  const ensemble = readEnsemble(settings, list, { source, dataDir });
  settings.refuseUnsupported({ isEnsemble: ensemble !== null });
  const clientAddress = readClientAddress(settings, { list, ensemble });
  const dataLogDir = settings.value('dataLogDir');

  const config: ServerConfig = {
    file: source.file,
    dataDir,
    dataLogDir: dataLogDir === null ? dataDir : resolve(source.cwd, dataLogDir),
    clientPort: clientAddress.port,
    clientPortAddress: clientAddress.host,
    clientPortListenBacklog: settings.value('clientPortListenBacklog'),
    ...readTimes(settings),
    maxClientCnxns: settings.value('maxClientCnxns'),
    maxCnxns: settings.value('maxCnxns'),
    connectionThrottle: readThrottle(settings),
    globalOutstandingLimit: settings.value('globalOutstandingLimit'),
    juteMaxBufferBytes: settings.value('jute.maxbuffer'),
    ...readStorage(settings),
    ...readSecurity(settings),
    auth: readAuthConfig(settings, source),
    sessionSecret: readSessionSecret(settings, source),
    limits: readLimits(settings),
    fourLetterWords: readWhitelist(settings),
    versionLine: settings.value('stampede.versionLine') ?? DEFAULT_VERSION_LINE,
    ...readClientTls(settings, source),
    peerTls: ensemble === null ? null : readPeerTls(settings, source),
    peerSasl: ensemble === null ? null : readPeerSasl(settings, source),
    audit: readAudit(settings, source),
    slowOperationMs: settings.value('stampede.slowOperationMs'),
    operators: readOperatorConfig(settings),
    initialConfiguration: withHiddenValues(text, isSecret),
    ensemble,
    properties: settings.unknown,
    notImplemented: Object.freeze(settings.notImplemented({ isEnsemble: ensemble !== null })),
    warnings: Object.freeze(settings.warnings),
  };
  return Object.freeze(config);
}

function required(settings: ConfigSettings, key: 'dataDir'): string {
  const value = settings.value(key);
  if (value !== null) return value;
  throw settings.problem(key, {
    code: 'MISSING',
    expected: `${key} is not set`,
    advice: `add a line such as ${key}=/var/lib/zookeeper`,
  });
}

function readTimes(settings: ConfigSettings) {
  const tickTimeMs = settings.value('tickTime');
  const min = settings.value('minSessionTimeout');
  const max = settings.value('maxSessionTimeout');
  const minSessionTimeoutMs = min === -1 ? 2 * tickTimeMs : min;
  const maxSessionTimeoutMs = max === -1 ? 20 * tickTimeMs : max;
  if (minSessionTimeoutMs > maxSessionTimeoutMs) {
    throw settings.problem(max === -1 ? 'minSessionTimeout' : 'maxSessionTimeout', {
      code: 'CONFLICT',
      expected: `minSessionTimeout (${minSessionTimeoutMs} ms) must not be larger than maxSessionTimeout (${maxSessionTimeoutMs} ms)`,
      advice: `change one of them, or remove both to use 2 and 20 times tickTime=${tickTimeMs}`,
    });
  }
  return {
    tickTimeMs,
    minSessionTimeoutMs,
    maxSessionTimeoutMs,
    sessionlessTimeoutMs: settings.value('nio.sessionlessCnxnTimeout'),
  };
}

/** Apache keeps at least this many snapshots whatever the file says. */
const SNAP_RETAIN_COUNT_MIN = 3;

function readStorage(settings: ConfigSettings) {
  const retain = settings.value('autopurge.snapRetainCount');
  if (retain < SNAP_RETAIN_COUNT_MIN) {
    settings.warn(
      'autopurge.snapRetainCount',
      `${retain} is less than ${SNAP_RETAIN_COUNT_MIN}, which is used instead`,
    );
  }
  const forceSync = settings.value('forceSync');
  if (!forceSync) settings.warn('forceSync', 'a power failure can undo writes that were acknowledged');
  return {
    snapCount: settings.value('snapCount'),
    snapSizeLimitBytes: settings.value('snapSizeLimitInKb') * 1024,
    preAllocSizeBytes: settings.value('preAllocSize') * 1024,
    forceSync,
    directLog: settings.value('stampede.directLog'),
    fsyncWarningThresholdMs: settings.value('fsync.warningthresholdms'),
    dataDirAutocreate: settings.value('datadir.autocreate'),
    dbAutocreate: settings.value('db.autocreate'),
    snapshotTrustEmpty: settings.value('snapshot.trust.empty'),
    extendedTypesEnabled: settings.value('extendedTypesEnabled'),
    enforceQuota: settings.value('enforceQuota'),
    containerCheckIntervalMs: settings.value('znode.container.checkIntervalMs'),
    containerMaxPerMinute: settings.value('znode.container.maxPerMinute'),
    autopurgeSnapRetainCount: Math.max(retain, SNAP_RETAIN_COUNT_MIN),
    autopurgePurgeIntervalHours: settings.value('autopurge.purgeInterval'),
  };
}

function readSecurity(settings: ConfigSettings) {
  const skipAcl = settings.value('skipACL');
  if (skipAcl) settings.warn('skipACL', 'ACLs are not checked: every client may do everything');
  return {
    digestEnabled: settings.value('digest.enabled'),
    reconfigEnabled: settings.value('reconfigEnabled'),
    skipAcl,
  };
}

/** As Apache's BlueThrottle: a bucket of tokens, of which each connection takes one. */
function readThrottle(settings: ConfigSettings): TokenBucketOptions | null {
  const capacity = settings.value('connection_throttle_tokens');
  if (capacity === 0) return null;
  const fillCount = settings.value('connection_throttle_fill_count');
  return { capacity, fillCount, fillTimeMs: settings.value('connection_throttle_fill_time') };
}

function readLimits(settings: ConfigSettings): Limits {
  const responseBytesMax =
    settings.value('stampede.maxResponseBytes') ?? 2 * settings.value('jute.maxbuffer');
  return Object.freeze({
    pathLengthMax: settings.value('stampede.maxPathLength'),
    depthMax: settings.value('stampede.maxDepth'),
    operationsPerMultiMax: settings.value('stampede.maxOperationsPerMulti'),
    nodesMax: settings.value('stampede.maxNodes'),
    dataBytesMax: settings.value('stampede.maxDataBytes'),
    ephemeralsPerSessionMax: settings.value('stampede.maxEphemeralsPerSession'),
    responseBytesMax,
    watchesPerConnectionMax: settings.value('stampede.maxWatchesPerConnection'),
    watchesMax: settings.value('stampede.maxWatches'),
    outputBytesMax: settings.value('stampede.maxOutputBytes'),
    partialBytesMax: settings.value('stampede.maxPartialRequestBytes'),
    requestTimeoutMs: settings.value('stampede.requestTimeoutMs'),
    inFlightBytesMax: settings.value('stampede.maxInFlightBytes'),
    inFlightRequestsMax: settings.value('request_throttle_max_requests'),
  });
}

const AUDIT_CLASS = 'org.apache.zookeeper.audit.Slf4jAuditLogger';

/** @throws ConfigError for a class of somebody's own: not to write what must be written is worse than not to start. */
function readAudit(settings: ConfigSettings, source: ConfigSource): ServerConfig['audit'] {
  if (!settings.value('audit.enable')) return null;
  if ((settings.value('audit.impl.class') ?? AUDIT_CLASS) !== AUDIT_CLASS) {
    throw settings.problem('audit.impl.class', {
      code: 'UNSUPPORTED',
      expected: `classes of Java cannot be loaded here; the audit log is that of ${AUDIT_CLASS}`,
      advice: 'take the line away, and say by stampede.audit.file where it is to be written',
    });
  }
  const file = settings.value('stampede.audit.file');
  return { file: file === null ? null : resolve(source.cwd, file) };
}

const SECRET_LENGTH_MIN = 32;

/** @throws ConfigError if the file is not there, or holds too little to be a secret. */
function readSessionSecret(settings: ConfigSettings, source: ConfigSource): Secret | null {
  const key = 'stampede.sessionSecretFile';
  const file = settings.value(key);
  if (file === null) return null;
  const text = readTextOf(resolve(source.cwd, file), source)?.trim() ?? '';
  if (text.length >= SECRET_LENGTH_MIN) return new Secret(text);
  throw settings.problem(key, {
    code: 'BAD_VALUE',
    expected: `must name a file with at least ${SECRET_LENGTH_MIN} characters, the same on every server`,
    advice: 'make one (openssl rand -hex 32), and let nobody but the server’s user read it',
  });
}

function readWhitelist(settings: ConfigSettings): readonly string[] {
  const words = (settings.value('4lw.commands.whitelist') ?? 'srvr')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const strange = words.filter((word) => word !== '*' && !COMMAND_WORDS.has(word));
  if (strange.length > 0) settings.warn('4lw.commands.whitelist', `there is no word ${strange.join(', ')}`);
  // Who may be served read-only has to be able to find out whether it is; Apache lets it, too, whatever is listed.
  if (settings.value('readonlymode.enabled') && !words.includes('isro')) words.push('isro');
  return Object.freeze(words);
}
