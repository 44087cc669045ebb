import type { Night, NightRun } from '../../harness/history/night-schema.ts';
import { renderDocument } from '../document.ts';
import { formatDuration, formatFigure, formatPlural, formatStart, NONE } from '../format.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { environmentEntries } from '../sections/setup.ts';
import { renderBadge, renderSection } from '../sections/section.ts';
import type { Section } from '../sections/section.ts';
import { STYLE } from '../style.ts';
import { definitions, figures, table, words } from '../table.ts';
import { nightBadge, partBadge, trendBadge } from './night-badge.ts';
import { trendChart } from './trend-chart.ts';

/**
 * `index.html` of a night's directory: that night, and all that are kept, of which it is the last. What is kept of the
 * others lies in `nights/` beside it. Nothing in it needs a script.
 */
export function renderIndexPage(nights: readonly Night[]): string {
  const night = nights.at(-1);
  if (night === undefined) throw new Error('an index of no night');
  const sections = [
    trendSection(nights, night),
    nightsSection(nights),
    partsSection(night),
    setupSection(night),
  ];
  const first = `${formatStart(night.startedAt)}, ${formatDuration(night.durationMs)}`;
  return renderDocument({
    title: `Night of ${night.startedAt.slice(0, 10)}: ${nightBadge(night).label} · Stampede`,
    style: STYLE,
    scripts: [],
    body: html`<div class="top">
        <b>Stampede</b>
        <span class="run">${night.id} · ${first}</span>
      </div>
      <header>
        ${renderBadge(nightBadge(night))}
        <h1>Night of ${night.startedAt.slice(0, 10)}</h1>
        <p class="subject">${formatPlural(nights.length, 'night')} kept</p>
        <p class="sentence">${night.verdict.sentence}</p>
      </header>
      <nav aria-label="Sections">
        ${sections.map(({ id, title }) => html`<a href="#${id}">${title}</a> `)}
      </nav>
      <main>${sections.map(renderSection)}</main>
      <footer>Night ${night.id}, ${night.schema}.</footer>`,
  });
}

function trendSection(nights: readonly Night[], { trend, bench }: Night): Section {
  const charts = trend.flatMap((finding) => trendChart(nights, finding) ?? []);
  const rounds = formatPlural(bench.rounds.length, 'round');
  return {
    id: 'trend',
    title: 'Over the nights',
    body: html`<p class="lede">
        A dot is a night, hollow if it failed; behind it the range of its rounds (${rounds} in the last). Only
        nights on such a machine with the same settings are held against each other.
      </p>
      ${charts}
      ${table({
        caption: 'The last night against those before',
        columns: [words('Measure'), words('Verdict'), figures('Tonight'), figures('Usual'), figures('Ratio')],
        rows: trend.map((finding) => [
          `${finding.label}, ${finding.unit}`,
          renderBadge(trendBadge(finding)),
          formatFigure(finding.value),
          formatFigure(finding.baseline),
          finding.ratio === null ? NONE : `× ${finding.ratio.toFixed(2)}`,
        ]),
      })}
      <ul class="sentences">
        ${trend.map(({ sentence }) => html`<li>${sentence}</li> `)}
      </ul>`,
  };
}

function nightsSection(nights: readonly Night[]): Section {
  return {
    id: 'nights',
    title: 'Every night',
    body: table({
      caption: 'The last one first',
      columns: [
        words('Night'),
        words('Verdict'),
        figures('Took'),
        figures('Runs'),
        words('What failed'),
        words('Again'),
      ],
      rows: nights.toReversed().map((night) => {
        const runs = night.parts.flatMap((part) => part.runs);
        const failed = runs.filter(({ outcome }) => outcome === 'failed');
        return [
          formatStart(night.startedAt),
          renderBadge(nightBadge(night)),
          formatDuration(night.durationMs),
          String(runs.length),
          failed.length === 0 ? NONE : html`${failed.map((run) => html`<div>${runLink(night, run)}</div>`)}`,
          html`<code
            >--seed ${night.seed}${night.mutant === null ? '' : ` --mutant ${night.mutant.id}`}</code
          >`,
        ];
      }),
    }),
  };
}

function partsSection(night: Night): Section {
  return {
    id: 'parts',
    title: 'The last night, part by part',
    body: html`${table({
      caption: 'In the order in which they were played',
      columns: [
        words('Part'),
        words('Verdict'),
        figures('Took'),
        figures('Given'),
        figures('Runs'),
        words('Came to'),
      ],
      rows: night.parts.map((part) => [
        part.title,
        renderBadge(partBadge(part)),
        formatDuration(part.durationMs),
        formatDuration(part.budgetMs),
        String(part.runs.length),
        html`<div class="wrap">${part.sentence}</div>`,
      ]),
    })}
    ${night.parts
      .flatMap(({ runs }) => runs)
      .filter(({ outcome }) => outcome !== 'passed')
      .map(
        (run) =>
          html`<details>
            <summary>${run.name}: ${run.outcome}</summary>
            <pre class="command">${[run.why, run.again].filter((line) => line !== null).join('\n')}</pre>
            <p class="note">${runLink(night, run)}</p>
          </details> `,
      )}`,
  };
}

function setupSection({ command, seed, environment, bench }: Night): Section {
  return {
    id: 'setup',
    title: 'How it was run',
    body: html`<pre class="command">${command}</pre>
      ${definitions([
        ['Seed', String(seed)],
        ['Bench', bench.settings.join(' ')],
        ...(environment === null ? [] : environmentEntries(environment)),
      ])}`,
  };
}

function runLink({ id }: Night, { name, report }: NightRun): Html {
  return report === null ? html`${name}` : html`<a href="nights/${id}/${encodeURI(report)}">${name}</a>`;
}
