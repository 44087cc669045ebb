import type { SimEvent } from './event-queue.ts';

/**
 * One life of a process, from its start to its end. Events belong to one: when the process is dead they do not
 * happen, and while it is stopped they wait.
 */
export class Lifetime {
  /** Of the host, for the run's hash and the trace. */
  readonly hostId: number;
  isAlive = true;
  isPaused = false;
  /** What became due while it was stopped. */
  readonly backlog: SimEvent[] = [];

  constructor(hostId: number) {
    this.hostId = hostId;
  }
}

/** Thrown to end a process in the middle of what it does, as `process.exit` would. Nobody but the world catches it. */
export class ProcessEnded extends Error {
  override readonly name = 'ProcessEnded';
}
