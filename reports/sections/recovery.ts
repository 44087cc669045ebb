import type { Recovery, RecoverySummary, Report } from '../../harness/history/report-schema.ts';
import { formatDuration, formatFigure, formatPlural, formatTime } from '../format.ts';
import { html } from '../html.ts';
import { shownRecoveries } from '../shown-recoveries.ts';
import type { Html } from '../html.ts';
import { SPREAD_COLUMNS, summaryRows, summaryTitle } from '../recovery-summary.ts';
import { definitions, figures, table, words } from '../table.ts';
import type { Section } from './section.ts';

/** What each fault cost, as the steps back to steady state. */
export function recoverySection(report: Report): Section | null {
  const { recoveries } = report;
  if (recoveries.length === 0) return null;
  const { summary, shown } = shownRecoveries(recoveries);
  return {
    id: 'recovery',
    title: 'Recovery',
    body: html`${report.recoverySummaries.map(summaryTable)}
    ${summary === null ? '' : html`<p>${summary}</p>`} ${shown.map(oneRecovery)}
    ${shown.length < recoveries.length ? roundTable(recoveries) : null}`,
  };
}

/** The steps of a recovery that were seen, in order of time: name and milliseconds since the run's start. */
export function recoverySteps(
  recovery: Recovery,
): readonly { readonly name: string; readonly atMs: number }[] {
  const steps: readonly (readonly [string, number | null])[] = [
    ['fault in effect', recovery.killedAtMs],
    ['detected', recovery.detectedAtMs],
    ['new leader', recovery.electedAtMs],
    ['first write', recovery.firstSuccessAtMs],
    ['restarted', recovery.restartedAtMs],
    ['resumed', recovery.resumedAtMs],
    ['steady', recovery.steadyAtMs],
    ['rejoined', recovery.rejoinedAtMs],
  ];
  return steps
    .flatMap(([name, atMs]) => (atMs === null ? [] : [{ name, atMs }]))
    .sort((a, b) => a.atMs - b.atMs);
}

function summaryTable(summary: RecoverySummary): Html {
  return table({
    caption: summaryTitle(summary),
    columns: [words('What it cost'), ...SPREAD_COLUMNS.map(figures)],
    rows: summaryRows(summary),
  });
}

/** All of them, folded away. */
function roundTable(recoveries: readonly Recovery[]): Html {
  return html`<details>
    <summary>Round by round (${formatPlural(recoveries.length, 'row')})</summary>
    ${table({
      caption: 'Rounds; times are from the fault on',
      columns: [
        words('Fault'),
        ...['At', 'Write gap', 'Detected', 'New leader', 'First write', 'Rejoined', 'Availability lost'].map(
          figures,
        ),
      ],
      rows: recoveries.map((recovery) => {
        const since = (atMs: number | null): string =>
          formatDuration(atMs === null || recovery.killedAtMs === null ? null : atMs - recovery.killedAtMs);
        const lost = recovery.lostAvailabilitySeconds;
        return [
          recovery.fault,
          formatTime(recovery.killedAtMs),
          formatDuration(recovery.writeGapMs),
          since(recovery.detectedAtMs),
          since(recovery.electedAtMs),
          since(recovery.firstSuccessAtMs),
          since(recovery.rejoinedAtMs ?? recovery.restartedAtMs),
          formatDuration(lost === null ? null : lost * 1000),
        ];
      }),
    })}
  </details>`;
}

function oneRecovery(recovery: Recovery): Html {
  const steps = recoverySteps(recovery);
  const start = steps[0]?.atMs ?? 0;
  const lost = recovery.lostAvailabilitySeconds;
  return html`<h3>${recovery.fault}</h3>
    <ol class="steps">
      ${steps.map(
        ({ name, atMs }, index) =>
          html`<li>
            <b>${index === 0 ? formatTime(atMs) : `+ ${formatDuration(atMs - start)}`}</b>${name}
          </li> `,
      )}
    </ol>
    ${definitions([
      ['Longest time without a write', formatDuration(recovery.writeGapMs)],
      ['Longest time without a read', formatDuration(recovery.readGapMs)],
      ['Availability lost', lost === null ? formatFigure(null) : `${formatFigure(lost)} s`],
      ['Resolution', formatDuration(recovery.resolutionMs)],
    ])} `;
}
