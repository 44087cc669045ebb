import type { Comparison } from '../../harness/history/comparison-schema.ts';
import { renderDocument } from '../document.ts';
import { formatDuration, formatFigure, formatStart, NONE } from '../format.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { environmentEntries } from '../sections/setup.ts';
import { renderBadge, renderSection } from '../sections/section.ts';
import type { Section } from '../sections/section.ts';
import { STYLE } from '../style.ts';
import { definitions, figures, table, words } from '../table.ts';
import { coursePlots } from './course-plot.ts';
import {
  endBadge,
  FINDING_COLUMNS,
  findingCells,
  measureOf,
  pairName,
  roundsInWords,
  verdictBadge,
} from './figures.ts';
import { stripPlot } from './strip-plot.ts';

/** `report.html` of a comparison: nothing in it needs a script. */
export function renderComparisonPage(comparison: Comparison): string {
  const sections = [
    findingsSection(comparison),
    roundsSection(comparison),
    courseSection(comparison),
    tableSection(comparison),
    setupSection(comparison),
  ].filter((section): section is Section => section !== null);
  return renderDocument({
    title: `${comparison.arms.map(({ name }) => name).join(' and ')} compared · Stampede`,
    style: STYLE,
    scripts: [],
    body: html`<div class="top">
        <b>Stampede</b>
        <span class="run">${comparison.id} · ${formatStart(comparison.startedAt)}</span>
      </div>
      <header>
        ${renderBadge(endBadge(comparison))}
        <h1>${comparison.arms.map(({ name }) => name).join(' · ')}</h1>
        <p class="subject">${roundsInWords(comparison)}, in ${formatDuration(comparison.durationMs)}</p>
        <p class="sentence">${comparison.conclusion}</p>
      </header>
      <nav aria-label="Sections">
        ${sections.map(({ id, title }) => html`<a href="#${id}">${title}</a> `)}
      </nav>
      <main>${sections.map(renderSection)}</main>
      <footer>Comparison ${comparison.id}, ${comparison.schema}.</footer>`,
  });
}

function findingsSection(comparison: Comparison): Section | null {
  const { findings, arms, rules } = comparison;
  if (findings.length === 0) return null;
  return {
    id: 'findings',
    title: 'What differs',
    body: html`<p class="lede">
        Medians of each arm. An interval holds the true ratio in ${formatFigure(100 * (1 - rules.alpha))} % of
        comparisons (bootstrap); p is Mann and Whitney's, corrected for everything that was asked at once and
        for having looked before the end. Less than ${formatFigure(100 * rules.effect)} % counts as equal.
      </p>
      ${arms.map((_, arm) => {
        const own = findings.filter((finding) => finding.arm === arm);
        if (own.length === 0) return null;
        return html`${table({
            caption: pairName(comparison, arm),
            columns: [words('Measure'), words('Verdict'), ...FINDING_COLUMNS.map(figures)],
            rows: own.map((finding) => [
              measureOf(comparison, finding).label,
              renderBadge(verdictBadge(finding)),
              ...findingCells(finding, measureOf(comparison, finding)),
            ]),
          })}
          <ul class="sentences">
            ${own.map(({ sentence }) => html`<li>${sentence}</li> `)}
          </ul>`;
      })}`,
  };
}

function roundsSection(comparison: Comparison): Section | null {
  const plots = comparison.measures.flatMap((measure) => stripPlot(comparison, measure) ?? []);
  if (plots.length === 0) return null;
  return {
    id: 'rounds',
    title: 'Every round',
    body: html`<p class="lede">A dot is a round that counts; the line is their median.</p>
      ${plots}`,
  };
}

function courseSection(comparison: Comparison): Section | null {
  const plots = coursePlots(comparison);
  return plots === null ? null : { id: 'course', title: 'About the fault', body: plots };
}

function tableSection(comparison: Comparison): Section {
  const { arms, measures, rounds } = comparison;
  return {
    id: 'table',
    title: 'The rounds as a table',
    body: table({
      caption: 'In the order in which they were played',
      columns: [
        figures('Round'),
        words('Arm'),
        ...measures.map(({ label, unit }) => figures(`${label}, ${unit}`)),
        words('Report'),
      ],
      rows: rounds.map((round) => [
        String(round.number),
        arms[round.arm]?.name ?? '',
        ...measures.map(({ name }) =>
          round.doubts[name] === undefined ? formatFigure(round.values[name] ?? null) : 'left out',
        ),
        roundLink(round),
      ]),
    }),
  };
}

function roundLink({ runDirectory, excluded, doubts }: Comparison['rounds'][number]): Html {
  const link = runDirectory === null ? html`${NONE}` : html`<a href="${runDirectory}/report.html">report</a>`;
  const why = excluded ?? [...new Set(Object.values(doubts))].join('; ');
  return why === '' ? link : html`${link}; left out: ${why}`;
}

function setupSection({ arms, command, seed, rules, environment }: Comparison): Section {
  return {
    id: 'setup',
    title: 'How it was compared',
    body: html`<pre class="command">${command}</pre>
      ${definitions([
        ['Seed', String(seed)],
        ['Rounds of each arm at most', String(rules.roundsMax)],
        ['A difference where there is none, at most', `${formatFigure(100 * rules.alpha)} %`],
        ['Counts as equal', `less than ${formatFigure(100 * rules.effect)} %`],
        ...arms.map(({ name, flags }): readonly [string, string] => [name, `bench ${flags.join(' ')}`]),
        ...(environment === null ? [] : environmentEntries(environment)),
      ])}`,
  };
}
