import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import t from 'tap';
import { ServerStats } from '../server-stats.ts';
import { makeView } from '../testing/sample-view.ts';
import { ProcessFigures } from './process-figures.ts';
import { prometheusText } from './prometheus-text.ts';

const OPERATING = resolve(import.meta.dirname, '../../../../docs/OPERATING.md');
/** Prometheus's own. */
const NOT_OURS = new Set(['up', 'increase', 'rate', 'absent', 'quantile', 'm', 'e']);

const LEADER = {
  serverState: 'leader',
  peerState: 'leading - broadcast',
  leading: {
    proposalSizes: { last: 40, min: 36, max: 90 },
    learnerCount: 1,
    syncedFollowerCount: 1,
    syncedNonVoterCount: 0,
    syncedObserverCount: 0,
    observers: [],
    pendingSyncCount: 0,
    leadingForMs: 1000,
  },
  more: ['initLimit=10', 'syncLimit=4', 'server.1=127.0.0.1:2888:3888', 'server.2=127.0.0.1:2889:3889'],
} as const;

await t.test('every metric in the alerts of docs/OPERATING.md is one that a leader exports', (t) => {
  const table = readFileSync(OPERATING, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| '));
  const expressions = table.flatMap((line) => [...(line.split(' | ')[1] ?? '').matchAll(/`([^`]+)`/g)]);
  const names = expressions.flatMap(([, expression = '']) => expression.match(/\b[a-z_]+\b/g) ?? []);
  const asked = new Set(names.filter((name) => !NOT_OURS.has(name)));
  t.ok(asked.size > 10, `${asked.size} metrics`);

  const text = prometheusText(makeView(LEADER), new ProcessFigures(new ServerStats()).now());
  const exported = new Set(text.split('\n').map((line) => line.replace(/[{ ].*/, '')));
  for (const name of asked) t.ok(exported.has(name), name);
  t.end();
});
