/** What a part gets of a night. */
export interface Share {
  /** Of what is left, as much as it has of the weights of those that are still to come. */
  readonly weight: number;
  /** Never more than this. */
  readonly capMs?: number;
}

/**
 * What the first of `parts` gets of `leftMs`: what those before it have not used is shared by all that follow, and what
 * they have overdrawn is missed by all.
 */
export function shareOfFirst(parts: readonly Share[], leftMs: number): number {
  const [first] = parts;
  if (first === undefined) return 0;
  const weights = parts.reduce((sum, { weight }) => sum + weight, 0);
  return Math.min(first.capMs ?? Infinity, (Math.max(0, leftMs) * first.weight) / weights);
}

/** Whether another unit, as long as those before on average, still fits. One always does: a part without any is none. */
export function fitsAnother({
  shareMs,
  elapsedMs,
  done,
}: {
  readonly shareMs: number;
  readonly elapsedMs: number;
  readonly done: number;
}): boolean {
  return done === 0 || elapsedMs + elapsedMs / done <= shareMs;
}
