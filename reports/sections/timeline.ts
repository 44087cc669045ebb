import type { Report, ReportEvent, TimelinePoint } from '../../harness/history/report-schema.ts';
import { coarserTimeline, eventsInOrder, isFault } from '../chart-data.ts';
import type { ChartData } from '../chart-data.ts';
import {
  formatCount,
  formatDuration,
  formatPlural,
  formatRate,
  formatShare,
  formatTime,
  formatUsAsMs,
} from '../format.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { figures, table } from '../table.ts';
import type { Section } from './section.ts';

const TABLE_ROWS_MAX = 60;

/** Throughput, latency and availability over the run, with its phases and faults; and the same as a table. */
export function timelineSection(report: Report, charts: ChartData): Section | null {
  const { timeline } = report;
  if (timeline === null || timeline.points.length === 0) return null;
  return {
    id: 'timeline',
    title: 'Timeline',
    body: html`<p class="lede">
        One point for each ${formatDuration(coarserTimeline(report, charts.timeS.length).intervalMs)}. Shaded:
        phases of the run and faults that last; numbered lines: events. Drag to zoom, double-click to see all.
      </p>
      ${chartFigure('chart-throughput', 'Throughput', 'successful ops per second')}
      ${chartFigure('chart-latency', 'Latency', 'response time in milliseconds, logarithmic')}
      ${
        charts.availability.length === 0
          ? null
          : chartFigure('chart-availability', 'Availability', 'share of intended ops that succeeded in time')
      }
      ${eventList(eventsInOrder(report))} ${timelineTable(report)}`,
  };
}

export function chartFigure(id: string, title: string, subtitle: string): Html {
  return html`<figure class="chart-figure">
    <figcaption>${title} <span>${subtitle}</span></figcaption>
    <div class="chart" id="${id}" role="img" aria-label="Chart: ${title}, ${subtitle}"></div>
  </figure> `;
}

function eventList(events: readonly ReportEvent[]): Html | null {
  if (events.length === 0) return null;
  return html`<ol class="events" aria-label="Events">
    ${events.map(
      (event, index) =>
        html`<li class="${isFault(event) ? 'fault' : 'other'}">
          <span class="number">${index + 1}</span>
          <time>${formatTime(event.tMs)}</time>
          <span class="label">${event.label}</span>
        </li> `,
    )}
  </ol>`;
}

function timelineTable(report: Report): Html {
  const { points, intervalMs } = coarserTimeline(report, TABLE_ROWS_MAX);
  const hasAvailability = points.some((point) => point.availability !== null);
  return html`<details>
    <summary>The timeline as a table (${formatPlural(points.length, 'row')})</summary>
    ${table({
      caption: `Every ${formatDuration(intervalMs)}; percentiles are the largest within`,
      columns: [
        'From',
        'ops/s',
        'Errors',
        'p50 ms',
        'p99 ms',
        'p99.9 ms',
        'Max ms',
        ...(hasAvailability ? ['Available'] : []),
      ].map(figures),
      rows: points.map((point) => [
        formatTime(point.tMs),
        formatRate((okOf(point) * 1000) / intervalMs),
        formatCount(point.errors),
        formatUsAsMs(point.p50Us),
        formatUsAsMs(point.p99Us),
        formatUsAsMs(point.p999Us),
        formatUsAsMs(point.maxUs),
        ...(hasAvailability ? [formatShare(point.availability)] : []),
      ]),
    })}
  </details>`;
}

function okOf(point: TimelinePoint): number {
  return Object.values(point.ok).reduce((sum, count) => sum + count, 0);
}
