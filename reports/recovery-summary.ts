import type { RecoverySummary, Spread } from '../harness/history/report-schema.ts';
import { formatDuration, formatPlural } from './format.ts';

/** The columns of a summary behind its title. */
export const SPREAD_COLUMNS = ['Median', 'p90', 'Max'] as const;

/** `kill-leader, 200 rounds`. */
export function summaryTitle({ kind, rounds }: RecoverySummary): string {
  return `${kind}, ${formatPlural(rounds, 'round')}`;
}

/** One row for each figure there is; where some rounds did not come to it, their number stands with its name. */
export function summaryRows(summary: RecoverySummary): readonly (readonly string[])[] {
  const { writeGapMs, electionMs, rejoinMs, lostAvailabilitySeconds } = summary;
  return [
    ...row('longest write gap', writeGapMs, summary),
    ...row('to a new leader', electionMs, summary),
    ...row('until all serve again', rejoinMs, summary),
    ...row('availability lost', lostAvailabilitySeconds, summary, inMs),
  ];
}

function inMs(seconds: number): number {
  return seconds * 1000;
}

function row(
  name: string,
  spread: Spread | null,
  { rounds }: RecoverySummary,
  toMs: (figure: number) => number = (figure) => figure,
): readonly (readonly string[])[] {
  if (spread === null) return [];
  const { median, p90, max } = spread;
  const which = spread.rounds === rounds ? '' : ` (${formatPlural(spread.rounds, 'round')})`;
  return [[name + which, ...[median, p90, max].map((figure) => formatDuration(toMs(figure)))]];
}
