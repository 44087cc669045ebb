/** Toxiproxy refused something, did not answer in time, or is not there. */
export class ToxiproxyError extends Error {
  override readonly name = 'ToxiproxyError';
  readonly code = 'toxiproxy';
  /** The answer's; null where there was none. */
  readonly status: number | null;

  constructor(message: string, status: number | null = null) {
    super(message);
    this.status = status;
  }
}
