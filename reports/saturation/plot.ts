import { html } from '../html.ts';
import type { Html } from '../html.ts';

/** A quantity along one side of a plot. */
export interface Axis {
  /** `even`: the values one beside the other, whatever they are. */
  readonly scale: 'linear' | 'log' | 'even';
  readonly format: (value: number) => string;
}

export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  /** For who points at it. */
  readonly title: string;
  /** What its circle looks like; that of its line unless told. */
  readonly tone?: 'good' | 'bad' | 'warn';
}

export interface PlotLine {
  readonly label: string;
  /** Of the style sheet's `--series-n`. */
  readonly colour: number;
  /** Whether its points are joined, in their order. */
  readonly isJoined: boolean;
  readonly points: readonly PlotPoint[];
}

export interface Plot {
  readonly title: string;
  readonly subtitle: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly PlotLine[];
  /** A value of x with a line of its own. */
  readonly mark?: { readonly x: number; readonly label: string } | undefined;
}

const LEFT = 9;
const RIGHT = 95;
const TOP_PX = 18;
const BOTTOM_PX = 206;
const LABELS_PX = 226;
const TICKS_MAX = 6;

/** Drawn without a script: lengths across are shares of the width, so that it has no size of its own and text none either. */
export function renderPlot({ title, subtitle, x, y, lines, mark }: Plot): Html | null {
  const points = lines.flatMap((line) => line.points);
  if (points.length === 0) return null;
  const xs = [...new Set(points.map((point) => point.x))].sort((a, b) => a - b);
  const ys = points.map((point) => point.y);
  const across = positions(x.scale, xs);
  const up = positions(y.scale, y.scale === 'linear' ? [0, Math.max(...ys)] : ys);
  const atX = (value: number): string => `${(LEFT + (RIGHT - LEFT) * across(value)).toFixed(2)}%`;
  const atY = (value: number): string => (BOTTOM_PX - (BOTTOM_PX - TOP_PX) * up(value)).toFixed(1);
  return html`<figure class="plot">
    <figcaption>${title} <span>${subtitle}</span></figcaption>
    <svg role="img" aria-label="Plot: ${title}, ${subtitle}">
      ${ticksOf(y.scale, ys).map(
        (tick) =>
          html`<line class="grid" x1="0" x2="100%" y1="${atY(tick)}" y2="${atY(tick)}" /><text
              x="0"
              y="${Number(atY(tick)) - 4}"
              >${y.format(tick)}</text
            >`,
      )}
      ${ticksOf(x.scale, xs).map(
        (tick) => html`<text class="x" x="${atX(tick)}" y="${LABELS_PX}">${x.format(tick)}</text>`,
      )}
      ${
        mark === undefined
          ? null
          : html`<line
              class="mark"
              x1="${atX(mark.x)}"
              x2="${atX(mark.x)}"
              y1="${TOP_PX}"
              y2="${BOTTOM_PX}"
            />`
      }
      ${lines.map((line) => renderLine(line, atX, atY))}
    </svg>
    <ul class="keys">
      ${
        lines.length === 1 && mark === undefined
          ? null
          : lines.map((line) => html`<li><i class="s${line.colour}"></i>${line.label}</li> `)
      }
      ${mark === undefined ? null : html`<li><i class="mark"></i>${mark.label}</li>`}
    </ul>
  </figure>`;
}

function renderLine(
  { points, colour, isJoined }: PlotLine,
  atX: (value: number) => string,
  atY: (value: number) => string,
): Html {
  return html`<g class="s${colour}">
    ${
      isJoined
        ? points.slice(1).map((to, index) => {
            const from = points[index] ?? to;
            return html`<line x1="${atX(from.x)}" y1="${atY(from.y)}" x2="${atX(to.x)}" y2="${atY(to.y)}" />`;
          })
        : null
    }
    ${points.map(
      ({ x, y, title, tone }) =>
        html`<circle class="${tone ?? 'own'}" cx="${atX(x)}" cy="${atY(y)}" r="4"
          ><title>${title}</title></circle
        >`,
    )}
  </g>`;
}

/** From 0 to 1 between the least and the greatest of them. */
function positions(scale: Axis['scale'], values: readonly number[]): (value: number) => number {
  if (scale === 'even') {
    return (value) => (values.length < 2 ? 0.5 : values.indexOf(value) / (values.length - 1));
  }
  const of = scale === 'log' ? Math.log : (value: number): number => value;
  const low = of(Math.min(...values));
  const high = of(Math.max(...values));
  return (value) => (high === low ? 0.5 : (of(value) - low) / (high - low));
}

function ticksOf(scale: Axis['scale'], values: readonly number[]): readonly number[] {
  switch (scale) {
    case 'even':
      return every(Math.ceil(values.length / TICKS_MAX), values);
    case 'linear':
      return linearTicks(Math.max(...values));
    case 'log':
      return logTicks(Math.min(...values), Math.max(...values));
  }
}

function every(step: number, values: readonly number[]): readonly number[] {
  return values.filter((_, index) => index % step === 0);
}

function linearTicks(max: number): readonly number[] {
  if (max <= 0) return [0];
  const rough = max / 4;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = decade * ([1, 2, 5, 10].find((factor) => factor * decade >= rough) ?? 10);
  return Array.from({ length: Math.floor(max / step) + 1 }, (_, index) => index * step);
}

/** 1, 2 and 5 of every decade, or as many of them as there is room for; of a narrow range its ends. */
function logTicks(min: number, max: number): readonly number[] {
  const ticks: number[] = [];
  for (let decade = 10 ** Math.floor(Math.log10(min)); decade <= max; decade *= 10) {
    ticks.push(...[decade, 2 * decade, 5 * decade].filter((tick) => tick >= min && tick <= max));
  }
  if (ticks.length < 2) return min === max ? [min] : [min, max];
  return every(Math.ceil(ticks.length / TICKS_MAX), ticks);
}
