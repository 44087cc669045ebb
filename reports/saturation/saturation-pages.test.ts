import t from 'tap';
import { type Knee, kneeSchema, type Sweep, sweepSchema } from '../../harness/history/saturation-schema.ts';
import { TestBrowser } from '../testdata/browser.ts';
import { pageFacts, seriesPlotFacts } from '../testdata/page-probe.ts';
import { HOSTILE, sampleInput } from '../testdata/sample-report.ts';
import { renderKneeMarkdown, renderKneePage } from './knee-report.ts';
import { renderSweepMarkdown, renderSweepPage } from './sweep-report.ts';

const WIDTH_NARROW = 400;

const SERIES = {
  identity: {
    id: '20260301T120000Z-knee-write-heavy-a1b2c3',
    toolVersion: '0.1.0',
    command: "npm run bench -- --find-knee --slo 'write.p99<20ms'",
    seed: 42,
    startedAt: '2026-03-01T12:00:00.000Z',
    durationMs: 312_000,
    status: 'complete',
  },
  environment: sampleInput().environment,
  workload: { name: 'write-heavy', loop: 'open', connections: 20 },
  target: 'stampede,stampede,stampede',
  exitCode: 0,
  sentence: 'Sustained 7,180 ops/s with write.p99<20ms; not 7,390 ops/s: write.p99=24.1ms.',
};

function knee(changes: Record<string, unknown> = {}): Knee {
  const rates = [1_000, 2_000, 4_000, 8_000, 8_000, 5_660, 6_730, 7_340, 7_340, 7_030, 7_180, 7_180, 7_390];
  return kneeSchema.parse({
    schema: 'stampede.knee/1',
    ...SERIES,
    slo: ['write.p99<20ms'],
    sustained: 7_180,
    failing: 7_390,
    failingBy: 'missed',
    isVerified: true,
    steps: rates.map((rate, index) => ({
      rate,
      purpose: index < 11 ? 'search' : 'verify',
      attempt: rate === rates[index - 1] && index < 10 ? 2 : 1,
      outcome: rate > 7_200 ? 'missed' : 'sustained',
      thresholds: [
        {
          expression: 'write.p99<20ms',
          name: 'write.p99',
          unit: 'ms',
          actual: rate / 400,
          passed: rate < 7_200,
        },
      ],
      opsPerSecond: rate,
      p50Us: rate / 5,
      p99Us: rate * 2.5,
      directory: `run-${index}`,
    })),
    ...changes,
  });
}

function sweep(changes: Record<string, unknown> = {}): Sweep {
  return sweepSchema.parse({
    schema: 'stampede.sweep/1',
    ...SERIES,
    setting: 'connections',
    values: ['1', '10', '100', '1000'],
    rows: ['1', '10', '100', '1000'].map((value, index) => ({
      value,
      exitCode: index === 2 ? 99 : index === 3 ? null : 0,
      sentence: '',
      opsPerSecond: index === 3 ? null : 5_000 * (index + 1),
      p50Us: index === 3 ? null : 700 * (index + 1),
      p99Us: index === 3 ? null : 9_000 * (index + 1) ** 2,
      directory: index === 3 ? null : `run-${index}`,
    })),
    ...changes,
  });
}

await t.test('in Markdown there is the sentence, each run, and how to do it again', (t) => {
  const found = renderKneeMarkdown(knee());
  t.match(found, /^## ✅ write-heavy: highest sustainable rate: passed\n\nSustained 7,180 ops\/s with/);
  t.match(found, '| 8,000 | short, again | missed | 8,000 | 1.60 | 20.0 | write.p99 20 ms |');
  t.match(found, '| 7,390 | long | missed |');
  t.match(found, "`npm run bench -- --find-knee --slo 'write.p99<20ms'`");
  const swept = renderSweepMarkdown(sweep());
  t.match(swept, '| connections | ops/s | p50, ms | p99, ms | Run |');
  t.match(swept, '| 100 | 15,000 | 2.10 | 81.0 | threshold missed |');
  t.match(swept, '| 1000 | — | — | — | killed |');
  t.end();
});

await t.test('of hostile names nothing is markup in Markdown', (t) => {
  for (const text of [
    renderSweepMarkdown(sweep({ setting: HOSTILE, target: HOSTILE, sentence: HOSTILE })),
    renderKneeMarkdown(knee({ slo: [HOSTILE], sentence: HOSTILE })),
  ]) {
    const own = text.replaceAll(/<\/?sub>/g, '').replace(/^`.*`$/m, '');
    t.notMatch(own, /[<>]/);
  }
  t.end();
});

const browser = await TestBrowser.open();
const { skip } = browser;
t.teardown(() => browser.close());

await t.test('both pages are drawn without a script, an error or a request', { skip }, async (t) => {
  for (const scheme of ['light', 'dark'] as const) {
    const shown = await browser.show(`knee-${scheme}`, renderKneePage(knee()), { scheme });
    t.same([shown.requests, shown.troubles], [[shown.url], []]);
    const [plot] = await shown.page.evaluate(seriesPlotFacts);
    t.match(plot, { points: 13, lines: 0, colours: 2 });
    const swept = await browser.show(`sweep-${scheme}`, renderSweepPage(sweep()), { scheme });
    t.same([swept.requests, swept.troubles], [[swept.url], []]);
    const plots = await swept.page.evaluate(seriesPlotFacts);
    t.match(plots, [
      { label: /Throughput/, points: 3, lines: 2 },
      { label: /Response time/, points: 6, lines: 4 },
    ]);
    t.ok(plots.every(({ words }) => ['1', '10', '100'].every((value) => words.includes(value))));
    t.match((await swept.page.evaluate(pageFacts)).links[0], /\/run-0\/report\.html$/);
  }
});

await t.test('a narrow page does not scroll sideways, whatever it is called', { skip }, async (t) => {
  for (const [name, page] of [
    ['knee', renderKneePage(knee())],
    ['sweep', renderSweepPage(sweep())],
    ['hostile-knee', renderKneePage(knee({ slo: [HOSTILE], sentence: HOSTILE, target: HOSTILE }))],
    ['hostile-sweep', renderSweepPage(sweep({ setting: HOSTILE, sentence: HOSTILE }))],
  ] as const) {
    const {
      page: narrow,
      troubles,
      requests,
      url,
    } = await browser.show(`narrow-${name}`, page, {
      width: WIDTH_NARROW,
    });
    const { widthPx, images, poorTables } = await narrow.evaluate(pageFacts);
    t.same({ widthPx, images, poorTables }, { widthPx: WIDTH_NARROW, images: 0, poorTables: [] }, name);
    t.same([troubles, requests], [[], [url]], name);
  }
});

await t.test('what is not there is left out', { skip }, async (t) => {
  const identity = { ...SERIES.identity, status: 'interrupted' };
  const nothing = renderKneePage(
    knee({ identity, sustained: null, failing: null, failingBy: null, steps: [] }),
  );
  const { page, troubles } = await browser.show('nothing', nothing);
  t.same(troubles, []);
  t.match((await page.evaluate(pageFacts)).text, 'This was interrupted.');
  t.same(await page.evaluate(seriesPlotFacts), []);
  const single = sweep();
  const one = await browser.show('one', renderSweepPage({ ...single, rows: single.rows.slice(0, 1) }));
  t.match(await one.page.evaluate(seriesPlotFacts), [{ points: 1 }, { points: 2 }]);
});
