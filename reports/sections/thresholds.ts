import type { Report, ThresholdResult } from '../../harness/history/report-schema.ts';
import type { Badge } from '../badge.ts';
import { html } from '../html.ts';
import { figures, table, words } from '../table.ts';
import { baselineInWords, formatMeasured } from '../threshold-figures.ts';
import { renderBadge } from './section.ts';
import type { Section } from './section.ts';

/** What the user asked the run to hold, and whether it did. */
export function thresholdsSection(report: Report): Section | null {
  const thresholds = report.verdict?.thresholds ?? [];
  if (thresholds.length === 0) return null;
  const baseline = baselineInWords(report);
  const hasNotes = thresholds.some(({ note }) => note !== null);
  return {
    id: 'thresholds',
    title: 'Thresholds',
    body: html`${baseline === null ? null : html`<p class="lede">Held against ${baseline}.</p>`}
    ${table({
      caption: 'Thresholds',
      hasHiddenCaption: true,
      columns: [
        words('Threshold'),
        figures('Measured'),
        ...(baseline === null ? [] : [figures('Baseline')]),
        words('Held'),
        ...(hasNotes ? [words('Nothing to measure it on')] : []),
      ],
      rows: thresholds.map((threshold) => [
        html`<code>${threshold.expression}</code>`,
        formatMeasured(threshold.actual, threshold.unit),
        ...(baseline === null ? [] : [formatMeasured(threshold.baseline, threshold.unit)]),
        renderBadge(thresholdBadge(threshold)),
        ...(hasNotes ? [html`<div class="wrap">${threshold.note}</div>`] : []),
      ]),
    })}`,
  };
}

export function thresholdBadge({ passed }: ThresholdResult): Badge {
  if (passed === null) return { label: 'not measured', tone: 'bad' };
  return passed ? { label: 'held', tone: 'good' } : { label: 'missed', tone: 'bad' };
}
