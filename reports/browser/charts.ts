/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type uPlot from 'uplot';
import type { ChartBand, ChartData, ChartSeries } from '../chart-data.ts';

/*
 * The script of a report's page: everything else on the page works without it. It is embedded as it was
 * compiled, behind uPlot's, so it may import types and nothing else.
 */

type PlotConstructor = new (options: uPlot.Options, data: uPlot.AlignedData, target: HTMLElement) => uPlot;

const Plot = (globalThis as unknown as { uPlot: PlotConstructor }).uPlot;
const data = JSON.parse(document.getElementById('chart-data')?.textContent ?? 'null') as ChartData;
const root = document.documentElement;
const plots: { readonly plot: uPlot; readonly target: HTMLElement; readonly height: number }[] = [];

const CURSOR = { sync: { key: 'run' }, points: { size: 6 } };
// oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the enum exists in uPlot's types only
const LOGARITHMIC = 3 as uPlot.Scale.Distr;
const FONT = '11px system-ui, sans-serif';

function colour(name: string): string {
  return getComputedStyle(root).getPropertyValue(`--${name}`).trim();
}

function colourOf(series: ChartSeries): string {
  return colour(series.colour === 'bad' ? 'bad' : `series-${series.colour}`);
}

function withAlpha(hex: string, alpha: number): string {
  return `${hex}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0')}`;
}

const number = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });

/** Four significant digits are for latencies; a rate is read in full. */
function formatValue(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en-US') : number.format(value);
}

function seriesOptions(series: ChartSeries, unit: string): uPlot.Series {
  const stroke = colourOf(series);
  return {
    label: series.label,
    stroke,
    width: series.style === 'thin' ? 0.75 : 1.25,
    ...(series.style === 'dashed' ? { dash: [5, 4] } : {}),
    ...(series.style === 'area' ? { fill: withAlpha(stroke, 0.09) } : {}),
    points: { show: false },
    value: (_plot, value: number | null, _series, index: number | null) => {
      if (value !== null) return formatValue(value) + unit;
      // Errors have gaps where there were none; without an index the cursor is not on the chart.
      return series.colour === 'bad' && index !== null ? `0${unit}` : '–';
    },
  };
}

function axis(options: uPlot.Axis): uPlot.Axis {
  const line = colour('rule');
  return {
    stroke: colour('muted'),
    font: FONT,
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
    gap: 6,
    ...options,
  };
}

/** Behind the lines: phases and lasting faults, with their names above where there is room. */
function drawBands(plot: uPlot, bands: readonly ChartBand[]): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = `${10 * ratio}px system-ui, sans-serif`;
  ctx.textBaseline = 'bottom';
  for (const band of bands) {
    const from = Math.max(bbox.left, plot.valToPos(band.fromS, 'x', true));
    const to = Math.min(bbox.left + bbox.width, plot.valToPos(band.toS, 'x', true));
    if (to <= from) continue;
    ctx.fillStyle = colour(`band-${band.tone}`);
    ctx.fillRect(from, bbox.top, to - from, bbox.height);
    if (ctx.measureText(band.label).width < to - from) {
      ctx.fillStyle = colour('muted');
      ctx.fillText(band.label, from, bbox.top - 3 * ratio);
    }
  }
  ctx.restore();
}

/** Before the lines: events, numbered as in the list below the chart; close numbers step down, and start over. */
function drawMarks(plot: uPlot): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const size = 15 * ratio;
  const rowEnds: number[] = [];
  const rows = Math.max(1, Math.floor(bbox.height / (size + ratio)));
  ctx.save();
  ctx.font = `600 ${10 * ratio}px system-ui, sans-serif`;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'center';
  for (const mark of data.marks) {
    const x = Math.round(plot.valToPos(mark.atS, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    let row = rowEnds.findIndex((end) => end < x - size / 2);
    if (row === -1) row = rowEnds.length % rows;
    rowEnds[row] = x + size / 2 + ratio;
    const y = bbox.top + (row + 0.5) * (size + ratio);
    ctx.strokeStyle = ctx.fillStyle = colour(mark.isFault ? 'bad' : 'muted');
    ctx.lineWidth = ratio;
    ctx.setLineDash([3 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.beginPath();
    ctx.arc(x, y, size / 2, 0, 2 * Math.PI);
    ctx.fill();
    ctx.fillStyle = colour('paper');
    ctx.fillText(String(mark.number), x, y + 0.5 * ratio);
  }
  ctx.restore();
}

function draw(id: string, height: number, columns: uPlot.AlignedData, options: Partial<uPlot.Options>): void {
  const target = document.getElementById(id);
  if (target === null) return;
  target.replaceChildren();
  const plot = new Plot(
    { width: target.clientWidth, height, legend: { live: true }, series: [], ...options },
    columns,
    target,
  );
  plots.push({ plot, target, height });
}

function drawOverTime(
  id: string,
  height: number,
  lines: readonly ChartSeries[],
  options: { readonly unit: string; readonly y: Scaled },
): void {
  const columns = [data.timeS, ...lines.map((line) => line.values)] as unknown as uPlot.AlignedData;
  draw(id, height, columns, {
    cursor: CURSOR,
    padding: [18, 12, 0, 0],
    scales: { x: { time: false }, y: options.y.scale },
    axes: [
      axis({ values: (_plot, ticks) => ticks.map((tick) => `${number.format(tick)} s`), size: 30 }),
      axis({ size: 62, ...options.y.axis }),
    ],
    series: [
      {
        label: 'time',
        value: (_plot, value: number | null) => (value === null ? '–' : `${value.toFixed(2)} s`),
      },
      ...lines.map((line) => seriesOptions(line, options.unit)),
    ],
    hooks: { drawClear: [(plot) => drawBands(plot, data.bands)], draw: [drawMarks] },
  });
}

type Scaled = { readonly scale: uPlot.Scale; readonly axis: uPlot.Axis };

/** A logarithmic axis of milliseconds, as long as its lines need; `headroom`: factor above the highest. */
function logMs(headroom: number): Scaled {
  return {
    scale: { distr: LOGARITHMIC, range: (_plot, min, max) => [min * 0.8, max * headroom] },
    axis: {
      splits: (_plot, _axis, min, max) => logTicks(min, max),
      filter: (_plot, splits) => splits,
      values: (_plot, ticks) => ticks.map((tick) => `${tick.toLocaleString('en-US')} ms`),
    },
  };
}

/** Powers of ten, with 2 and 5 between them where there are few. */
function logTicks(min: number, max: number): number[] {
  const factors = Math.log10(max / min) > 2.2 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.log10(max); power += 1) {
    for (const factor of factors) ticks.push(Number((factor * 10 ** power).toPrecision(1)));
  }
  return ticks.filter((tick) => tick >= min && tick <= max);
}

function percentileLabel(odds: number): string {
  return `${Number(((1 - 1 / odds) * 100).toPrecision(12))}%`;
}

function drawPercentiles(): void {
  const { odds, series } = data.percentiles;
  const y = logMs(1.2);
  const last = odds.at(-1) ?? 10;
  const ticks = [1, 2, ...Array.from({ length: 12 }, (_, power) => 10 ** (power + 1))].filter(
    (tick) => tick <= last * 1.01,
  );
  draw(
    'chart-percentiles',
    300,
    [odds, ...series.map((line) => line.values)] as unknown as uPlot.AlignedData,
    {
      cursor: { points: { size: 6 } },
      padding: [10, 28, 0, 0],
      scales: { x: { time: false, distr: LOGARITHMIC }, y: y.scale },
      axes: [
        axis({
          splits: () => ticks,
          filter: (_plot, splits) => splits,
          values: () => ticks.map(percentileLabel),
          size: 30,
        }),
        axis({ size: 62, ...y.axis }),
      ],
      series: [
        {
          label: 'percentile',
          value: (_plot, value: number | null) =>
            value === null ? '–' : percentileLabel(Number(value.toPrecision(3))),
        },
        ...series.map((line) => seriesOptions(line, ' ms')),
      ],
    },
  );
}

function drawAll(): void {
  for (const { plot } of plots.splice(0)) plot.destroy();
  drawOverTime('chart-throughput', 260, data.throughput, {
    unit: ' /s',
    y: {
      scale: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.15)] },
      axis: { values: (_plot, ticks) => ticks.map((tick) => compact.format(tick)) },
    },
  });
  drawOverTime('chart-latency', 300, data.latency, { unit: ' ms', y: logMs(3) });
  drawOverTime('chart-availability', 120, data.availability, {
    unit: ' %',
    y: {
      scale: { range: [0, 105] },
      axis: { splits: () => [0, 50, 100], values: (_plot, ticks) => ticks.map((tick) => `${tick} %`) },
    },
  });
  drawPercentiles();
}

function setTheme(theme: string | null): void {
  if (theme === null) delete root.dataset['theme'];
  else root.dataset['theme'] = theme;
  drawAll();
}

function currentTheme(): string {
  return root.dataset['theme'] ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
}

let themeBeforePrint: string | null = null;

root.classList.add('has-script');
drawAll();
new ResizeObserver(() => {
  for (const { plot, target, height } of plots) {
    if (target.clientWidth !== plot.width) plot.setSize({ width: target.clientWidth, height });
  }
}).observe(document.body);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
document.getElementById('theme')?.addEventListener('click', () => {
  setTheme(currentTheme() === 'dark' ? 'light' : 'dark');
});
addEventListener('beforeprint', () => {
  themeBeforePrint = root.dataset['theme'] ?? null;
  setTheme('light');
});
addEventListener('afterprint', () => setTheme(themeBeforePrint));
