import type { GeneratorCheck, OpTotals, Report } from '../../harness/history/report-schema.ts';
import { runBadge, runSentence, verificationBadge } from '../badge.ts';
import type { Tone } from '../badge.ts';
import {
  formatCount,
  formatDuration,
  formatFigure,
  formatRate,
  formatStart,
  formatUsAsMs,
} from '../format.ts';
import { html } from '../html.ts';
import type { Html, HtmlValue } from '../html.ts';
import { overallTotals } from '../latency.ts';
import { runSubject } from '../subject.ts';
import { renderBadge } from './section.ts';
import { firstAnomalyAnchor } from './verification.ts';

/** The verdict, the one sentence, what makes the figures doubtful, and the figures. */
export function header(report: Report): Html {
  const { identity, workload } = report;
  return html`<div class="top">
      <b>Stampede</b>
      <span class="run">${identity.runId} · ${formatStart(identity.startedAt)}</span>
      <button id="theme" type="button">Light / dark</button>
    </div>
    <header>
      ${renderBadge(runBadge(report))}
      <h1>${workload?.name ?? identity.runId}</h1>
      <p class="subject">${runSubject(report)}</p>
      <p class="sentence">${runSentence(report)} ${linkToFirst(report)}</p>
      ${partialNotice(report)} ${generatorNotice(report.generator)} ${keyFigures(report)}
    </header>`;
}

function linkToFirst(report: Report): Html | null {
  const anchor = firstAnomalyAnchor(report);
  return anchor === null ? null : html`<a href="#${anchor}">To the first anomaly</a>`;
}

function partialNotice(report: Report): Html | null {
  if (report.identity.status === 'complete') return null;
  return html`<div class="notice" role="note">
    <p>
      <strong>This run was interrupted.</strong> What is below covers the time until then; what is missing was
      never measured.
    </p>
  </div>`;
}

function generatorNotice(generator: GeneratorCheck | null): Html | null {
  if (generator === null || !generator.limited) return null;
  return html`<div class="notice" role="note">
    <p>
      <strong>The load generator was the limit.</strong> The figures below say what the generator could do and
      are no measure of the server.
    </p>
    <ul>
      ${generator.reasons.map((reason) => html`<li>${reason}</li>`)}
    </ul>
  </div>`;
}

type Figure = {
  readonly name: string;
  readonly value: string;
  readonly unit: string;
  readonly tone: Tone;
};

function keyFigures(report: Report): Html {
  const figures = [
    ...loadFigures(overallTotals(report)),
    ...gapFigures(report),
    ...verificationFigures(report),
    figure('Duration', formatDuration(report.identity.durationMs)),
  ];
  return html`<dl class="figures">
    ${figures.map(
      ({ name, value, unit, tone }): HtmlValue =>
        html`<div class="${tone}">
          <dt>${name}</dt>
          <dd>${value} <small>${unit}</small></dd>
        </div> `,
    )}
  </dl>`;
}

function figure(name: string, value: string, unit = '', tone: Tone = 'plain'): Figure {
  return { name, value, unit, tone };
}

function loadFigures(totals: OpTotals | null): readonly Figure[] {
  if (totals === null) return [];
  const latency = totals.responseTime ?? totals.serviceTime;
  const errors = totals.failed + totals.unknown;
  return [
    figure('Throughput', formatRate(totals.opsPerSecond), 'ops/s'),
    figure('Median latency', formatUsAsMs(latency?.p50Us ?? null), 'ms'),
    figure('p99 latency', formatUsAsMs(latency?.p99Us ?? null), 'ms'),
    figure('p99.9 latency', formatUsAsMs(latency?.p999Us ?? null), 'ms'),
    figure('Errors', formatCount(errors), `of ${formatCount(totals.count)}`, errors > 0 ? 'warn' : 'plain'),
  ];
}

/** The worst of the run's faults: an average would hide it. */
function gapFigures(report: Report): readonly Figure[] {
  const gaps = report.recoveries.flatMap((recovery) => recovery.writeGapMs ?? []);
  if (gaps.length === 0) return [];
  const worst = Math.max(...gaps);
  return [
    worst < 1000
      ? figure('Longest write gap', formatFigure(worst), 'ms')
      : figure('Longest write gap', formatFigure(worst / 1000), 's'),
  ];
}

function verificationFigures(report: Report): readonly Figure[] {
  const { verification } = report;
  if (verification === null) return [figure('History', 'not verified', '', 'warn')];
  const { label, tone } = verificationBadge(verification.verdict);
  return [figure('History', label, '', tone)];
}
