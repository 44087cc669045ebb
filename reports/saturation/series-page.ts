import type { Series, SeriesFigures } from '../../harness/history/saturation-schema.ts';
import { exitCodeBadge } from '../badge.ts';
import { renderDocument } from '../document.ts';
import { formatDuration, formatStart } from '../format.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { environmentEntries } from '../sections/setup.ts';
import { renderBadge, renderSection } from '../sections/section.ts';
import type { Section } from '../sections/section.ts';
import { STYLE } from '../style.ts';
import { loadInWords } from '../subject.ts';
import { definitions } from '../table.ts';

/** The page of several runs: what they are of, the one sentence, `sections`, and how to do it again. */
export function renderSeriesPage(series: Series, kind: string, sections: readonly Section[]): string {
  const { identity, workload } = series;
  const badge = exitCodeBadge(series.exitCode);
  return renderDocument({
    title: `${workload.name}: ${kind} · Stampede`,
    style: STYLE,
    scripts: [],
    body: html`<div class="top">
        <b>Stampede</b>
        <span class="run">${identity.id} · ${formatStart(identity.startedAt)}</span>
      </div>
      <header>
        ${renderBadge(badge)}
        <h1>${workload.name}: ${kind}</h1>
        <p class="subject">${seriesSubject(series)}</p>
        <p class="sentence">${series.sentence}</p>
        ${partialNotice(series)}
      </header>
      <main>${[...sections, setupSection(series)].map(renderSection)}</main>
      <footer>Every run has a report of its own.</footer>`,
  });
}

/** "ours,ours,ours · closed loop · 20 connections × 20 in flight". */
export function seriesSubject({ target, workload }: Series): string {
  return [target, ...loadInWords(workload)].join(' · ');
}

/** To the report of a run; words without a link where it has left none. */
export function runLink({ directory }: SeriesFigures): Html | string {
  return directory === null
    ? 'no report'
    : html`<a href="./${encodeURIComponent(directory)}/report.html">report</a>`;
}

function partialNotice({ identity }: Series): Html | null {
  if (identity.status === 'complete') return null;
  return html`<div class="notice" role="note">
    <p><strong>This was interrupted.</strong> What is below is what there was until then.</p>
  </div>`;
}

function setupSection({ identity, workload, environment }: Series): Section {
  return {
    id: 'setup',
    title: 'How it was run',
    body: html`<pre class="command" tabindex="0">${identity.command}</pre>
      ${workload.description === null ? null : html`<p class="lede">${workload.description}</p>`}
      ${definitions([
        ['Seed of every run', String(identity.seed)],
        ['Duration', formatDuration(identity.durationMs)],
        ['Stampede', identity.toolVersion],
        ...Object.entries(workload.parameters).map(([name, value]) => [name, String(value)] as const),
        ...environmentEntries(environment),
      ])}`,
  };
}
