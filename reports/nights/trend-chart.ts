import type { Night, TrendFinding } from '../../harness/history/night-schema.ts';
import { formatFigure, NONE } from '../format.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { ticksWithin } from '../ticks.ts';
import { nightBadge } from './night-badge.ts';

const HEIGHT_PX = 150;
const TOP_PX = 8;
const AXIS_PX = 20;
const DOT_PX = 4;
const TICKS_MAX = 5;
/** Of the width: room for the figures of the scale, and for half a dot. */
const LEFT_SHARE = 14;
const RIGHT_SHARE = 2;

interface Dot {
  readonly night: Night;
  readonly x: string;
  readonly value: number;
  /** Of its rounds. */
  readonly low: number;
  readonly high: number;
}

/** One measure over the nights: a dot each, from 0 on, with the range of its rounds. Null where no night has it. */
export function trendChart(
  nights: readonly Night[],
  { measure, label, unit, better }: TrendFinding,
): Html | null {
  const dots = nights.flatMap((night, index) => dotOf(night, measure, xOf(index, nights.length)) ?? []);
  if (dots.length === 0) return null;
  const highest = Math.max(...dots.map(({ high }) => high)) || 1;
  const y = (value: number): string =>
    (TOP_PX + (HEIGHT_PX - TOP_PX - AXIS_PX) * (1 - value / highest)).toFixed(1);
  const last = dots.at(-1);
  const summary = `${label}: ${dots.length} nights, the last ${formatFigure(last?.value ?? null)} ${unit}`;
  return html`<figure class="trend">
    <figcaption>${label} <span>${unit}, ${better} is better</span></figcaption>
    <svg height="${HEIGHT_PX}" role="img" aria-label="${summary}">
      ${ticksWithin(0, highest, TICKS_MAX).map(
        (tick) =>
          html`<line class="grid" x1="${LEFT_SHARE}%" x2="100%" y1="${y(tick)}" y2="${y(tick)}" />
            <text x="${LEFT_SHARE - 1}%" y="${y(tick)}" dy="4" text-anchor="end"
              >${formatFigure(tick)}</text
            >`,
      )}
      ${dots.map(({ x, low, high }) => html`<line class="range" x1="${x}" x2="${x}" y1="${y(low)}" y2="${y(high)}" />`)}
      ${dots.slice(1).map(({ x, value }, index) => {
        const before = dots[index];
        return before === undefined
          ? null
          : html`<line class="course" x1="${before.x}" x2="${x}" y1="${y(before.value)}" y2="${y(value)}" />`;
      })}
      ${dots.map(
        ({ night, x, value }) =>
          html`<circle
            class="${night.verdict.passed ? 'good' : 'bad'}"
            cx="${x}"
            cy="${y(value)}"
            r="${DOT_PX}"
          >
            <title>
              ${night.startedAt.slice(0, 16)}: ${formatFigure(value)} ${unit}, ${nightBadge(night).label}
            </title>
          </circle>`,
      )}
      <text x="${LEFT_SHARE}%" y="${HEIGHT_PX - 4}">${dayOf(nights[0])}</text>
      <text x="${100 - RIGHT_SHARE}%" y="${HEIGHT_PX - 4}" text-anchor="end">
        ${nights.length === 1 ? '' : dayOf(nights.at(-1))}
      </text>
    </svg>
  </figure>`;
}

function dotOf(night: Night, measure: string, x: string): Dot | null {
  const value = night.trend.find((finding) => finding.measure === measure)?.value ?? null;
  if (value === null) return null;
  const rounds = night.bench.rounds.flatMap((round) => round[measure] ?? []);
  return { night, x, value, low: Math.min(value, ...rounds), high: Math.max(value, ...rounds) };
}

function xOf(index: number, count: number): string {
  const [from, to] = [LEFT_SHARE + 1, 100 - RIGHT_SHARE];
  return `${(count === 1 ? (from + to) / 2 : from + ((to - from) * index) / (count - 1)).toFixed(2)}%`;
}

function dayOf(night: Night | undefined): string {
  return night?.startedAt.slice(0, 10) ?? NONE;
}
