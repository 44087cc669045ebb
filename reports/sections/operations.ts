import { ALL } from '../../harness/history/report-schema.ts';
import type { LatencySummary, OpTotals, Report } from '../../harness/history/report-schema.ts';
import type { ChartData } from '../chart-data.ts';
import { formatCount, formatPlural, formatRate, formatUsAsMs } from '../format.ts';
import { html } from '../html.ts';
import type { Html, HtmlValue } from '../html.ts';
import { totalsByOp, totalsOf } from '../latency.ts';
import { figures, table, words } from '../table.ts';
import type { Section } from './section.ts';
import { chartFigure } from './timeline.ts';

/** Latency by percentile and by op type, throughput and errors, over the run and by phase. */
export function operationsSection(report: Report, charts: ChartData): Section | null {
  if (report.totals.length === 0) return null;
  const rows = totalsByOp(report);
  return {
    id: 'operations',
    title: 'Operations',
    body: html`<p class="lede">
        Over the phases of load: measure, crash and recovery. <em>Response time</em> counts from the moment an
        op was meant to start, <em>service time</em> from the moment it was sent: the difference is time spent
        in a queue that a stalled server made.
      </p>
      ${
        charts.percentiles.series.length === 0
          ? null
          : chartFigure('chart-percentiles', 'Latency by percentile', 'response time, both axes logarithmic')
      }
      ${latencyTable('Response time', rows, (totals) => totals.responseTime)}
      ${latencyTable('Service time', rows, (totals) => totals.serviceTime)} ${countTable(rows)}
      ${errorTable(rows)} ${phaseTables(report)}`,
  };
}

function latencyTable(
  title: string,
  rows: readonly OpTotals[],
  latencyOf: (totals: OpTotals) => LatencySummary | null,
): Html | null {
  const measured = rows.filter((totals) => latencyOf(totals) !== null);
  if (measured.length === 0) return null;
  return table({
    caption: `${title}, milliseconds`,
    columns: [
      words('Op'),
      ...['p50', 'p90', 'p95', 'p99', 'p99.9', 'p99.99', 'Max', 'Mean', 'Std dev'].map(figures),
    ],
    rows: measured.map((totals) => [opName(totals), ...latencyCells(latencyOf(totals))]),
  });
}

function latencyCells(latency: LatencySummary | null): readonly HtmlValue[] {
  if (latency === null) return [];
  const { p50Us, p90Us, p95Us, p99Us, p999Us, p9999Us, maxUs, meanUs, stddevUs } = latency;
  return [p50Us, p90Us, p95Us, p99Us, p999Us, p9999Us, maxUs, meanUs, stddevUs].map(formatUsAsMs);
}

function countTable(rows: readonly OpTotals[]): Html | null {
  if (rows.length === 0) return null;
  return table({
    caption: 'Ops',
    columns: [words('Op'), ...['Intended', 'Succeeded', 'Failed', 'Unknown outcome', 'ops/s'].map(figures)],
    rows: rows.map((totals) => [
      opName(totals),
      formatCount(totals.count),
      formatCount(totals.ok),
      formatCount(totals.failed),
      formatCount(totals.unknown),
      formatRate(totals.opsPerSecond),
    ]),
  });
}

function errorTable(rows: readonly OpTotals[]): Html | null {
  const byOp = rows.some((totals) => totals.op !== ALL) ? rows.filter((totals) => totals.op !== ALL) : rows;
  const errors = byOp.flatMap((totals) =>
    Object.entries(totals.errors).map(([code, count]) => ({ code, op: opName(totals), count })),
  );
  if (errors.length === 0) return null;
  return table({
    caption: 'Errors',
    columns: [words('Error'), words('Op'), figures('Count')],
    rows: errors
      .sort((a, b) => b.count - a.count)
      .map(({ code, op, count }) => [code, op, formatCount(count)]),
  });
}

/** Phase by phase over all ops; and, folded away, for each op type in each phase. */
function phaseTables(report: Report): Html | null {
  const phases = [...new Set(report.phases.map((phase) => phase.name))];
  const all = phases.flatMap((phase) => totalsOf(report, { op: ALL, phase }) ?? []);
  const ops = new Set(report.totals.map((totals) => totals.op).filter((op) => op !== ALL));
  const byOp = phases.flatMap((phase) => [...ops].flatMap((op) => totalsOf(report, { op, phase }) ?? []));
  return html`${all.length < 2 ? null : phaseTable('By phase, all ops', all)}
  ${
    byOp.length === 0
      ? null
      : html`<details>
          <summary>By phase and op type (${formatPlural(byOp.length, 'row')})</summary>
          ${phaseTable('By phase and op type', byOp)}
        </details>`
  }`;
}

function phaseTable(title: string, rows: readonly OpTotals[]): Html {
  return table({
    caption: `${title}; response time in milliseconds`,
    columns: [
      words('Phase'),
      words('Op'),
      ...['Succeeded', 'Errors', 'ops/s', 'p50', 'p99', 'p99.9', 'Max'].map(figures),
    ],
    rows: rows.map((totals) => [
      totals.phase,
      opName(totals),
      formatCount(totals.ok),
      formatCount(totals.failed + totals.unknown),
      formatRate(totals.opsPerSecond),
      formatUsAsMs(totals.responseTime?.p50Us ?? null),
      formatUsAsMs(totals.responseTime?.p99Us ?? null),
      formatUsAsMs(totals.responseTime?.p999Us ?? null),
      formatUsAsMs(totals.responseTime?.maxUs ?? null),
    ]),
  });
}

function opName(totals: OpTotals): string {
  return totals.op === ALL ? 'all ops' : totals.op;
}
