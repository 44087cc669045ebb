import { pause } from '../ensemble/wait-until.ts';
import type { Participant } from './participant.ts';

/** How long one step waits: so long that steps are mostly of those who do something. */
const WAIT_MS = 250;
/** After which one looks again: the session that was to be told may have ended. */
const LOOK_AGAIN_MS = 1_000;

/** Waits for a change of one znode, a little at a time. */
export class ZnodeWatch {
  readonly #participant: Participant;
  /** Aborted with the change. Null while nothing is waited for. */
  #change: AbortSignal | null = null;
  #setMs = 0;

  constructor(participant: Participant) {
    this.#participant = participant;
  }

  /** Begins to wait for the znode's end, or for its creation. @returns whether it is there; null if that could not be learnt. */
  async set(path: string): Promise<boolean | null> {
    this.#change = null;
    this.#setMs = performance.now();
    const change = new AbortController();
    const found = await this.#participant.attempt((client) => client.exists(path, () => change.abort()));
    if (found.outcome !== 'ok') return null;
    this.#change = change.signal;
    return found.value !== null;
  }

  forget(): void {
    this.#change = null;
  }

  /** Waits a little. @returns whether there may be something new to see. */
  async isOver(): Promise<boolean> {
    const change = this.#change;
    if (change === null || performance.now() - this.#setMs > LOOK_AGAIN_MS) return true;
    await pause(WAIT_MS, AbortSignal.any([change, this.#participant.signal]));
    return change.aborted;
  }
}
