/** Nanoseconds since the run's start, whole and never going back. All generators of a run have the same zero. */
export interface LoadClock {
  nowNs(): number;
}

/** @param startNs the run's start, a `process.hrtime.bigint()` of any process of this machine. */
export function monotonicClock(startNs: bigint): LoadClock {
  // `performance.now` reads the same clock as `hrtime` and makes no bigint.
  const offsetNs = Number(process.hrtime.bigint() - startNs) - performance.now() * 1e6;
  return { nowNs: () => Math.floor(performance.now() * 1e6 + offsetNs) };
}
