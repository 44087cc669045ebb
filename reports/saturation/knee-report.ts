import type { Knee, KneeRun } from '../../harness/history/saturation-schema.ts';
import type { Badge } from '../badge.ts';
import { formatFigure, formatRate, formatUsAsMs } from '../format.ts';
import { html } from '../html.ts';
import { plainText, tableBlock } from '../markdown.ts';
import { renderBadge } from '../sections/section.ts';
import type { Section } from '../sections/section.ts';
import { figures, table, words } from '../table.ts';
import { measuredInWords } from '../threshold-figures.ts';
import { renderPlot } from './plot.ts';
import { seriesMarkdown } from './series-markdown.ts';
import { renderSeriesPage, runLink } from './series-page.ts';

const BADGES: Readonly<Record<KneeRun['outcome'], Badge>> = {
  sustained: { label: 'sustained', tone: 'good' },
  missed: { label: 'missed', tone: 'bad' },
  limited: { label: 'generator-limited', tone: 'warn' },
};
const TONES = { sustained: 'good', missed: 'bad', limited: 'warn' } as const;

/** `knee.html`. */
export function renderKneePage(knee: Knee): string {
  return renderSeriesPage(knee, 'highest sustainable rate', [plotSection(knee), runsSection(knee)]);
}

/** `knee.md`. */
export function renderKneeMarkdown(knee: Knee): string {
  const rows = knee.steps.map((step) => [
    formatRate(step.rate),
    purposeOf(step),
    BADGES[step.outcome].label,
    formatRate(step.opsPerSecond),
    formatUsAsMs(step.p50Us),
    formatUsAsMs(step.p99Us),
    plainText(measured(step)),
  ]);
  return seriesMarkdown(knee, 'highest sustainable rate', [
    `Sustained means: ${knee.slo.map((one) => plainText(one)).join(', ')}, and all that was asked for was done.`,
    tableBlock(['Rate, ops/s', 'Run', 'Outcome', 'Achieved', 'p50, ms', 'p99, ms', 'Measured'], rows),
  ]);
}

function plotSection(knee: Knee): Section {
  const { sustained } = knee;
  const points = knee.steps.flatMap(({ rate, p99Us, outcome }) =>
    p99Us === null || p99Us === 0
      ? []
      : [
          {
            x: rate,
            y: p99Us / 1000,
            tone: TONES[outcome],
            title: `${formatRate(rate)} ops/s: p99 ${formatUsAsMs(p99Us)} ms, ${BADGES[outcome].label}`,
          },
        ],
  );
  return {
    id: 'latency-by-rate',
    title: 'Latency by rate',
    body: html`<p class="lede">
        One point for each run. Sustained means ${knee.slo.join(', ')}, a valid history, a throughput that
        reaches the rate, and a load generator that kept up.
      </p>
      ${renderPlot({
        title: 'p99 of all operations',
        subtitle: 'milliseconds, over the rate asked for in ops/s; both axes logarithmic',
        x: { scale: 'log', format: formatRate },
        y: { scale: 'log', format: formatFigure },
        lines: [{ label: 'a run', colour: 0, isJoined: false, points }],
        mark:
          sustained === null
            ? undefined
            : { x: sustained, label: `${formatRate(sustained)} ops/s sustained` },
      })}`,
  };
}

function runsSection({ steps }: Knee): Section {
  return {
    id: 'runs',
    title: 'Runs',
    body: table({
      caption: 'In the order they were made',
      columns: [
        figures('Rate, ops/s'),
        words('Run'),
        words('Outcome'),
        ...['Achieved', 'p50, ms', 'p99, ms'].map(figures),
        words('Measured'),
        words('Its report'),
      ],
      rows: steps.map((step) => [
        formatRate(step.rate),
        purposeOf(step),
        renderBadge(BADGES[step.outcome]),
        formatRate(step.opsPerSecond),
        formatUsAsMs(step.p50Us),
        formatUsAsMs(step.p99Us),
        measured(step),
        runLink(step),
      ]),
    }),
  };
}

function purposeOf({ purpose, attempt }: KneeRun): string {
  return `${purpose === 'verify' ? 'long' : 'short'}${attempt > 1 ? ', again' : ''}`;
}

function measured({ thresholds }: KneeRun): string {
  return thresholds
    .map((threshold) => `${threshold.name ?? threshold.expression} ${measuredInWords(threshold)}`)
    .join(', ');
}
