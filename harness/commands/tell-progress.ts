import type { ExerciseTools } from './exercise.ts';

const PROGRESS_MS = 1000;

/** How many operations have ended well, and how many not, since the tally began; it may begin anew. */
export interface Tally {
  readonly ok: number;
  readonly failed: number;
}

/** Tells once a second what has come since it was told last. @returns what ends it. */
export function tellProgress(
  tally: () => Tally,
  nowMs: () => number,
  onProgress: ExerciseTools['onProgress'],
): () => void {
  let before: Tally = { ok: 0, failed: 0 };
  const timer = setInterval(() => {
    const { ok, failed } = tally();
    if (ok < before.ok || failed < before.failed) before = { ok: 0, failed: 0 };
    onProgress({
      second: Math.floor(nowMs() / 1000),
      opsPerSecond: ok - before.ok,
      errors: failed - before.failed,
      p99Ms: null,
    });
    before = { ok, failed };
  }, PROGRESS_MS);
  return () => clearInterval(timer);
}
