/** Round numbers from one to the other, about as many as `countMax` and no more than one beyond it. */
export function ticksWithin(from: number, to: number, countMax: number): number[] {
  const step = niceStep((to - from) / countMax);
  const ticks: number[] = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to + step * 1e-9; tick += step) ticks.push(tick);
  return ticks;
}

/** The next of 1, 2, 5, 10, … */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10) * power;
}
