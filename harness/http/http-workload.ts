/** What asks an operator's port of the servers again and again, by autocannon. */
export interface HttpWorkload {
  readonly name: string;
  /** One line for people. */
  readonly doc: string;
  readonly port: OperatorPort;
  /** Each connection asks for them in turn. */
  readonly paths: readonly string[];
  /** Over all servers. */
  readonly connections: number;
  /** Requests a second over all connections; null: as fast as they are answered. */
  readonly rate: number | null;
  readonly durationS: number;
  readonly warmupS: number;
}

/** Which of a server's ports it asks. */
export type OperatorPort = (typeof OPERATOR_PORTS)[number];
export const OPERATOR_PORTS = ['admin', 'metrics'] as const;

const METRICS_PROVIDER = 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider';
/** What a port takes is to be measured, and not what it is limited to. */
const NO_LIMIT = { 'stampede.maxAdminRequestsPerSecond': '1000000' };

/** Lines of zoo.cfg without which there is no such port. */
export const CONFIG_FOR: Readonly<Record<OperatorPort, Readonly<Record<string, string>>>> = {
  admin: { 'admin.enableServer': 'true', ...NO_LIMIT },
  metrics: { 'metricsProvider.className': METRICS_PROVIDER, ...NO_LIMIT },
};
