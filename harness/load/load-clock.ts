/** Nanoseconds since the run's start, whole and never going back. All generators of a run have the same zero. */
export interface LoadClock {
  nowNs(): number;
}

/** So often are the two clocks looked at to find how far apart they are. */
const LOOKS = 16;

/** @param startNs the run's start, a `process.hrtime.bigint()` of any process of this machine. */
export function monotonicClock(startNs: bigint): LoadClock {
  // `performance.now` reads the same clock as `hrtime` and makes no bigint.
  // Whoever loses the CPU between the two looks is off by that time: the pair that came closest together counts.
  let offsetNs = -Infinity;
  for (let look = 0; look < LOOKS; look++) {
    offsetNs = Math.max(offsetNs, Number(process.hrtime.bigint() - startNs) - performance.now() * 1e6);
  }
  return { nowNs: () => Math.floor(performance.now() * 1e6 + offsetNs) };
}
