import t from 'tap';
import type { Night, TrendFinding } from '../history/night-schema.ts';
import { sampleNights } from '../../reports/testdata/sample-night.ts';
import { judgeTrend, type Tonight, type TrendMeasure } from './trend.ts';

const MEASURES: readonly TrendMeasure[] = [
  { name: 'throughput', label: 'Throughput', unit: 'ops/s', better: 'higher', resolution: 1 },
  { name: 'write-gap', label: 'Write gap', unit: 'ms', better: 'lower', resolution: 20 },
  { name: 'p50', label: 'p50', unit: 'ms', better: 'lower', resolution: 0.05 },
];

/** `values`: throughput and write gap of its only round. */
function night(values: readonly [number, number], change: Partial<Night> = {}): Night {
  const [sample] = sampleNights();
  const [throughput, gap] = values;
  const bench = { settings: ['--duration', '5'], rounds: [{ throughput, 'write-gap': gap, p50: 1 }] };
  return { ...(sample as Night), bench, ...change };
}

const USUAL = [night([1000, 50]), night([1010, 60]), night([990, 55])];

function judged(tonight: Tonight, before: readonly Night[] = USUAL): Record<string, TrendFinding['verdict']> {
  return Object.fromEntries(
    judgeTrend(tonight, before, MEASURES).map(({ measure, verdict }) => [measure, verdict]),
  );
}

await t.test('worse is what is worse than usual by more than its factor', async (t) => {
  t.same(judged(night([1000, 55])), { throughput: 'equal', 'write-gap': 'equal' });
  t.same(judged(night([810, 55])), { throughput: 'equal', 'write-gap': 'equal' });
  t.same(judged(night([790, 90])), { throughput: 'worse', 'write-gap': 'worse' });
  t.same(judged(night([1300, 20])), { throughput: 'better', 'write-gap': 'better' });
});

await t.test('below what it can be measured to, a difference is none', async (t) => {
  const before = USUAL.map(() => night([1000, 10]));
  t.equal(judged(night([1000, 29]), before)['write-gap'], 'equal');
  t.equal(judged(night([1000, 31]), before)['write-gap'], 'worse');
});

await t.test('a finding names both figures and their ratio', async (t) => {
  const [finding] = judgeTrend(night([500, 55]), USUAL, MEASURES);
  t.match(finding, { value: 500, baseline: 1000, ratio: 0.5, nights: 3 });
  t.equal(finding?.sentence, 'Throughput: worse, 500 ops/s where 1000 is usual, × 0.50.');
});

await t.test(
  'only good nights on such a machine with the same settings count, and of them the last seven',
  async (t) => {
    const bad = { passed: false, valid: true, exitCode: 99, sentence: '' };
    const blind = { passed: true, valid: false, exitCode: 0, sentence: '' };
    const [sample] = sampleNights();
    const environment = sample?.environment ?? null;
    const other = environment === null ? null : { ...environment, cpu: { model: 'another', logical: 2 } };
    const uncounted = [
      night([1, 1], { verdict: bad }),
      night([1, 1], { verdict: blind }),
      night([1, 1], { mutant: { id: 'R01', what: '' } }),
      night([1, 1], { environment: other }),
      night([1, 1], {
        bench: { settings: ['--duration', '1'], rounds: [{ throughput: 1, 'write-gap': 1 }] },
      }),
      night([1, 1], { bench: { settings: ['--duration', '5'], rounds: [] } }),
    ];
    const before = [...USUAL.slice(0, 2), ...uncounted];
    t.same(
      judged(night([1000, 55]), before),
      { throughput: 'unjudged', 'write-gap': 'unjudged' },
      'two are too few',
    );
    t.same(judged(night([1000, 55]), [...before, ...USUAL.slice(2)]), {
      throughput: 'equal',
      'write-gap': 'equal',
    });
    const newer = Array.from({ length: 7 }, () => night([100, 500]));
    t.same(judged(night([100, 500]), [...USUAL, ...newer]), { throughput: 'equal', 'write-gap': 'equal' });
  },
);

await t.test('a night without figures is not judged, and says so', async (t) => {
  const findings = judgeTrend(
    night([1, 1], { bench: { settings: ['--duration', '5'], rounds: [] } }),
    USUAL,
    MEASURES,
  );
  t.same(
    findings.map(({ sentence }) => sentence),
    ['Throughput: it was not measured.', 'Write gap: it was not measured.'],
  );
});
