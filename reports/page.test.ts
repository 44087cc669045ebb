/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch } from 'puppeteer-core';
import type { Page } from 'puppeteer-core';
import t from 'tap';
import { formatReport, parseReport } from '../harness/history/report-parse.ts';
import { REPORT_SCHEMA } from '../harness/history/report-schema.ts';
import type { ReportInput } from '../harness/history/report-schema.ts';
import { renderPage } from './page.ts';
import { hostileInput, HOSTILE, invalidInput, partialInput, sampleInput } from './testdata/sample-report.ts';

const BYTES_MAX = 400 * 1024;
const WIDTH_NARROW = 400;

const CHROMIUM_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const { CHROMIUM_PATH } = process.env;
const chromium = (CHROMIUM_PATH === undefined ? CHROMIUM_PATHS : [CHROMIUM_PATH]).find((path) =>
  existsSync(path),
);

type Opened = {
  readonly page: Page;
  /** Addresses asked for, console messages, page errors and policy violations: all but the first is trouble. */
  readonly requests: string[];
  readonly troubles: string[];
  readonly url: string;
};

type OpenOptions = {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
  readonly hasScript?: boolean;
};

function pageOf(input: ReportInput): string {
  return renderPage(parseReport(formatReport(input)));
}

await t.test('the whole file of a 60 s run is below 400 KiB', async (t) => {
  t.ok(Buffer.byteLength(pageOf(sampleInput())) < BYTES_MAX);
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

const directory = mkdtempSync(join(tmpdir(), 'stampede-page-'));
const browser =
  chromium === undefined ? null : await launch({ executablePath: chromium, args: ['--no-sandbox'] });
const skip = browser === null ? 'no Chromium here (set CHROMIUM_PATH)' : false;
t.teardown(async () => {
  await browser?.close();
  rmSync(directory, { recursive: true, force: true });
});

await t.test('every chart is drawn, without an error and without a request', { skip }, async (t) => {
  const { page, requests, troubles, url } = await show('sample', sampleInput());
  t.same(troubles, []);
  t.same(requests, [url]);
  const charts = await inkOfCharts(page);
  t.same(Object.keys(charts), [
    'chart-throughput',
    'chart-latency',
    'chart-availability',
    'chart-percentiles',
  ]);
  for (const [id, pixels] of Object.entries(charts)) t.ok(pixels > 200, `${id}: ${pixels} pixels of line`);
});

await t.test('the policy stops what the escaping would let through', { skip }, async (t) => {
  const { page } = await show('policy', sampleInput());
  const blocked = await page.evaluate(async () => {
    const directives: string[] = [];
    const heard = new Promise<string[]>((resolve) => {
      document.addEventListener('securitypolicyviolation', (event) => {
        directives.push(event.effectiveDirective);
        if (directives.length === 2) resolve(directives);
      });
    });
    const script = document.createElement('script');
    script.textContent = 'document.title = "pwned"';
    document.body.append(script);
    const image = document.createElement('img');
    image.src = 'https://example.invalid/x.png';
    document.body.append(image);
    return await heard;
  });
  t.same(blocked.sort(), ['img-src', 'script-src-elem']);
  t.not(await page.title(), 'pwned');
});

await t.test('it follows the system to dark, and the button overrules the system', { skip }, async (t) => {
  const { page: light } = await show('light', sampleInput(), { scheme: 'light' });
  const { page: dark, troubles } = await show('dark', sampleInput(), { scheme: 'dark' });
  const [lightPaper, darkPaper] = [await paperOf(light), await paperOf(dark)];
  t.not(lightPaper, darkPaper);
  const darkInk = await inkOfCharts(dark);
  t.ok(Object.values(darkInk).every((pixels) => pixels > 200));
  await dark.click('#theme');
  t.equal(await paperOf(dark), lightPaper);
  t.ok(
    Object.values(await inkOfCharts(dark)).every((pixels) => pixels > 200),
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
    ['hostile', hostileInput()],
  ] as const) {
    const { page, troubles } = await show(`narrow-${name}`, input, { width: WIDTH_NARROW });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    t.equal(width, WIDTH_NARROW, name);
    t.same(troubles, [], name);
  }
});

await t.test('hostile names stay text', { skip }, async (t) => {
  const { page, requests, troubles, url } = await show('hostile', hostileInput());
  t.same(troubles, []);
  t.same(requests, [url]);
  const seen = await page.evaluate(() => ({
    heading: document.querySelector('h1')?.textContent.trim(),
    images: document.querySelectorAll('img').length,
    scripts: document.querySelectorAll('script').length,
    links: [...document.querySelectorAll('main a')].map((link) => (link as HTMLAnchorElement).href),
  }));
  t.equal(seen.heading, HOSTILE);
  t.equal(seen.images, 0);
  t.equal(seen.scripts, 3);
  const here = url.slice(0, url.lastIndexOf('/') + 1);
  t.equal(seen.links.length, 1, 'a path that is not one gets no link');
  for (const link of seen.links) t.ok(link.startsWith(here), link);
  t.ok(Object.values(await inkOfCharts(page)).every((pixels) => pixels > 50));
});

await t.test('an interrupted run is drawn as far as it came', { skip }, async (t) => {
  const { page, troubles } = await show('partial', partialInput());
  t.same(troubles, []);
  t.same(Object.keys(await inkOfCharts(page)), ['chart-throughput', 'chart-latency', 'chart-availability']);
  t.match(await page.$eval('body', (body) => body.innerText), 'This run was interrupted');
});

await t.test('without scripts the tables are there, and no empty frames', { skip }, async (t) => {
  const { page } = await show('scriptless', sampleInput(), { hasScript: false });
  const seen = await page.evaluate(() => ({
    tables: [...document.querySelectorAll('table')].map((table) => table.innerText).join('\n'),
    chartsShown: [...document.querySelectorAll('.chart')].filter((chart) => chart.checkVisibility()).length,
  }));
  t.match(seen.tables, /setData/);
  t.match(seen.tables, /ConnectionLoss/);
  t.equal(seen.chartsShown, 0);
});

await t.test(
  'every table has a caption and headings, and every scrolling box can be focused',
  { skip },
  async (t) => {
    const { page } = await show('accessible', invalidInput());
    const faults = await page.evaluate(() =>
      [...document.querySelectorAll('table')]
        .filter((table) => table.closest('.chart') === null)
        .filter(
          (table) =>
            (table.caption?.textContent ?? '').trim() === '' ||
            table.querySelectorAll('thead th[scope=col]').length === 0 ||
            [...(table.tBodies[0]?.rows ?? [])].some((row) => row.querySelector('th[scope=row]') === null) ||
            table.parentElement?.tabIndex !== 0,
        )
        .map((table) => table.caption?.textContent ?? 'no caption'),
    );
    t.same(faults, []);
    t.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  },
);

await t.test('it prints in light, whatever is on the screen', { skip }, async (t) => {
  const { page, troubles } = await show('print', sampleInput(), { scheme: 'dark' });
  const file = join(directory, 'print.pdf');
  await page.pdf({ path: file, format: 'A4' });
  t.ok(statSync(file).size > 20_000);
  t.same(troubles, []);
  await page.emulateMediaType('print');
  t.equal(await paperOf(page), 'rgb(255, 255, 255)');
});
async function show(name: string, input: ReportInput, options: OpenOptions = {}): Promise<Opened> {
  if (browser === null) throw new Error('tests without a browser are skipped');
  const file = join(directory, `${name}.html`);
  writeFileSync(file, pageOf(input));
  const page = await browser.newPage();
  const requests: string[] = [];
  const troubles: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => troubles.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => troubles.push(`page error: ${String(error)}`));
  await page.setJavaScriptEnabled(options.hasScript ?? true);
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: options.scheme ?? 'light' }]);
  await page.setViewport({ width: options.width ?? 1280, height: 900 });
  const url = pathToFileURL(file).href;
  await page.goto(url, { waitUntil: 'load' });
  return { page, requests, troubles, url };
}

async function paperOf(page: Page): Promise<string> {
  return await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}

/** For each chart, how many pixels of its canvas have the colour its legend gives one of its lines. */
async function inkOfCharts(page: Page): Promise<Record<string, number>> {
  return await page.evaluate(() => {
    const ink: Record<string, number> = {};
    for (const chart of document.querySelectorAll('.chart')) {
      const canvas = chart.querySelector('canvas');
      const markers = [...chart.querySelectorAll('.u-series:not(:first-child) .u-marker')];
      const colours = markers.map((marker) =>
        (/\d+, \d+, \d+/.exec(getComputedStyle(marker).borderTopColor)?.[0] ?? '0, 0, 0')
          .split(', ')
          .map(Number),
      );
      ink[chart.id] = 0;
      const image = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      for (let at = 0; at < image.length; at += 4) {
        const isInk = colours.some((colour) =>
          colour.every((part, index) => Math.abs(part - (image[at + index] ?? 0)) < 24),
        );
        if (isInk && (image[at + 3] ?? 0) > 200) ink[chart.id] = (ink[chart.id] ?? 0) + 1;
      }
    }
    return ink;
  });
}
