import type { HttpLoadReport, Report } from '../../harness/history/report-schema.ts';
import { ALL } from '../../harness/history/report-schema.ts';
import { formatBytes, formatCount, formatRate, formatUsAsMs, NONE } from '../format.ts';
import { html } from '../html.ts';
import { definitions, figures, table, words } from '../table.ts';
import type { Section } from './section.ts';

export const HTTP_COLUMNS = [
  'Requests/s',
  'Answered',
  'Errors',
  'p50 ms',
  'p99 ms',
  'p99.9 ms',
  'Max ms',
] as const;

/** What was asked of the servers' ports for operators, how fast they answered, and what autocannon says of it. */
export function httpSection({ http, workload }: Report): Section | null {
  if (http === null) return null;
  const { autocannon } = http;
  const isAlone = workload?.name === http.name;
  return {
    id: 'http',
    title: 'Requests by HTTP',
    body: html`<p class="lede">
        ${http.description ?? http.name}
        ${isAlone ? null : html`Beside the workload, whose figures are above.`}
      </p>
      ${table({
        caption: http.name,
        columns: [words('Requests'), ...HTTP_COLUMNS.map(figures)],
        rows: [[http.paths.join(', '), ...httpCells(http)]],
      })}
      <p class="note">
        Times from autocannon’s events, to the microsecond, without its correction for coordinated omission.
      </p>
      ${definitions([
        ['Asked', http.origins.join(' ')],
        ['Connections', formatCount(http.connections)],
        ['Rate asked for', http.ratePerSecond === null ? NONE : `${formatRate(http.ratePerSecond)} /s`],
        ['autocannon: requests/s', formatRate(autocannon.requestsPerSecond)],
        ['autocannon: bytes/s', formatBytes(autocannon.bytesPerSecond)],
        [
          'autocannon: 2xx, other',
          `${formatCount(autocannon.answered2xx)}, ${formatCount(autocannon.answeredOther)}`,
        ],
        [
          'autocannon: errors, timeouts',
          `${formatCount(autocannon.errors)}, ${formatCount(autocannon.timeouts)}`,
        ],
      ])}`,
  };
}

/** In the order of `HTTP_COLUMNS`. */
export function httpCells({ totals }: HttpLoadReport): string[] {
  const all = totals.find(({ op, phase }) => op === ALL && phase === ALL);
  if (all === undefined) return HTTP_COLUMNS.map(() => NONE);
  const { responseTime: latency } = all;
  return [
    formatRate(all.opsPerSecond),
    formatCount(all.ok),
    formatCount(all.failed),
    formatUsAsMs(latency?.p50Us ?? null),
    formatUsAsMs(latency?.p99Us ?? null),
    formatUsAsMs(latency?.p999Us ?? null),
    formatUsAsMs(latency?.maxUs ?? null),
  ];
}
