import t from 'tap';
import type { Environment } from '../history/run-file.ts';
import { peersMarkdown, type PeersProvenance } from './peers-table.ts';

const environment: Environment = {
  node: 'v20.20.2',
  platform: 'linux',
  arch: 'x64',
  kernel: '6.1.0',
  cpu: { model: 'Example CPU', logical: 2 },
  memoryBytes: 24 * 2 ** 30,
  disk: { type: 'ext4', freeBytes: 1 },
  git: { revision: '0123456789abcdef', isDirty: false },
};
const provenance: PeersProvenance = {
  servers: 1,
  rounds: 3,
  durationS: 3,
  warmupS: 2,
  seed: 1,
  connections: 20,
  valueBytes: 1024,
  command: ['peers', '--seed', '1'],
  environment,
};
const rates = new Map([
  [
    'write × 20',
    new Map([
      ['embedded', [120_000, 110_000, 130_000]],
      ['apache', [60_000, 50_000, 70_000]],
      ['null-flush', [480_000]],
    ]),
  ],
]);

await t.test('medians, their ratios and where they come from', async (t) => {
  const text = peersMarkdown(rates, new Map(), provenance);
  t.match(text, '| write × 20 | 120,000 | 60,000 | 480,000 | 2.00 × | 25 % |');
  t.match(text, /^One server each, 1024-byte values, 20 connections × /m);
  t.match(text, '- command: `npm run bench:peers -- --seed 1`');
  t.match(text, /^- commit: 0123456789, /m);
  t.notMatch(text, 'leader');
});

await t.test('of several servers also for how long a killed leader stopped the writes', async (t) => {
  const gaps = new Map([
    ['embedded', [200, 220, 240]],
    ['apache', [600.4, 700, 1500]],
  ]);
  const text = peersMarkdown(rates, gaps, { ...provenance, servers: 3, connections: 21 });
  t.match(text, '| Stampede | 220 ms | 240 ms | 240 ms | 3 |');
  t.match(text, '| Apache | 700 ms | 1,500 ms | 1,500 ms | 3 |');
  t.match(text, /^3 servers each, .* 21 connections × .* at tickTime 2000; /m);
});

await t.test('what was not measured is left open', async (t) => {
  const text = peersMarkdown(
    new Map([['read × 1', new Map([['apache', [7]]])]]),
    new Map([['apache', [9]]]),
    {
      ...provenance,
      servers: 3,
    },
  );
  t.match(text, '| read × 1 | — | 7 | — | — | — |');
  t.match(text, '| Stampede | — | — | — | 0 |');
});
