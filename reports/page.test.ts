import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import t from 'tap';
import { formatReport, parseReport } from '../harness/history/report-parse.ts';
import { REPORT_SCHEMA } from '../harness/history/report-schema.ts';
import type { ReportInput } from '../harness/history/report-schema.ts';
import { renderPage } from './page.ts';
import { type OpenOptions, type Opened, TestBrowser } from './testdata/browser.ts';
import { inkOfCharts, pageFacts, provokePolicy, stripFacts, whereItPoints } from './testdata/page-probe.ts';
import {
  hostileInput,
  HOSTILE,
  invalidInput,
  partialInput,
  roundsInput,
  sampleInput,
} from './testdata/sample-report.ts';

const BYTES_MAX = 400 * 1024;
const WIDTH_NARROW = 400;

function pageOf(input: ReportInput): string {
  return renderPage(parseReport(formatReport(input)));
}

await t.test('the whole file of a 60 s run is below 400 KiB', async (t) => {
  t.ok(Buffer.byteLength(pageOf(sampleInput())) < BYTES_MAX);
});

await t.test('many rounds are summed up, the worst are shown, and all are in a table', async (t) => {
  const page = pageOf(roundsInput());
  t.match(page, 'kill-leader, 20 rounds');
  t.match(page, 'to a new leader (19 rounds)');
  t.match(page, 'Round by round (20 rows)');
  t.equal(page.split('<h3>leader killed').length - 1, 3);
});

await t.test('a run of an hour is drawn in a file of about the same size', async (t) => {
  const sample = sampleInput();
  const points = Array.from({ length: 36_000 }, (_, index) => ({
    tMs: index * 100,
    ok: { create: index % 777, setData: index % 1234 },
    p50Us: 1000 + (index % 333),
    p99Us: 5000 + (index % 555),
    p999Us: 7000 + (index % 777),
    maxUs: 9000 + (index % 999),
  }));
  t.ok(Buffer.byteLength(pageOf({ ...sample, timeline: { intervalMs: 100, points } })) < BYTES_MAX);
});

await t.test('a report with nothing but an identity has no chart to draw, and says so little', async (t) => {
  const { identity } = partialInput();
  const page = pageOf({ schema: REPORT_SCHEMA, identity });
  t.match(page, 'This run was interrupted');
  t.notMatch(page, 'id="chart-throughput"');
});

const browser = await TestBrowser.open();
const { skip } = browser;
t.teardown(() => browser.close());

await t.test('every chart is drawn, without an error and without a request', { skip }, async (t) => {
  const { page, requests, troubles, url } = await show('sample', sampleInput());
  t.same(troubles, []);
  t.same(requests, [url]);
  const charts = await page.evaluate(inkOfCharts);
  t.same(Object.keys(charts), [
    'chart-throughput',
    'chart-latency',
    'chart-availability',
    'chart-percentiles',
  ]);
  for (const [id, pixels] of Object.entries(charts)) t.ok(pixels > 200, `${id}: ${pixels} pixels of line`);
});

await t.test(
  'availability and roles are strips, the fault behind them, without scripts too',
  { skip },
  async (t) => {
    for (const hasScript of [true, false]) {
      const { page, troubles } = await show(`strips-${hasScript}`, sampleInput(), { hasScript });
      const strips = await page.evaluate(stripFacts);
      t.equal(strips.length, 20 + 3);
      const write = strips.find(({ name }) => name === 'write, server 3');
      t.same(write?.pieces, ['full', 'none', 'some', 'full']);
      t.equal(new Set(write?.colours).size, 3, 'and each has its colour');
      const role = strips.find(({ name }) => name === 'role, server 2');
      t.same(role?.pieces, ['follower', 'leader']);
      t.ok(strips.every(({ widthsPx }) => widthsPx.every((px) => px > 0)));
      t.ok(
        strips.every(({ bandPx }) => bandPx > 20),
        '3 s of 51 s',
      );
      t.match((await page.evaluate(pageFacts)).text, 'Leader killed (server 3)');
      t.same(troubles, []);
    }
  },
);

await t.test('the policy stops what the escaping would let through', { skip }, async (t) => {
  const { page } = await show('policy', sampleInput());
  const blocked = await page.evaluate(provokePolicy);
  t.same(blocked.sort(), ['img-src', 'script-src-elem']);
  t.not(await page.title(), 'pwned');
});

await t.test('it follows the system to dark, and the button overrules the system', { skip }, async (t) => {
  const { page: light } = await show('light', sampleInput(), { scheme: 'light' });
  const { page: dark, troubles } = await show('dark', sampleInput(), { scheme: 'dark' });
  const [lightPaper, darkPaper] = [await paperOf(light), await paperOf(dark)];
  t.not(lightPaper, darkPaper);
  const darkInk = await dark.evaluate(inkOfCharts);
  t.ok(Object.values(darkInk).every((pixels) => pixels > 200));
  await dark.click('#theme');
  t.equal(await paperOf(dark), lightPaper);
  t.ok(
    Object.values(await dark.evaluate(inkOfCharts)).every((pixels) => pixels > 200),
    'charts are drawn again',
  );
  await dark.click('#theme');
  t.equal(await paperOf(dark), darkPaper);
  t.same(troubles, []);
});

await t.test('a narrow page does not scroll sideways', { skip }, async (t) => {
  for (const [name, input] of [
    ['sample', sampleInput()],
    ['invalid', invalidInput()],
    ['rounds', roundsInput()],
    ['hostile', hostileInput()],
  ] as const) {
    const { page, troubles } = await show(`narrow-${name}`, input, { width: WIDTH_NARROW });
    t.equal((await page.evaluate(pageFacts)).widthPx, WIDTH_NARROW, name);
    t.same(troubles, [], name);
  }
});

await t.test('a link leads to the first anomaly, and from each to the next', { skip }, async (t) => {
  const { page, troubles } = await show('anomalies', invalidInput());
  const whereAfter = async (link: string): Promise<string> => {
    await page.locator(`::-p-text(${link})`).click();
    return page.evaluate(whereItPoints);
  };
  t.match(await whereAfter('To the first anomaly'), /^#anomaly-1 lost write/);
  t.match(await whereAfter('the next of 3'), /^#anomaly-2 stale read/);
  t.same(troubles, []);
});

await t.test('hostile names stay text', { skip }, async (t) => {
  const { page, requests, troubles, url } = await show('hostile', hostileInput());
  t.same(troubles, []);
  t.same(requests, [url]);
  const seen = await page.evaluate(pageFacts);
  t.equal(seen.heading, HOSTILE);
  t.equal(seen.images, 0);
  t.equal(seen.scripts, 3);
  const here = url.slice(0, url.lastIndexOf('/') + 1);
  t.equal(seen.links.length, 1, 'a path that is not one gets no link');
  for (const link of seen.links) t.ok(link.startsWith(here), link);
  t.ok(Object.values(await page.evaluate(inkOfCharts)).every((pixels) => pixels > 50));
});

await t.test('an interrupted run is drawn as far as it came', { skip }, async (t) => {
  const { page, troubles } = await show('partial', partialInput());
  t.same(troubles, []);
  t.same(Object.keys(await page.evaluate(inkOfCharts)), [
    'chart-throughput',
    'chart-latency',
    'chart-availability',
  ]);
  t.match((await page.evaluate(pageFacts)).text, 'This run was interrupted');
});

await t.test('without scripts the tables are there, and no empty frames', { skip }, async (t) => {
  const { page } = await show('scriptless', sampleInput(), { hasScript: false });
  const seen = await page.evaluate(pageFacts);
  t.match(seen.tables, /setData/);
  t.match(seen.tables, /ConnectionLoss/);
  t.equal(seen.chartsShown, 0);
});

await t.test(
  'every table has a caption and headings, and every scrolling box can be focused',
  { skip },
  async (t) => {
    const { page } = await show('accessible', invalidInput());
    const seen = await page.evaluate(pageFacts);
    t.same(seen.poorTables, []);
    t.equal(seen.language, 'en');
  },
);

await t.test('it prints in light, whatever is on the screen', { skip }, async (t) => {
  const { page, troubles } = await show('print', sampleInput(), { scheme: 'dark' });
  const file = join(browser.directory, 'print.pdf');
  await page.pdf({ path: file, format: 'A4' });
  t.ok(statSync(file).size > 20_000);
  t.same(troubles, []);
  await page.emulateMediaType('print');
  t.equal(await paperOf(page), 'rgb(255, 255, 255)');
});

function show(name: string, input: ReportInput, options: OpenOptions = {}): Promise<Opened> {
  return browser.show(name, pageOf(input), options);
}

async function paperOf(page: Page): Promise<string> {
  return (await page.evaluate(pageFacts)).paper;
}
