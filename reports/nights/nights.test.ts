/// <reference lib="dom" />

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Night } from '../../harness/history/night-schema.ts';
import { type OpenOptions, type Opened, TestBrowser } from '../testdata/browser.ts';
import { pageFacts } from '../testdata/page-probe.ts';
import { hostileNight, sampleNights } from '../testdata/sample-night.ts';
import { HOSTILE } from '../testdata/sample-report.ts';
import { renderIndexPage } from './index-page.ts';
import { renderJunit } from './junit.ts';
import { renderSummary } from './summary.ts';
import { writeNightReports } from './write-night.ts';

const WIDTH_NARROW = 400;
const FAILED = 2;
const SLOW = 4;

function sample(index: number): Night {
  return sampleNights()[index] as Night;
}

await t.test('the summary has the parts, the trend, and what plays a failure again', async (t) => {
  const text = renderSummary(sample(FAILED));
  t.match(text, /^## ❌ Night of 2026-03-01|^## ❌ Night of 2026-03-03/);
  t.match(text, /\| Chaos: workloads under faults, servers of ours \| ❌ history invalid \| 3 \|/);
  t.match(
    text,
    /### queue × partition-halves, seed 8: failed\n\ngiven twice: C3 and C5\n\n`npm run chaos -- /,
  );
  t.match(renderSummary(sample(SLOW)), /\| Throughput, ops\/s \| ❌ worse \| 5,300 \| 5,830 \| × 0\.91 \|/);
  t.notMatch(renderSummary(hostileNight()), '<script');
});

await t.test('a summary never grows beyond what GitHub takes', async (t) => {
  const night = sample(FAILED);
  const runs = night.parts.flatMap(({ runs }) => runs).filter(({ outcome }) => outcome === 'failed');
  const many = Array.from({ length: 4_000 }, () => runs[0] as (typeof runs)[number]);
  const directory = t.testdir({ step: '' });
  const step = join(directory, 'step');
  await writeNightReports(
    directory,
    [{ ...night, parts: night.parts.map((part) => ({ ...part, runs: many })) }],
    { GITHUB_STEP_SUMMARY: step },
  );
  const text = readFileSync(join(directory, 'summary.md'), 'utf8');
  t.ok(Buffer.byteLength(text) < 1024 * 1024);
  t.match(text, /\n… and more than a summary may hold\.\n$/);
  t.equal(readFileSync(step, 'utf8'), `${text}\n`, 'GitHub has it, too');
});

await t.test('JUnit: a case for each run, and for each part that has none to show', async (t) => {
  const xml = renderJunit(sample(FAILED));
  t.match(
    xml,
    /<testsuites name="20260303T020000Z-night-000002" time="612\.000" tests="5" failures="1" skipped="1" errors="0">/,
  );
  t.match(xml, /<testcase classname="swarm" name="seeds from 7" time="8\.000"\/>/);
  t.match(
    xml,
    /name="queue × partition-halves, seed 8" time="8\.000"><failure message="exit code 100">given twice: C3 and C5&#10;again: npm run chaos -- --workload queue --seed 8&#10;kept in runs\/ours\/matrix-8<\/failure>/,
  );
  t.match(xml, /name="apache: set × kill-all" time="8\.000"><system-out>/);
  t.match(xml, /<testcase classname="chaos-apache" .*><skipped message="0 runs"\/><\/testcase>/);
});

await t.test('JUnit: a part that failed without a run that did is a failure', async (t) => {
  const night = sample(0);
  const parts = night.parts.map((part) => ({
    ...part,
    outcome: 'failed' as const,
    exitCode: 1,
    sentence: 'it hung',
  }));
  t.match(
    renderJunit({ ...night, parts }),
    /failures="3"[^]*<failure message="exit code 1">it hung<\/failure>/,
  );
});

const browser = await TestBrowser.open();
const { skip } = browser;
t.teardown(() => browser.close());

function show(name: string, nights: readonly Night[], options?: OpenOptions): Promise<Opened> {
  return browser.show(name, renderIndexPage(nights), options);
}

await t.test('JUnit is XML, whatever the names and whatever was said', { skip }, async (t) => {
  const { page } = await show('xml', sampleNights());
  for (const night of [sample(FAILED), hostileNight()]) {
    const names = await page.evaluate((xml) => {
      const parsed = new DOMParser().parseFromString(xml, 'application/xml');
      const error = parsed.querySelector('parsererror')?.textContent;
      return error === undefined
        ? [...parsed.querySelectorAll('testcase')].map((each) => each.getAttribute('name'))
        : error;
    }, renderJunit(night));
    t.ok(Array.isArray(names), String(names));
    t.ok(names.includes(night.parts[0]?.runs[0]?.name ?? ''), 'and names are as they were');
  }
});

/** Sent into the browser as text. */
function chartFacts(): {
  charts: number;
  dots: number;
  hollow: number;
  outside: number;
  labels: (string | null)[];
} {
  const charts = [...document.querySelectorAll('.trend svg')];
  const marks = charts.flatMap((chart) => {
    const outer = chart.getBoundingClientRect();
    return [...chart.querySelectorAll('circle,.course,.range')].map((mark) => {
      const inner = mark.getBoundingClientRect();
      const isInside =
        inner.left >= outer.left &&
        inner.right <= outer.right &&
        inner.top >= outer.top - 1 &&
        inner.bottom <= outer.bottom;
      return { mark, isInside };
    });
  });
  const dots = marks.filter(({ mark }) => mark.tagName === 'circle');
  return {
    charts: charts.length,
    dots: dots.length,
    hollow: dots.filter(
      ({ mark }) => getComputedStyle(mark).fill === getComputedStyle(document.body).backgroundColor,
    ).length,
    outside: marks.filter(({ isInside }) => !isInside).length,
    labels: charts.map((chart) => chart.getAttribute('aria-label')),
  };
}

await t.test('a chart for each measure, a dot for each night; no script, no request', { skip }, async (t) => {
  for (const scheme of ['light', 'dark'] as const) {
    const { page, requests, troubles, url } = await show(scheme, sampleNights(), { scheme });
    t.same(troubles, []);
    t.same(requests, [url]);
    const facts = await page.evaluate(chartFacts);
    t.match(facts, { charts: 3, dots: 15, hollow: 6, outside: 0 });
    t.equal(facts.labels[0], 'Throughput: 5 nights, the last 5,300 ops/s');
    const { scripts, paper } = await page.evaluate(pageFacts);
    t.equal(scripts, 0);
    t.equal(paper, scheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(18, 21, 26)');
  }
});

await t.test(
  'every night is a row with its verdict, and leads to what is kept of its failures',
  { skip },
  async (t) => {
    const { page } = await show('rows', sampleNights());
    const { tables, links } = await page.evaluate(pageFacts);
    t.match(tables, /2026-03-05 02:00:00 UTC\s+THRESHOLD MISSED/i);
    t.match(tables, /2026-03-03 02:00:00 UTC\s+HISTORY INVALID/i);
    t.equal(
      links.filter((link) =>
        link.endsWith('/nights/20260303T020000Z-night-000002/runs/ours/matrix-8/run/report.html'),
      ).length,
      1,
    );
  },
);

await t.test('all that leads somewhere can be reached by keyboard', { skip }, async (t) => {
  const { page } = await show('keyboard', sampleNights().slice(0, FAILED + 1));
  const reached = new Set<string>();
  for (let press = 0; press < 30; press++) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 60) ?? ''));
  }
  const targets = await page.evaluate(() =>
    [...document.querySelectorAll('a,summary,[tabindex="0"]')]
      .filter((element) => element.checkVisibility({ contentVisibilityAuto: true }))
      .map((element) => element.outerHTML.slice(0, 60)),
  );
  t.ok(targets.length > 6);
  t.same(
    targets.filter((target) => !reached.has(target)),
    [],
  );
});

await t.test('a narrow page does not scroll sideways, and tables can be read', { skip }, async (t) => {
  for (const [name, nights] of Object.entries({
    sample: sampleNights(),
    hostile: [hostileNight()],
    one: [sample(0)],
  })) {
    const { page, troubles } = await show(`narrow-${name}`, nights, { width: WIDTH_NARROW });
    const facts = await page.evaluate(pageFacts);
    t.equal(facts.widthPx, WIDTH_NARROW, name);
    t.same(facts.poorTables, [], name);
    t.same(troubles, [], name);
    t.equal((await page.evaluate(chartFacts)).outside, 0, name);
  }
});

await t.test('hostile names stay text, and what was not measured is not there', { skip }, async (t) => {
  const { page, troubles } = await show('hostile', [hostileNight()]);
  const facts = await page.evaluate(pageFacts);
  t.match(facts.text, HOSTILE);
  t.match(facts.text, /INVALID NIGHT/i);
  t.equal(facts.images, 0);
  t.equal(facts.scripts, 0);
  t.equal((await page.evaluate(chartFacts)).charts, 0);
  t.same(troubles, []);
});
