import type { Report, ThresholdResult } from '../../harness/history/report-schema.ts';
import type { Badge } from '../badge.ts';
import { formatFigure } from '../format.ts';
import { html } from '../html.ts';
import { figures, table, words } from '../table.ts';
import { renderBadge } from './section.ts';
import type { Section } from './section.ts';

/** What the user asked the run to hold, and whether it did. */
export function thresholdsSection(report: Report): Section | null {
  const thresholds = report.verdict?.thresholds ?? [];
  if (thresholds.length === 0) return null;
  return {
    id: 'thresholds',
    title: 'Thresholds',
    body: table({
      caption: 'Thresholds',
      hasHiddenCaption: true,
      columns: [words('Threshold'), figures('Measured'), words('Held')],
      rows: thresholds.map((threshold) => [
        html`<code>${threshold.expression}</code>`,
        formatFigure(threshold.actual),
        renderBadge(thresholdBadge(threshold)),
      ]),
    }),
  };
}

export function thresholdBadge({ passed }: ThresholdResult): Badge {
  if (passed === null) return { label: 'unknown', tone: 'warn' };
  return passed ? { label: 'held', tone: 'good' } : { label: 'missed', tone: 'bad' };
}
