import { Worker } from 'node:worker_threads';

/** What the pacemaker's thread reads: a wish, and whether there is one. */
export interface PacemakerWish {
  /** Of `process.hrtime`, in ns since `PacemakerData.startNs`. */
  readonly dueNs: Float64Array;
  /** One of `PACEMAKER`. */
  readonly state: Int32Array;
}

export interface PacemakerData {
  readonly memory: SharedArrayBuffer;
  readonly startNs: bigint;
}

export const PACEMAKER = { idle: 0, armed: 1, stopped: 2 } as const;

const MEMORY_BYTES = 16;

export function pacemakerWish(memory: SharedArrayBuffer): PacemakerWish {
  return { dueNs: new Float64Array(memory, 0, 1), state: new Int32Array(memory, 8, 1) };
}

/**
 * A timer with a grain of some ten microseconds, where Node's have one of a millisecond: a thread that sleeps on a
 * futex until the time has come and then sends a message. It costs some microseconds of both threads for each
 * waking; turning the event loop until the time has come would cost all of a core.
 */
export class Pacemaker {
  readonly #wish: PacemakerWish;
  readonly #worker: Worker;

  /** `startNs`: the zero of the times that `wakeAt` gets. */
  constructor(startNs: bigint, onWake: () => void) {
    const memory = new SharedArrayBuffer(MEMORY_BYTES);
    const workerData: PacemakerData = { memory, startNs };
    this.#wish = pacemakerWish(memory);
    this.#worker = new Worker(new URL('./pacemaker-thread.js', import.meta.url), { workerData });
    this.#worker.on('message', onWake);
    this.#worker.unref();
  }

  /** Calls back soon after `dueNs`; a wish that has not come true yet is replaced. */
  wakeAt(dueNs: number): void {
    this.#wish.dueNs[0] = dueNs;
    Atomics.store(this.#wish.state, 0, PACEMAKER.armed);
    Atomics.notify(this.#wish.state, 0);
  }

  stop(): void {
    Atomics.store(this.#wish.state, 0, PACEMAKER.stopped);
    Atomics.notify(this.#wish.state, 0);
  }
}
