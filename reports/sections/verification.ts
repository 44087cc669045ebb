import { decidingAnomaly } from '../../harness/history/anomaly-words.ts';
import type { Report, ReportEvent } from '../../harness/history/report-schema.ts';
import type { Anomaly, AnomalyOp, CheckerResult } from '../../harness/history/verification.ts';
import { verificationBadge } from '../badge.ts';
import { formatCount, formatDuration, formatPlural, NONE } from '../format.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { figures, table, words } from '../table.ts';
import { renderBadge } from './section.ts';
import type { Section } from './section.ts';
import { swimLanes } from './swim-lanes.ts';

/** What the checkers say of the history, with the anomalies they found. */
export function verificationSection(report: Report): Section {
  const { verification } = report;
  if (verification === null) {
    return {
      id: 'verification',
      title: 'Verification',
      body: html`<p class="lede">The history of this run was not verified.</p>`,
    };
  }
  const { checkers, verdict } = verification;
  return {
    id: 'verification',
    title: 'Verification',
    body: html`<p class="lede">
        ${renderBadge(verificationBadge(verdict))} The verdict is the worst of its checkers'. Unknown is not
        green: the checker could not decide.
      </p>
      ${checkers.length === 0 ? null : checkerTable(checkers)} ${anomaliesOf(checkers, report)}`,
  };
}

/** Where what decides the verdict is explained, for a link to it; null where nothing is wrong. */
export function firstAnomalyAnchor({ verification }: Report): string | null {
  const deciding = verification === null ? null : decidingAnomaly(verification);
  if (verification === null || deciding === null) return null;
  return anchorOf(verification.checkers.flatMap(({ anomalies }) => anomalies).indexOf(deciding) + 1);
}

/** Numbered through, so that each has an anchor, and leads to the next. */
function anomaliesOf(checkers: readonly CheckerResult[], { events }: Report): (Html | null)[] {
  const total = checkers.reduce((sum, checker) => sum + checker.anomalies.length, 0);
  let before = 0;
  return checkers.map((checker) => {
    const first = before + 1;
    before += checker.anomalies.length;
    return anomalies(checker, { first, total, events });
  });
}

function anchorOf(number: number): string {
  return `anomaly-${number}`;
}

/** How many anomalies a checker found, listed or not. */
export function anomalyCount(checker: CheckerResult): number {
  const counted = Object.values(checker.counts).reduce((sum, count) => sum + count, 0);
  return Math.max(counted, checker.anomalies.length);
}

/** `in 200 of 10,000 znodes`, of a checker that has looked at a sample. */
export function sampleInWords({ sample }: CheckerResult): string | null {
  if (sample === undefined) return null;
  return `in ${formatCount(sample.searched)} of ${formatCount(sample.total)} ${sample.of}`;
}

/** How many, and where it matters of what. */
export function opsCheckedInWords(checker: CheckerResult): string {
  return [formatCount(checker.opsChecked), sampleInWords(checker)].filter((part) => part !== null).join(' ');
}

function checkerTable(checkers: readonly CheckerResult[]): Html {
  return table({
    caption: 'Checkers',
    columns: [
      words('Checker'),
      words('Verdict'),
      figures('Ops checked'),
      figures('Time'),
      figures('Anomalies'),
      words('By kind'),
    ],
    rows: checkers.map((checker) => [
      checker.name,
      renderBadge(verificationBadge(checker.verdict)),
      opsCheckedInWords(checker),
      formatDuration(checker.durationMs),
      formatCount(anomalyCount(checker)),
      Object.entries(checker.counts)
        .map(([name, count]) => `${name} ${formatCount(count)}`)
        .join(', '),
    ]),
  });
}

interface Numbering {
  /** Of the first of this checker. */
  readonly first: number;
  readonly total: number;
  readonly events: readonly ReportEvent[];
}

function anomalies(checker: CheckerResult, { first, total: all, events }: Numbering): Html | null {
  const shown = checker.anomalies.length;
  if (shown === 0) return null;
  const total = anomalyCount(checker);
  const which = shown < total ? `, of which ${formatCount(shown)} here` : '';
  return html`<details
    class="anomalies ${verificationBadge(checker.verdict).tone}"
    ${checker.verdict === 'invalid' ? 'open' : null}
  >
    <summary>${checker.name}: ${formatPlural(total, 'anomaly', 'anomalies')}${which}</summary>
    ${checker.anomalies.map((anomaly, index) => oneAnomaly(anomaly, { first: first + index, total: all, events }))}
  </details>`;
}

function oneAnomaly(anomaly: Anomaly, { first: number, total, events }: Numbering): Html {
  return html`<div class="anomaly" id="${anchorOf(number)}" tabindex="-1">
    <p>
      ${renderBadge({ ...verificationBadge(anomaly.verdict), label: anomaly.name })} ${anomaly.explanation}
    </p>
    ${anomaly.why === undefined ? null : html`<p>That cannot be: ${anomaly.why}</p>`}
    ${swimLanes(anomaly, events)} ${anomaly.ops.length === 0 ? null : opTable(anomaly)}
    <p class="steps">
      ${number === 1 ? null : html`<a href="#${anchorOf(number - 1)}">the one before</a>`}
      ${number === total ? null : html`<a href="#${anchorOf(number + 1)}">the next of ${formatCount(total)}</a>`}
    </p>
  </div> `;
}

function opTable(anomaly: Anomaly): Html {
  return table({
    caption: `Ops of this ${anomaly.name}`,
    hasHiddenCaption: true,
    columns: [
      figures('No.'),
      figures('Row'),
      figures('Client'),
      words('Op'),
      words('Node'),
      words('Outcome'),
      figures('Invoked'),
      figures('Completed'),
      figures('zxid'),
    ],
    rows: anomaly.ops.map((op, index) => [String(index + 1), ...opRow(op)]),
  });
}

function opRow(op: AnomalyOp): readonly string[] {
  return [
    op.index < 0 ? NONE : formatCount(op.index),
    String(op.process),
    op.kind,
    op.node,
    op.outcome,
    `${(op.invokeMs / 1000).toFixed(6)} s`,
    `${(op.completeMs / 1000).toFixed(6)} s`,
    op.zxid ?? NONE,
  ];
}
