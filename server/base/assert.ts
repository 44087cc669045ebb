/** Our own bug: an invariant of this program does not hold. Nobody handles it; the process exits. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/**
 * States what must hold. Kept on in production: a server that has lost an invariant must stop rather than
 * acknowledge something it may not have. On a hot path pass a constant message, and build one with values
 * only where the condition has already failed (`if (!ok) unreachable(...)`).
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** For the branch that cannot be taken. */
export function unreachable(message: string): never {
  throw new AssertionError(message);
}
