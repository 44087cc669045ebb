import type { TokenBucketOptions } from './base/token-bucket.ts';
import type { ConfigSettings } from './config-settings.ts';

/** The ports for operators, as zoo.cfg has them. */
export interface OperatorConfig {
  /** Null: there is none. */
  readonly admin: {
    readonly host: string;
    readonly port: number;
    readonly commandUrl: string;
    /** Whether clients reach znodes there, as at Apache's gateway. */
    readonly hasZnodes: boolean;
    /** Whether the page for people offers to change them. */
    readonly pageWrites: boolean;
    readonly snapshotEnabled: boolean;
    readonly restoreEnabled: boolean;
    /** Of a snapshot that is sent to be restored. */
    readonly restoreBytesMax: number;
    /** Between two snapshots that are asked for, and two restores, ms. */
    readonly rateLimiterIntervalMs: number;
  } | null;
  /** Null: nobody asked for any. */
  readonly metrics: {
    readonly host: string;
    readonly port: number;
    /** What the process is, beside the server in it. */
    readonly exportsProcess: boolean;
  } | null;
  readonly idleTimeoutMs: number;
  /** How fast requests may come, to either port. */
  readonly throttle: TokenBucketOptions;
}

const NO_METRICS = 'org.apache.zookeeper.metrics.impl.DefaultMetricsProvider';
const NULL_METRICS = 'org.apache.zookeeper.metrics.impl.NullMetricsProvider';
const PROMETHEUS = 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider';

/** @throws ConfigError for a provider of metrics that there is not. */
export function readOperatorConfig(settings: ConfigSettings): OperatorConfig {
  const requestsPerSecond = settings.value('stampede.maxAdminRequestsPerSecond');
  return Object.freeze({
    admin: settings.value('admin.enableServer')
      ? {
          host: settings.value('admin.serverAddress'),
          port: settings.value('admin.serverPort'),
          commandUrl: settings.value('admin.commandURL').replace(/\/$/, ''),
          hasZnodes: settings.value('stampede.rest.enabled'),
          pageWrites: settings.value('stampede.page.writes'),
          snapshotEnabled: settings.value('admin.snapshot.enabled'),
          restoreEnabled: settings.value('admin.restore.enabled'),
          restoreBytesMax:
            settings.value('stampede.maxRestoreBytes') ?? 2 * settings.value('stampede.maxDataBytes'),
          rateLimiterIntervalMs: settings.value('admin.rateLimiterIntervalInMS'),
        }
      : null,
    metrics: readMetrics(settings),
    idleTimeoutMs: settings.value('admin.idleTimeout'),
    throttle: { capacity: requestsPerSecond, fillCount: requestsPerSecond, fillTimeMs: 1000 },
  });
}

function readMetrics(settings: ConfigSettings): OperatorConfig['metrics'] {
  const provider = settings.value('metricsProvider.className');
  if (provider === NO_METRICS || provider === NULL_METRICS) return null;
  if (provider !== PROMETHEUS) {
    throw settings.problem('metricsProvider.className', {
      code: 'BAD_VALUE',
      expected: `must be ${PROMETHEUS}, or ${NO_METRICS} for none`,
      advice: 'classes of Java cannot be loaded here; take the line away, or name the Prometheus provider',
    });
  }
  return {
    host: settings.value('metricsProvider.httpHost'),
    port: settings.value('metricsProvider.httpPort'),
    exportsProcess: settings.value('metricsProvider.exportJvmInfo'),
  };
}
