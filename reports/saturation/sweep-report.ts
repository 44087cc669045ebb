import type { Sweep, SweepRow } from '../../harness/history/saturation-schema.ts';
import { exitCodeBadge } from '../badge.ts';
import { formatFigure, formatRate, formatUsAsMs } from '../format.ts';
import { html } from '../html.ts';
import { plainText, tableBlock } from '../markdown.ts';
import { renderBadge } from '../sections/section.ts';
import type { Section } from '../sections/section.ts';
import { figures, table, words } from '../table.ts';
import { type Axis, type PlotPoint, renderPlot } from './plot.ts';
import { seriesMarkdown } from './series-markdown.ts';
import { renderSeriesPage, runLink } from './series-page.ts';

/** `sweep.html`. */
export function renderSweepPage(sweep: Sweep): string {
  return renderSeriesPage(sweep, kindOf(sweep), [plotSection(sweep), runsSection(sweep)]);
}

/** `sweep.md`. */
export function renderSweepMarkdown(sweep: Sweep): string {
  const rows = sweep.rows.map((row) => [
    plainText(row.value),
    formatRate(row.opsPerSecond),
    formatUsAsMs(row.p50Us),
    formatUsAsMs(row.p99Us),
    plainText(exitCodeBadge(row.exitCode).label),
  ]);
  return seriesMarkdown(sweep, kindOf(sweep), [
    tableBlock([plainText(sweep.setting), 'ops/s', 'p50, ms', 'p99, ms', 'Run'], rows),
  ]);
}

function kindOf({ setting }: Sweep): string {
  return `by ${setting}`;
}

function plotSection(sweep: Sweep): Section {
  const { setting, rows } = sweep;
  const x: Axis = { scale: 'even', format: (index) => rows[index]?.value ?? '' };
  const pointsOf = (
    figure: (row: SweepRow) => number | null,
    titleOf: (row: SweepRow) => string,
  ): PlotPoint[] =>
    rows.flatMap((row, index) => {
      const y = figure(row);
      const title = `${setting} ${row.value}: ${titleOf(row)}`;
      return y === null || y === 0 ? [] : [{ x: index, y, title }];
    });
  return {
    id: 'plots',
    title: `By ${setting}`,
    body: html`${renderPlot({
      title: 'Throughput',
      subtitle: `ops/s, over ${setting}`,
      x,
      y: { scale: 'linear', format: formatRate },
      lines: [
        {
          label: 'throughput',
          colour: 0,
          isJoined: true,
          points: pointsOf(
            ({ opsPerSecond }) => opsPerSecond,
            ({ opsPerSecond }) => `${formatRate(opsPerSecond)} ops/s`,
          ),
        },
      ],
    })}
    ${renderPlot({
      title: 'Response time',
      subtitle: `milliseconds, logarithmic, over ${setting}`,
      x,
      y: { scale: 'log', format: formatFigure },
      lines: [
        {
          label: 'p99',
          colour: 0,
          isJoined: true,
          points: pointsOf(
            ({ p99Us }) => (p99Us === null ? null : p99Us / 1000),
            ({ p99Us }) => `p99 ${formatUsAsMs(p99Us)} ms`,
          ),
        },
        {
          label: 'p50',
          colour: 2,
          isJoined: true,
          points: pointsOf(
            ({ p50Us }) => (p50Us === null ? null : p50Us / 1000),
            ({ p50Us }) => `p50 ${formatUsAsMs(p50Us)} ms`,
          ),
        },
      ],
    })}`,
  };
}

function runsSection({ setting, rows }: Sweep): Section {
  return {
    id: 'runs',
    title: 'Runs',
    body: table({
      caption: 'In the order they were made',
      columns: [
        words(setting),
        ...['ops/s', 'p50, ms', 'p99, ms'].map(figures),
        words('Run'),
        words('Its report'),
      ],
      rows: rows.map((row) => [
        row.value,
        formatRate(row.opsPerSecond),
        formatUsAsMs(row.p50Us),
        formatUsAsMs(row.p99Us),
        renderBadge(exitCodeBadge(row.exitCode)),
        runLink(row),
      ]),
    }),
  };
}
