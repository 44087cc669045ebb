import type { Report } from '../../harness/history/report-schema.ts';
import { formatCount, formatDuration, formatShare } from '../format.ts';
import { html } from '../html.ts';
import { definitions } from '../table.ts';
import { renderBadge } from './section.ts';
import type { Section } from './section.ts';

/** How well the load generator kept its schedule: whether the figures are the server's or its own. */
export function generatorSection(report: Report): Section | null {
  const { generator } = report;
  if (generator === null) return null;
  const badge = generator.limited
    ? ({ label: 'generator-limited', tone: 'warn' } as const)
    : ({ label: 'kept its schedule', tone: 'good' } as const);
  return {
    id: 'generator',
    title: 'Load generator',
    body: html`<p class="lede">${renderBadge(badge)}</p>
      ${
        generator.reasons.length === 0
          ? null
          : html`<ul>
              ${generator.reasons.map((reason) => html`<li>${reason}</li>`)}
            </ul>`
      }
      ${definitions([
        ['Processes', formatCount(generator.generators)],
        ['CPU of the busiest', formatShare(generator.cpuShare)],
        ['Schedule lag, p99', formatDuration(generator.scheduleLagP99Ms)],
        ['Schedule lag, max', formatDuration(generator.scheduleLagMaxMs)],
        ['Event loop delay, p99', formatDuration(generator.eventLoopDelayP99Ms)],
        ['Event loop delay, max', formatDuration(generator.eventLoopDelayMaxMs)],
      ])}`,
  };
}
