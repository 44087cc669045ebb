import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { Client } from '../harness/client/client.ts';
import { freePorts } from '../harness/ensemble/free-ports.ts';
import { ProcessFigures } from '../server/admin/http/process-figures.ts';
import { prometheusText } from '../server/admin/http/prometheus-text.ts';
import { ServerStats } from '../server/admin/server-stats.ts';
import { startLogged } from '../server/admin/testing/logged-server.ts';
import { makeView } from '../server/admin/testing/sample-view.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

/** Names of metrics that a leader exports. */
function exported(): Set<string> {
  const stats = new ServerStats();
  const figures = new ProcessFigures(stats);
  const text = prometheusText(
    makeView({
      stats,
      more: ['initLimit=5', 'syncLimit=2', 'server.1=a:1:2', 'server.2=b:1:2'],
      leading: {
        proposalSizes: { last: 1, min: 1, max: 1 },
        learnerCount: 1,
        syncedFollowerCount: 1,
        syncedNonVoterCount: 0,
        syncedObserverCount: 0,
        observers: [],
        pendingSyncCount: 0,
        leadingForMs: 1,
      },
    }),
    figures.now(),
  );
  figures.stop();
  const names = text.split('\n').flatMap((line) => /^([a-z_]+)[ {]/.exec(line)?.[1] ?? []);
  // A delay is measured only after a while.
  return new Set([...names, 'nodejs_eventloop_delay_seconds', 'up']);
}

/** Words of PromQL that are not names. */
const OWN_WORDS = new Set([
  'rate',
  'increase',
  'sum',
  'max',
  'count',
  'absent',
  'or',
  'and',
  'by',
  'job',
  'm',
]);

function namesIn(expression: string): string[] {
  const bare = expression.replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, '');
  return (bare.match(/[a-z_]+/g) ?? []).filter((word) => !OWN_WORDS.has(word));
}

const NAMES = exported();

const alertsSchema = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string(),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.strictObject({ summary: z.string() }),
        }),
      ),
    }),
  ),
});

function alertRules(): readonly { readonly alert: string; readonly expr: string }[] {
  const { groups } = alertsSchema.parse(parse(read('docker/prometheus/alerts.yml')));
  return groups.flatMap(({ rules }) => rules);
}

function dashboardPanels(): readonly { readonly title: string; readonly expr: string }[] {
  const { panels } = z
    .object({
      panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })),
    })
    .parse(JSON.parse(read('docker/grafana/dashboards/stampede.json')));
  return panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })));
}

await t.test('every rule and every panel asks for what a server exports', async (t) => {
  const rules = alertRules();
  t.ok(rules.length >= 8);
  for (const { alert, expr } of rules)
    for (const name of namesIn(expr)) t.ok(NAMES.has(name), `${alert}: ${name}`);
  const panels = dashboardPanels();
  t.ok(panels.length >= 12);
  for (const { title, expr } of panels)
    for (const name of namesIn(expr)) t.ok(NAMES.has(name), `${title}: ${name}`);
  t.same(namesIn('rate(no_such_thing[5m]) / up{job="x"}'), ['no_such_thing', 'up'], 'names are found');
  t.notOk(NAMES.has('no_such_thing'));
});

await t.test('Prometheus scrapes the servers of compose, at the port they export at', async (t) => {
  const { scrape_configs: jobs } = z
    .object({
      scrape_configs: z.array(
        z.object({ static_configs: z.array(z.object({ targets: z.array(z.string()) })) }),
      ),
    })
    .parse(parse(read('docker/prometheus/prometheus.yml')));
  const targets = jobs.flatMap(({ static_configs: groups }) => groups.flatMap(({ targets }) => targets));
  const compose = read('docker-compose.yml');
  for (const target of targets) {
    const [host = '', port] = target.split(':');
    t.match(compose, new RegExp(`^  ${host}:$`, 'm'));
    t.equal(port, '7000', 'what metricsProvider.httpPort is unless told');
  }
  t.match(
    compose,
    'metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider',
  );
});

// The alert rules of Apache's documentation (zookeeperMonitor), and the names that Grafana's dashboard 10465 asks for.
const APACHE_RULES = [
  'up == 0',
  'znode_count > 1000000',
  'num_alive_connections > 50',
  'watch_count > 10000',
  'approximate_data_size / 1024 / 1024 > 1 * 1024',
  'increase(election_time_count[5m]) > 0',
  'open_file_descriptor_count > 300',
  'rate(fsynctime_sum[1m]) > 100',
  'rate(snapshottime_sum[5m]) > 100',
  'avg_latency > 100',
  'jvm_memory_bytes_used / jvm_memory_bytes_max{area="heap"} > 0.8',
];
const DASHBOARD_10465 = [
  'znode_count num_alive_connections watch_count ephemerals_count approximate_data_size outstanding_requests',
  'open_file_descriptor_count avg_latency min_latency max_latency packets_sent packets_received',
  'election_time_count election_time_sum fsynctime_sum fsynctime_count snapshottime_sum',
  'readlatency updatelatency quorum_size synced_followers learners leader_uptime uptime global_sessions',
  'jvm_memory_bytes_used jvm_pause_time_ms_sum',
].flatMap((names) => names.split(' '));

const prometheus = findPrometheus();

await t.test(
  'a real Prometheus scrapes a server, and every rule and panel finds its series there',
  { skip: prometheus === null ? 'no prometheus in PATH (Debian: apt-get install prometheus)' : false },
  async (t) => {
    const directory = t.testdir({ prometheus: {} });
    const metricsPort = await startLeader(t, directory);
    const [port = 0] = await freePorts(1);
    const configFile = join(directory, 'prometheus.yml');
    writeFileSync(
      configFile,
      stringify({
        global: { scrape_interval: '250ms', scrape_timeout: '250ms', evaluation_interval: '250ms' },
        rule_files: [join(ROOT, 'docker/prometheus/alerts.yml')],
        scrape_configs: [
          { job_name: 'stampede', static_configs: [{ targets: [`127.0.0.1:${metricsPort}`] }] },
        ],
      }),
    );
    const child = spawn(
      prometheus ?? '',
      [
        `--config.file=${configFile}`,
        `--storage.tsdb.path=${join(directory, 'prometheus')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const ended = once(child, 'exit');
    t.teardown(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    const log = createInterface({ input: child.stderr });
    const lines: string[] = [];
    log.on('line', (line) => lines.push(line));
    while (!lines.some((line) => line.includes('Server is ready to receive web requests')))
      await once(log, 'line', { signal: AbortSignal.timeout(30_000) });
    const ask = async (path: string): Promise<unknown> => {
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`);
      return ((await response.json()) as { data: unknown }).data;
    };

    // A rate needs two scrapes: the server is asked for what it counts of its own readers meanwhile.
    while (Number(await valueOf(ask, 'max_over_time(count_over_time(up[1m])[1m:1s])')) < 4)
      await once(child.stderr, 'data', { signal: AbortSignal.timeout(300) }).catch(() => undefined);
    const { activeTargets } = (await ask('targets')) as {
      activeTargets: { health: string; lastError: string }[];
    };
    t.match(activeTargets, [{ health: 'up', lastError: '' }]);
    const { groups } = (await ask('rules')) as {
      groups: { rules: { health: string; lastError?: string }[] }[];
    };
    for (const { health, lastError } of groups.flatMap(({ rules }) => rules))
      t.not(health, 'err', lastError ?? '');

    const expressions = [
      ...alertRules().map(({ expr }) => expr),
      ...dashboardPanels().map(({ expr }) => expr),
      ...APACHE_RULES,
      ...DASHBOARD_10465.map((name) => `{__name__=~"${name}(_count)?"}`),
    ];
    for (const expression of expressions) {
      t.not(await valueOf(ask, `count(${seriesOf(expression)})`), null, `${expression} finds series`);
      t.not(
        await ask(`query?query=${encodeURIComponent(expression)}`),
        undefined,
        `${expression} can be evaluated`,
      );
    }
    t.equal(await valueOf(ask, 'count(no_such_thing)'), null, 'what is not there is not found');
    t.same(
      lines.filter((line) => /level=(warn|error)/.test(line)),
      [],
    );
  },
);

function findPrometheus(): string | null {
  const paths = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'prometheus'));
  return paths.find((path) => existsSync(path)) ?? null;
}

/** One that leads alone, has served a client. Tells where it exports. */
async function startLeader(t: Test, directory: string): Promise<number> {
  const [quorum, election] = await freePorts(2);
  const { server, urlOf } = await startLogged(directory, [
    'initLimit=5',
    'syncLimit=2',
    'standaloneEnabled=false',
    `server.1=127.0.0.1:${quorum}:${election}`,
    'metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider',
    'metricsProvider.httpHost=127.0.0.1',
    'metricsProvider.httpPort=0',
  ]);
  t.teardown(() => server.stop());
  const client = await Client.connect({
    connectString: `127.0.0.1:${server.clientPort}`,
    sessionTimeoutMs: 10_000,
  });
  t.teardown(() => client.close());
  for (const path of ['/a', '/b', '/c']) {
    await client.create(path, null);
    await client.getData(path);
  }
  return Number(new URL(urlOf('MetricsProvider')).port);
}

/** What an expression reads, all together, so that it is there whatever the expression makes of it. */
function seriesOf(expression: string): string {
  const selectors =
    expression.match(/\b[a-z_]+(?:\{[^}]*\})?(?=\s*(?:\[|[-+*/<>=)]|$| or | and ))|^\{.*\}$/g) ?? [];
  return selectors.filter((selector) => !OWN_WORDS.has(selector)).join(' and on() ');
}

async function valueOf(ask: (path: string) => Promise<unknown>, expression: string): Promise<string | null> {
  const { result } = (await ask(`query?query=${encodeURIComponent(expression)}`)) as {
    result: { value: [number, string] }[];
  };
  return result[0]?.value[1] ?? null;
}
