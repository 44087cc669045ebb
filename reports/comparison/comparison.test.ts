import t from 'tap';
import type { Comparison } from '../../harness/history/comparison-schema.ts';
import { type OpenOptions, type Opened, TestBrowser } from '../testdata/browser.ts';
import { pageFacts, plotFacts } from '../testdata/page-probe.ts';
import { hostileComparison, sampleComparison } from '../testdata/sample-comparison.ts';
import { HOSTILE } from '../testdata/sample-report.ts';
import { renderComparisonMarkdown } from './markdown.ts';
import { renderComparisonPage } from './page.ts';
import { renderComparisonTerminal } from './terminal.ts';

const WIDTH_NARROW = 400;

await t.test('the terminal says what differs, what is not decided, and where the report is', async (t) => {
  const text = renderComparisonTerminal(sampleComparison(), { hasColour: false, htmlPath: '/r/report.html' });
  t.match(text, /tickTime=2000 against tickTime=500 .*Verdict/);
  t.match(
    text,
    /Longest time without a write .*worse .*2,600 ms .*10,140 ms .*× 3\.90 \(3\.82 to 3\.98\) .*< 0\.001/,
  );
  t.match(text, /\nt_steady: undecided\.\n/);
  t.match(text, /rounds that count: tickTime=500 20, tickTime=2000 19; 1 left out/);
  t.match(text, /\nWORSE IN SOMETHING {2}tickTime=2000 against/);
  t.match(text, /\nreport: \/r\/report\.html\n$/);
});

await t.test('Markdown holds the same table, and a hostile name stays text', async (t) => {
  t.match(
    renderComparisonMarkdown(sampleComparison()),
    /\| Longest time without a write \| worse \| 2,600 ms \|/,
  );
  t.notMatch(renderComparisonMarkdown(hostileComparison()), '<script');
});

const browser = await TestBrowser.open();
const { skip } = browser;
t.teardown(() => browser.close());

function show(name: string, comparison: Comparison, options?: OpenOptions): Promise<Opened> {
  return browser.show(name, renderComparisonPage(comparison), options);
}

await t.test('every round that counts is a dot, and a line about the fault', { skip }, async (t) => {
  for (const scheme of ['light', 'dark'] as const) {
    const { page, requests, troubles, url } = await show(scheme, sampleComparison(), { scheme });
    t.same(troubles, []);
    t.same(requests, [url]);
    const plots = await page.evaluate(plotFacts);
    t.same(plots, {
      dots: 20 + 19 + (19 + 19) + (20 + 18),
      dotsOutside: 0,
      lines: 39,
      linesOutside: 0,
      colours: 2,
    });
  }
});

await t.test('a narrow page does not scroll sideways, and tables can be read', { skip }, async (t) => {
  for (const [name, comparison] of Object.entries({
    sample: sampleComparison(),
    hostile: hostileComparison(),
  })) {
    const { page, troubles } = await show(`narrow-${name}`, comparison, { width: WIDTH_NARROW });
    const facts = await page.evaluate(pageFacts);
    t.equal(facts.widthPx, WIDTH_NARROW, name);
    t.same(facts.poorTables, [], name);
    t.same(troubles, [], name);
  }
});

await t.test('hostile names stay text, and what was not measured is not there', { skip }, async (t) => {
  const { page, troubles } = await show('hostile', hostileComparison());
  const facts = await page.evaluate(pageFacts);
  t.match(facts.heading, HOSTILE);
  t.equal(facts.images, 0);
  t.equal(facts.scripts, 0);
  t.same(troubles, []);
  t.match(facts.text, /INTERRUPTED/i);
});
