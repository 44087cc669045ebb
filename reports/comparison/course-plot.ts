import type { Comparison, ComparisonRound, Course } from '../../harness/history/comparison-schema.ts';
import { formatDuration, formatRate } from '../format.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { counts } from './figures.ts';

const WIDTH = 1000;
const HEIGHT = 100;
const HEIGHT_PX = 84;
const AXIS_PX = 18;
/** After the slowest round was as before, so much of the same is shown. */
const TICKS_S = [-1, 0, 1, 2, 5, 10, 20, 30, 60];
/** What comes back to this share of what was usual before is back. */
const BACK_SHARE = 0.7;
const AFTER_BACK_MS = 1500;

/** The rounds of each arm laid over each other, so that the faults are one below the other. Null without a fault. */
export function coursePlots(comparison: Comparison): Html | null {
  const rounds = comparison.rounds.filter((round) => counts(round) && round.course !== null);
  if (rounds.length === 0) return null;
  const toMs = Math.max(...rounds.map(({ course }) => (course === null ? 0 : shownUntilMs(course))));
  const fromMs = Math.min(...rounds.map(({ course }) => course?.fromMs ?? 0));
  const highest = Math.max(...rounds.flatMap(({ course }) => course?.opsPerSecond ?? []), 1);
  const share = (ms: number): number => (ms - fromMs) / (toMs - fromMs);
  return html`<figure class="strips courses">
    <figcaption>
      Operations a second about the fault
      <span>every round a line, up to ${formatRate(highest)}; the fault took effect at 0</span>
    </figcaption>
    ${comparison.arms.map(({ name }, arm) => {
      const own = rounds.filter((round) => round.arm === arm);
      return html`<div class="strip">
        <span title="${name}">${name}</span>
        <svg
          height="${HEIGHT_PX}"
          viewBox="0 0 ${WIDTH} ${HEIGHT}"
          preserveAspectRatio="none"
          role="img"
          aria-label="${name}: ${own.length} rounds over ${formatDuration(toMs - fromMs)}"
        >
          <line class="fault" x1="${x(share(0))}" x2="${x(share(0))}" y1="0" y2="${HEIGHT}" />
          ${own.map((round) => line(round, { share, highest, arm, toMs }))}
        </svg>
      </div> `;
    })}
    <div class="strip axis" aria-hidden="true">
      <span></span>
      <svg height="${AXIS_PX}">
        ${TICKS_S.filter((tick) => tick * 1000 >= fromMs && tick * 1000 <= toMs).map(
          (tick) =>
            html`<text x="${(100 * share(tick * 1000)).toFixed(1)}%" y="${AXIS_PX - 5}" text-anchor="middle">
              ${tick} s
            </text>`,
        )}
      </svg>
    </div>
  </figure>`;
}

function line(
  { course }: ComparisonRound,
  {
    share,
    highest,
    arm,
    toMs,
  }: {
    readonly share: (ms: number) => number;
    readonly highest: number;
    readonly arm: number;
    readonly toMs: number;
  },
): Html | null {
  if (course === null) return null;
  const { intervalMs, fromMs, opsPerSecond } = course;
  const points = opsPerSecond.flatMap((rate, index) => {
    const atMs = fromMs + (index + 0.5) * intervalMs;
    return atMs > toMs ? [] : [`${x(share(atMs))},${(HEIGHT * (1 - (0.95 * rate) / highest)).toFixed(1)}`];
  });
  return html`<polyline
    class="arm-${arm % 8}"
    points="${points.join(' ')}"
    vector-effect="non-scaling-stroke"
  />`;
}

/** A little longer than until it is back at what it was before the fault. */
function shownUntilMs({ intervalMs, fromMs, opsPerSecond }: Course): number {
  const faultAt = Math.max(0, Math.round(-fromMs / intervalMs));
  const before = opsPerSecond.slice(0, faultAt);
  const usual = before.reduce((sum, rate) => sum + rate, 0) / Math.max(1, before.length);
  const lastLow = opsPerSecond.findLastIndex((rate, index) => index >= faultAt && rate < BACK_SHARE * usual);
  // The end of a load is no fault.
  const isTail = lastLow >= opsPerSecond.length - 2;
  const low = isTail
    ? opsPerSecond.findIndex((rate, index) => index > faultAt + 1 && rate >= BACK_SHARE * usual)
    : lastLow;
  const endMs = fromMs + opsPerSecond.length * intervalMs;
  return Math.min(endMs, Math.max(0, fromMs + (low + 1) * intervalMs) + AFTER_BACK_MS);
}

function x(share: number): string {
  return (WIDTH * share).toFixed(1);
}
