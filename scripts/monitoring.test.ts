import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { parse } from 'yaml';
import { z } from 'zod';
import { ProcessFigures } from '../server/admin/http/process-figures.ts';
import { prometheusText } from '../server/admin/http/prometheus-text.ts';
import { ServerStats } from '../server/admin/server-stats.ts';
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

await t.test('every rule and every panel asks for what a server exports', async (t) => {
  const { groups } = alertsSchema.parse(parse(read('docker/prometheus/alerts.yml')));
  const rules = groups.flatMap(({ rules }) => rules);
  t.ok(rules.length >= 8);
  for (const { alert, expr } of rules)
    for (const name of namesIn(expr)) t.ok(NAMES.has(name), `${alert}: ${name}`);
  const { panels } = z
    .object({
      panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })),
    })
    .parse(JSON.parse(read('docker/grafana/dashboards/stampede.json')));
  t.ok(panels.length >= 12);
  for (const { title, targets } of panels)
    for (const { expr } of targets)
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
