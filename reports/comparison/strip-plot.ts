import type { Comparison, ComparisonMeasure } from '../../harness/history/comparison-schema.ts';
import { formatFigure } from '../format.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { ticksWithin } from '../ticks.ts';
import { valuesOf, withUnit } from './figures.ts';

const LANE_PX = 26;
const DOT_PX = 3.5;
const AXIS_PX = 18;
/** Of the width, free on both sides of the values. */
const MARGIN_SHARE = 4;
const TICKS_MAX = 5;
/** The golden ratio's fraction: neighbours in time lie apart, without chance. */
const SPREAD = 0.618_033_988_75;

/** Every round as a dot, an arm below the other on one scale, their medians as lines. Null without a value. */
export function stripPlot(comparison: Comparison, measure: ComparisonMeasure): Html | null {
  const lanes = comparison.arms.map(({ name }, arm) => ({
    name,
    arm,
    values: valuesOf(comparison, arm, measure.name),
  }));
  const all = lanes.flatMap(({ values }) => values);
  if (all.length === 0) return null;
  const scale = scaleOf(Math.min(...all), Math.max(...all));
  return html`<figure class="strips rounds">
    <figcaption>${measure.label} <span>${measure.unit}, ${measure.better} is better</span></figcaption>
    ${lanes.map(
      ({ name, arm, values }) =>
        html`<div class="strip">
          <span title="${name}">${name}</span>
          <svg height="${LANE_PX}" role="img" aria-label="${describe(name, values, measure)}">
            ${values.map(
              (value, index) =>
                html`<circle
                  class="arm-${arm % 8}"
                  cx="${scale.at(value)}"
                  cy="${dotY(index)}"
                  r="${DOT_PX}"
                />`,
            )}
            ${medianLine(values, scale)}
          </svg>
        </div> `,
    )}
    <div class="strip axis" aria-hidden="true">
      <span></span>
      <svg height="${AXIS_PX}">
        ${scale.ticks.map(
          (tick) =>
            html`<text x="${scale.at(tick)}" y="${AXIS_PX - 5}" text-anchor="middle"
              >${formatFigure(tick)}</text
            >`,
        )}
      </svg>
    </div>
  </figure>`;
}

export function medianOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const { length } = sorted;
  if (length === 0) return null;
  return ((sorted[(length - 1) >> 1] ?? 0) + (sorted[length >> 1] ?? 0)) / 2;
}

function describe(name: string, values: readonly number[], { unit }: ComparisonMeasure): string {
  if (values.length === 0) return `${name}: no value`;
  const extremes = `${withUnit(Math.min(...values), unit)} to ${withUnit(Math.max(...values), unit)}`;
  return `${name}: ${values.length} rounds, ${extremes}, median ${withUnit(medianOf(values), unit)}`;
}

function medianLine(values: readonly number[], { at }: Scale): Html | null {
  const median = medianOf(values);
  if (median === null) return null;
  return html`<line class="median" x1="${at(median)}" x2="${at(median)}" y1="2" y2="${LANE_PX - 2}" />`;
}

function dotY(index: number): string {
  const room = LANE_PX - 2 * DOT_PX - 4;
  return (2 + DOT_PX + ((index * SPREAD) % 1) * room).toFixed(1);
}

interface Scale {
  readonly ticks: readonly number[];
  /** As a share of the width. */
  readonly at: (value: number) => string;
}

/** From 0 where that costs little room, so that a ratio can be seen. */
function scaleOf(min: number, max: number): Scale {
  const from = min >= 0 && min < max / 2 ? 0 : min;
  const to = max > from ? max : from + Math.max(1, Math.abs(from));
  return {
    ticks: ticksWithin(from, to, TICKS_MAX),
    at: (value) =>
      `${(MARGIN_SHARE + ((100 - 2 * MARGIN_SHARE) * (value - from)) / (to - from)).toFixed(2)}%`,
  };
}
