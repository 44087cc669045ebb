import { NONE } from '../history/op.ts';
import type { Arrivals } from './arrivals.ts';
import type { Lane, LaneContext } from './lane.ts';
import { LatencyHistogram } from './latency-histogram.ts';

/** How operations are started: as soon as there is room, or when an open loop's schedule says so. */
export type Loop = { readonly type: 'closed' } | { readonly type: 'open'; readonly arrivals: Arrivals };

export interface LoadEngineOptions {
  readonly context: LaneContext;
  readonly lanes: readonly Lane[];
  /** An arrival of an open loop that found no connection with room for so long is given up. In ns. */
  readonly abandonAfterNs: number;
}

/**
 * Starts operations on the lanes of one generator process. It has no timer of its own: the owner calls `pace` when
 * something may be due, `turnEnded` when a connection has delivered a chunk.
 *
 * In an open loop what is due and cannot be sent, for want of a connection or of room on any, waits in the
 * schedule itself and keeps its intended start. What waits too long is abandoned and counts as a failure: it was
 * meant to happen, and it did not.
 */
export class LoadEngine {
  readonly #context: LaneContext;
  readonly #lanes: readonly Lane[];
  readonly #abandonAfterNs: number;
  #loop: Loop | null = null;
  #nextLane = 0;

  /** While no lane has room, being late is the servers' doing and not the generator's. */
  #isBlocked = false;
  #blockedUntilNs = 0;
  #abandoned = 0;
  readonly #lag: LatencyHistogram = new LatencyHistogram(2);
  #onIdle: (() => void) | null = null;

  constructor(options: LoadEngineOptions) {
    this.#context = options.context;
    this.#lanes = options.lanes;
    this.#abandonAfterNs = options.abandonAfterNs;
  }

  /** By how much the generator itself was late to send what was due, in ns. Of open loops only. */
  get lag(): LatencyHistogram {
    return this.#lag;
  }

  /** Arrivals given up, since the last call. */
  takeAbandoned(): number {
    const count = this.#abandoned;
    this.#abandoned = 0;
    return count;
  }

  get inFlight(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.inFlight, 0);
  }

  /** Something is due and no lane has room for it: what makes room paces by itself. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** When an open loop wants to be paced next, in ns; Infinity in a closed loop. */
  get nextDueNs(): number {
    return this.#loop?.type === 'open' ? this.#loop.arrivals.nextNs : Infinity;
  }

  start(loop: Loop): void {
    this.#loop = loop;
    this.#isBlocked = false;
    this.#blockedUntilNs = 0;
    this.pace();
  }

  /** Starts what is due, and nothing more. What an open loop finds no room for is abandoned. */
  stop(): void {
    const loop = this.#loop;
    this.#loop = null;
    if (loop?.type !== 'open') return;
    const nowNs = this.#startDue(loop.arrivals);
    this.#abandon(loop.arrivals, nowNs);
  }

  /** Resolves when nothing is in flight and, unless `stop` was called, no source has anything left. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      this.#noticeIdle();
    });
  }

  /** Fills every lane that has room with what is due. */
  pace(): void {
    const loop = this.#loop;
    if (loop?.type === 'open') this.#startDue(loop.arrivals);
    else if (loop !== null) for (const lane of this.#lanes) fill(lane);
    this.#noticeIdle();
  }

  /** `lane` has been attached to a connection, or has had answers. */
  turnEnded(lane: Lane): void {
    lane.endTurn();
    if (this.#loop?.type === 'closed') fill(lane);
    else if (this.#loop !== null) this.#startDue(this.#loop.arrivals);
    if (this.#onIdle !== null) this.#noticeIdle();
  }

  /** @returns what time it took it to be. */
  #startDue(arrivals: Arrivals): number {
    const nowNs = this.#context.clock.nowNs();
    while (arrivals.nextNs <= nowNs) {
      const lane = this.#laneWithRoom();
      if (lane === null) {
        this.#isBlocked = true;
        this.#abandon(arrivals, nowNs - this.#abandonAfterNs);
        break;
      }
      if (this.#isBlocked) {
        this.#isBlocked = false;
        this.#blockedUntilNs = nowNs;
      }
      this.#lag.record(nowNs - Math.max(arrivals.nextNs, this.#blockedUntilNs));
      this.#context.stats.availability.intended(arrivals.nextNs);
      lane.issue(Math.floor(arrivals.nextNs));
      arrivals.advance();
    }
    for (const lane of this.#lanes) lane.flush();
    return nowNs;
  }

  /** In turn, so that the arrivals spread over the connections as over independent clients. */
  #laneWithRoom(): Lane | null {
    const { length } = this.#lanes;
    for (let tried = 0; tried < length; tried++) {
      const lane = this.#lanes[this.#nextLane] as Lane;
      this.#nextLane = this.#nextLane + 1 === length ? 0 : this.#nextLane + 1;
      if (lane.hasRoom) return lane;
    }
    return null;
  }

  #abandon(arrivals: Arrivals, untilNs: number): void {
    while (arrivals.nextNs <= untilNs) {
      this.#abandoned++;
      this.#context.stats.availability.intended(arrivals.nextNs);
      arrivals.advance();
    }
  }

  #noticeIdle(): void {
    if (this.#onIdle === null || this.inFlight > 0) return;
    if (this.#loop !== null && !this.#lanes.every((lane) => lane.source.isExhausted)) return;
    const resolve = this.#onIdle;
    this.#onIdle = null;
    resolve();
  }
}

function fill(lane: Lane): void {
  while (lane.hasRoom && lane.issue(NONE)) {
    // Until there is no room, or nothing to do.
  }
  lane.flush();
}
