/** What asks an operator's port of the servers again and again, by autocannon. */
export interface HttpWorkload {
  readonly name: string;
  /** One line for people. */
  readonly doc: string;
  readonly port: OperatorPort;
  /** Each connection makes them in turn. */
  readonly asks: readonly HttpAsk[];
  /** Made once of every server before the others; that it is there already is fine. */
  readonly prepare?: HttpAsk;
  /** Lines of zoo.cfg without which there is nothing to be asked for, beside those for the port. */
  readonly config?: Readonly<Record<string, string>>;
  /** Over all servers. */
  readonly connections: number;
  /** Requests a second over all connections; null: as fast as they are answered. */
  readonly rate: number | null;
  readonly durationS: number;
  readonly warmupS: number;
}

/** One request. */
export interface HttpAsk {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly path: string;
  /** Bytes, one character each. */
  readonly body?: string;
}

/** As people write them: `/path`, `PUT /path`, `8 × /path`. */
export function askTexts(asks: readonly HttpAsk[]): string[] {
  const counts = new Map<string, number>();
  for (const { method, path } of asks) {
    const text = method === 'GET' ? path : `${method} ${path}`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return Array.from(counts, ([text, count]) => (count === 1 ? text : `${count} × ${text}`));
}

/** GETs of these paths. */
export function getsOf(...paths: readonly string[]): readonly HttpAsk[] {
  return paths.map((path) => ({ method: 'GET', path }));
}

/** What the servers are to be configured with for it. */
export function configForHttp({ port, config }: HttpWorkload): Readonly<Record<string, string>> {
  return { ...CONFIG_FOR[port], ...config };
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
