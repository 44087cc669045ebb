import type { ByteStream, Cancel, Clock, Dialer, Endpoint, StreamHandler, Timers } from '../base/ports.ts';
import { PeerOutput } from './peer-output.ts';
import { Watchdog } from './watchdog.ts';

/** A leader may not be up yet when its voters are: they ask again, at first after this. */
const REDIAL_MIN_MS = 5;
const REDIAL_MAX_MS = 100;

export interface LeaderCallOptions {
  readonly leader: Endpoint;
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly timers: Timers;
  /** For connecting to a leader that is not there yet, ms. */
  readonly connectLimitMs: number;
  /** Of silence, until `setPatience` says otherwise, ms. */
  readonly patienceMs: number;
  /** Connected: `output` is there. */
  readonly onOpen: () => void;
  /** Good during the call only. */
  readonly onBytes: (chunk: Uint8Array) => void;
  /**
   * Nothing more will come; `hangUp` is still the owner's to call. `isLeaderDown`: there is good reason to believe
   * that the leader is not running.
   */
  readonly onLost: (why: string, isLeaderDown: boolean) => void;
}

/** A learner's one connection to its leader: dialled until it is taken, watched for silence, hung up once. */
export class LeaderCall {
  readonly #options: LeaderCallOptions;
  readonly #giveUpAtMs: number;
  #redialMs = REDIAL_MIN_MS;
  #cancelDial: Cancel = () => undefined;
  #stream: ByteStream | null = null;
  #output: PeerOutput | null = null;
  #watchdog: Watchdog | null = null;
  #isPaused = false;

  constructor(options: LeaderCallOptions) {
    this.#options = options;
    this.#giveUpAtMs = options.clock.monotonicMs() + options.connectLimitMs;
  }

  /** Calls, and calls again until somebody answers or the limit for it is over. */
  dial(): void {
    const { dialer, leader, connectLimitMs } = this.#options;
    this.#cancelDial = dialer.dial(leader, {
      timeoutMs: connectLimitMs,
      onOpen: (stream) => this.#onOpen(stream),
      onFailed: (why) => this.#onDialFailed(why),
    });
  }

  /** What is to be said to the leader; null before it has answered and after the end. */
  get output(): PeerOutput | null {
    return this.#output;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Another limit of silence from now on, ms. */
  setPatience(limitMs: number): void {
    this.#watchdog?.setLimit(limitMs);
  }

  /** Whether what the leader sends is wanted now; meanwhile it stays in the network. */
  setReading(mayRead: boolean): void {
    if (this.#stream === null || mayRead === !this.#isPaused) return;
    this.#isPaused = !mayRead;
    if (this.#isPaused) this.#stream.pause();
    else {
      // It is not the leader's silence that nothing came.
      this.#watchdog?.heard();
      this.#stream.resume();
    }
  }

  /** Ends it from our side; nothing of it comes afterwards. */
  hangUp(): void {
    this.#cancelDial();
    this.#watchdog?.stop();
    const stream = this.#stream;
    this.#stream = null;
    // What was still to be said is nobody's any more.
    this.#output = null;
    stream?.destroy();
  }

  #onDialFailed(why: string): void {
    const { clock, timers, onLost } = this.#options;
    if (clock.monotonicMs() >= this.#giveUpAtMs) {
      onLost(`the leader cannot be reached: ${why}`, true);
      return;
    }
    this.#cancelDial = timers.after(this.#redialMs, () => this.dial());
    this.#redialMs = Math.min(2 * this.#redialMs, REDIAL_MAX_MS);
  }

  #onOpen(stream: ByteStream): StreamHandler {
    const { clock, timers, patienceMs, onOpen, onBytes, onLost } = this.#options;
    this.#stream = stream;
    this.#output = new PeerOutput(stream);
    this.#watchdog = new Watchdog({ clock, timers, limitMs: patienceMs, onSilent: () => this.#onSilent() });
    onOpen();
    return {
      onBytes: (chunk) => {
        if (this.#stream === null) return;
        this.#watchdog?.heard();
        onBytes(chunk);
      },
      onDrain: () => {
        // What is written here is small; nothing waits for room.
      },
      onClosed: () => {
        if (this.#stream !== null) onLost('the leader closed the connection', false);
      },
    };
  }

  /** Who does not read has no right to call the other one silent; but it has lost touch all the same. */
  #onSilent(): void {
    const { onLost } = this.#options;
    if (this.#isPaused) onLost('the disk takes too long for what the leader sends', false);
    else onLost('nothing was heard of the leader for too long', true);
  }
}
