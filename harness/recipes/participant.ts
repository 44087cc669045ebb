import type { Prng } from '../../server/base/prng.ts';
import { Client } from '../client/client.ts';
import { KeeperError, NoSessionError, outcomeOfError } from '../client/keeper-errors.ts';
import { pause } from '../ensemble/wait-until.ts';
import { recordingTo } from '../transcript/recording-stream.ts';
import type { TranscriptWriter } from '../transcript/transcript-writer.ts';

/** What came of a request. Refused: it certainly had no effect. Unknown: it may have had, or may still have one. */
export type Attempt<T> =
  | { readonly outcome: 'ok'; readonly value: T }
  | { readonly outcome: 'refused' | 'unknown'; readonly code: number };

export interface ParticipantOptions {
  /** From 0; unique within the transcript. */
  readonly number: number;
  readonly connectString: string;
  readonly sessionTimeoutMs: number;
  readonly root: string;
  readonly prng: Prng;
  readonly transcript: TranscriptWriter;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
  /** Called with what came of each request, and when it was made (`performance.now()`). */
  readonly onAttempt?: (outcome: Attempt<unknown>['outcome'], madeMs: number) => void;
}

const CONNECTION_LOSS = -4;
const CONNECT_TIMEOUT_MS = 5_000;
const RETRY_MS = 10;

/** One who takes part in a recipe: a client that makes itself a new session when its old one has ended. */
export class Participant {
  readonly number: number;
  /** Of its own: nobody else draws from it. */
  readonly prng: Prng;
  readonly root: string;
  readonly #options: ParticipantOptions;
  readonly #aborted: Promise<void>;
  #client: Client | null = null;
  /** Several requests may wait for one session. */
  #opening: Promise<Client | null> | null = null;
  #values = 0;
  #sessions = 0;

  constructor(options: ParticipantOptions) {
    this.#options = options;
    this.number = options.number;
    this.prng = options.prng;
    this.root = options.root;
    this.#aborted = aborted(options.signal);
  }

  /** How many sessions it has had: what belonged to an earlier one (ephemerals, watches) is gone. */
  get sessions(): number {
    return this.#sessions;
  }

  get signal(): AbortSignal {
    return this.#options.signal;
  }

  /** A value that nobody writes a second time: `3.17`, the 17th of participant 3. */
  unique(): Buffer {
    this.#values++;
    return Buffer.from(`${this.number}.${this.#values}`);
  }

  /** Puts on record what no server is told. */
  note(note: Readonly<Record<string, unknown>>): void {
    this.#options.transcript.note(this.number, note);
  }

  /** Asks once, as soon as there is a connection. `code`: as of `KeeperError`. Only bugs of ours are thrown. */
  async attempt<T>(request: (client: Client) => Promise<T>): Promise<Attempt<T>> {
    const client = await this.#connected();
    if (client === null) return { outcome: 'refused', code: CONNECTION_LOSS };
    const madeMs = performance.now();
    const attempt = await ask(client, request);
    this.#options.onAttempt?.(attempt.outcome, madeMs);
    return attempt;
  }

  /** Asks until it is answered, for what may be done twice. Null when the run has ended before. */
  async insist<T>(request: (client: Client) => Promise<T>): Promise<Attempt<T> | null> {
    while (!this.signal.aborted) {
      const attempt = await this.attempt(request);
      if (attempt.outcome !== 'unknown') return attempt;
      await pause(RETRY_MS, this.signal);
    }
    return null;
  }

  /** Ends the session. What it had is gone when this resolves, if a server could be told. */
  async leave(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    if (client?.isConnected === true) await client.close();
    else client?.destroy();
  }

  /** Drops the connection and leaves the session to expire, as a process does that is killed. */
  vanish(): void {
    this.#client?.destroy();
    this.#client = null;
  }

  /** Null when the run has ended. */
  async #connected(): Promise<Client | null> {
    while (!this.signal.aborted) {
      const client = this.#client ?? (await this.#session());
      if (client === null) return null;
      if (client.isConnected) return client;
      await Promise.race([client.untilConnected(), this.#aborted]);
      if (client.hasEnded && this.#client === client) this.#client = null;
    }
    return null;
  }

  #session(): Promise<Client | null> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #open(): Promise<Client | null> {
    const { connectString, sessionTimeoutMs, transcript, number, signal } = this.#options;
    while (!signal.aborted) {
      try {
        const client = await Client.connect({
          connectString,
          sessionTimeoutMs,
          connectTimeoutMs: CONNECT_TIMEOUT_MS,
          open: recordingTo(transcript, number),
        });
        this.#sessions++;
        this.#client = client;
        return client;
      } catch (error) {
        if (!(error instanceof NoSessionError || error instanceof KeeperError)) throw error;
        await pause(RETRY_MS, signal);
      }
    }
    return null;
  }
}

async function ask<T>(client: Client, request: (client: Client) => Promise<T>): Promise<Attempt<T>> {
  try {
    return { outcome: 'ok', value: await request(client) };
  } catch (error) {
    if (!(error instanceof KeeperError)) throw error;
    const isKnown = outcomeOfError(error.code, { reads: false }) === 'fail';
    return { outcome: isKnown ? 'refused' : 'unknown', code: error.code };
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
