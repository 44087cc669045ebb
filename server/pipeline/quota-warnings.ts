import type { Log } from '../base/log.ts';
import type { Turn } from '../base/turn.ts';
import type { QuotaExcess } from '../tree/quotas.ts';

/** Between two lines, ms: a client that goes on and on must not fill the log. */
const INTERVAL_MS = 1000;

/** Tells the operator of quotas that were exceeded, in Apache's words and not at every request. */
export class QuotaWarnings {
  readonly #log: Log;
  readonly #turn: Turn;
  #lastMs = -Infinity;
  #untold = 0;

  constructor(log: Log, turn: Turn) {
    this.#log = log;
    this.#turn = turn;
  }

  readonly onExceeded = ({ path, what, isHard, limit, wanted }: QuotaExcess): void => {
    const { nowMs } = this.#turn;
    if (nowMs - this.#lastMs < INTERVAL_MS) {
      this.#untold++;
      return;
    }
    const limitName = `${isHard ? 'hard' : 'soft'}${what === 'count' ? 'CountLimit' : 'ByteLimit'}`;
    const more = this.#untold === 0 ? '' : `, and ${this.#untold} more since the last line`;
    this.#log.warn(
      'Quota',
      `Quota exceeded: ${path} [current ${what}=${wanted}, ${limitName}=${limit}]${more}`,
    );
    this.#lastMs = nowMs;
    this.#untold = 0;
  };
}
