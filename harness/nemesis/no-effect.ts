/**
 * A fault was injected and nothing shows that anything became of it, or healed and nothing shows that it is over. A run
 * with such a fault has not been tested by it: its verdict is `unknown`.
 */
export class NoEffectError extends Error {
  override readonly name = 'NoEffectError';
  readonly code = 'no-effect';

  /** `what`: what was looked at and what it showed instead, with numbers. */
  constructor(what: string) {
    super(`took no effect: ${what}`);
  }
}
