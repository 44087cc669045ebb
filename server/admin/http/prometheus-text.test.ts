import t from 'tap';
import { makeView } from '../testing/sample-view.ts';
import { prometheusText } from './prometheus-text.ts';

// What Grafana's dashboard 10465 and the alert rules of Apache's documentation ask for, of what a server alone has.
const ASKED_FOR = [
  'znode_count',
  'num_alive_connections',
  'watch_count',
  'ephemerals_count',
  'approximate_data_size',
  'outstanding_requests',
  'open_file_descriptor_count',
  'avg_latency',
  'min_latency',
  'max_latency',
  'packets_sent',
  'packets_received',
  'election_time_count',
  'election_time_sum',
  'fsynctime_sum',
  'fsynctime_count',
  'snapshottime_sum',
  'uptime',
  'global_sessions',
  'readlatency{quantile="0.5",}',
  'updatelatency_sum',
];

const SAMPLE = /^[a-z_]+(\{([a-z]+="[^"]*",)*\})? -?\d+(\.\d+)?(e[+-]\d+)?$/;

await t.test('what dashboards and alerts ask for is there, each line as the format has it', async (t) => {
  const lines = prometheusText(makeView(), []).trimEnd().split('\n');
  for (const name of ASKED_FOR)
    t.ok(
      lines.some((line) => line.startsWith(`${name} `)),
      name,
    );
  for (const line of lines) if (!line.startsWith('# ')) t.match(line, SAMPLE);
});

await t.test('a metric is declared once, before its lines, which stand together', async (t) => {
  const ofProcess = [
    { name: 'jvm_memory_bytes_used', type: 'gauge' as const, value: 1, labels: 'area="heap",' },
    { name: 'process_cpu_seconds_total', type: 'counter' as const, value: 2.5 },
    { name: 'jvm_memory_bytes_used', type: 'gauge' as const, value: 3, labels: 'area="nonheap",' },
  ];
  const text = prometheusText(makeView(), ofProcess);
  t.match(
    text,
    '# TYPE jvm_memory_bytes_used gauge\njvm_memory_bytes_used{area="heap",} 1\njvm_memory_bytes_used{area="nonheap",} 3\n',
  );
  t.match(text, '# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 2.5\n');
  const declared = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  t.equal(new Set(declared).size, declared.length);
});

await t.test('a summary has its sum, its count and, where it is known, its quantiles', async (t) => {
  const text = prometheusText(makeView(), []);
  t.match(text, /# TYPE updatelatency summary\nupdatelatency\{quantile="0\.5",\} 2\n/);
  t.match(text, /\nupdatelatency_count 8\nupdatelatency_sum 32\n/);
  t.notMatch(text, /fsynctime\{/);
});
