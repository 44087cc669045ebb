import { type Exchange, type Happening, isWrite } from '../transcript/happening.ts';
import { fateOf } from './fate.ts';
import { epochOf, type Known } from './freshness.ts';

interface Life {
  timeoutNs: number;
  /** When what the leader has answered was sent, in order. */
  readonly provenNs: number[];
  /** Of the last one: epochs do not go back within a session. */
  provenEpoch: number;
  /** The last moment at which a server may have heard of it. Infinity while it has a connection. */
  heardNs: number;
  /** Since when its owner knows that it has expired. */
  expired: Known | null;
  /** Requests to end it, whatever became of them. */
  readonly closes: Exchange[];
}

/**
 * How long sessions were certainly alive, and since when they are certainly not, as far as anybody outside can know: a
 * read proves nothing, for a server that lags answers it after the leader has ended the session; a write or a sync that
 * was done passed the leader, and proves that the session was alive when it was sent.
 */
export class SessionLives {
  readonly #lives = new Map<bigint, Life>();
  /** When anybody was told what had passed the leader, in order. */
  readonly #leaderSpokeNs: number[] = [];

  constructor(happenings: readonly Happening[]) {
    const expiredOf = new Map<number, bigint>();
    for (const happening of happenings) {
      switch (happening.type) {
        case 'attached':
          this.#of(happening.session).timeoutNs = happening.timeoutMs * 1e6;
          this.#of(happening.session).heardNs = Infinity;
          break;
        case 'lost':
          this.#of(happening.session).heardNs = happening.atNs;
          break;
        case 'expired':
          // Which epoch it ended in is known from what the next session is told, which was made later.
          this.#of(happening.session).expired = { atNs: happening.atNs, epoch: Infinity };
          expiredOf.set(happening.client, happening.session);
          break;
        case 'request': {
          const { exchange } = happening;
          if (exchange.op?.f === 'closeSession') this.#of(exchange.session).closes.push(exchange);
          if (provesLife(exchange)) this.#prove(exchange);
          break;
        }
        case 'reply': {
          const { exchange } = happening;
          if (provesLife(exchange)) this.#leaderSpokeNs.push(happening.atNs);
          const session = expiredOf.get(exchange.client);
          if (session === undefined || session === exchange.session) break;
          const life = this.#of(session);
          if (life.expired !== null) life.expired = { ...life.expired, epoch: epochOf(exchange) };
          expiredOf.delete(exchange.client);
          break;
        }
        case 'event':
        case 'stray':
        case 'note':
      }
    }
  }

  timeoutNs(session: bigint): number {
    return this.#of(session).timeoutNs;
  }

  /** The requests to end it. */
  closesOf(session: bigint): readonly Exchange[] {
    return this.#of(session).closes;
  }

  /** Since when its owner knows that it has expired; null if it does not. */
  knownExpired(session: bigint): Known | null {
    return this.#of(session).expired;
  }

  /** The last moment at which a server may have heard of it; Infinity if it still has a connection. */
  lastContactNs(session: bigint): number {
    return this.#of(session).heardNs;
  }

  /** Whether it was certainly alive at that time, in the eyes of that epoch's leader. */
  wasAlive(session: bigint, { atNs, epoch }: Known): boolean {
    const { provenNs, provenEpoch } = this.#of(session);
    return (provenNs.at(-1) ?? -Infinity) >= atNs && provenEpoch >= epoch;
  }

  /**
   * Before when no right leader can have ended it for silence, if it was gone at `goneNs`; −Infinity if nobody can tell.
   *
   * A server tells the leader of whom it has heard twice a tick, and two ticks are the shortest time-out: what it has
   * heard at some moment the leader knows a quarter of the time-out later, or two if it has not run for a quarter, if the
   * session was still alive then. A leader that has not run for longer, or a new one, may take those for silent whom it
   * could not hear.
   */
  earliestExpiryNs(session: bigint, goneNs: number): number {
    const { timeoutNs, provenNs } = this.#of(session);
    const last = provenNs.at(-1);
    if (last === undefined || timeoutNs === 0) return -Infinity;
    const heardNs = provenNs[countUpTo(provenNs, last - timeoutNs / 2) - 1];
    if (heardNs === undefined) return -Infinity;
    const from = countUpTo(this.#leaderSpokeNs, heardNs);
    let spokeNs = heardNs;
    for (let i = from; i < this.#leaderSpokeNs.length && spokeNs < goneNs; i++) {
      const nextNs = this.#leaderSpokeNs[i] as number;
      if (Math.min(nextNs, goneNs) - spokeNs > timeoutNs / 4) return -Infinity;
      spokeNs = nextNs;
    }
    return goneNs - spokeNs > timeoutNs / 4 ? -Infinity : heardNs + timeoutNs;
  }

  #prove(exchange: Exchange): void {
    const life = this.#of(exchange.session);
    life.provenNs.push(exchange.sentNs);
    life.provenEpoch = Math.max(life.provenEpoch, epochOf(exchange));
  }

  #of(session: bigint): Life {
    let life = this.#lives.get(session);
    if (life === undefined) {
      life = { timeoutNs: 0, provenNs: [], provenEpoch: 0, heardNs: -Infinity, expired: null, closes: [] };
      this.#lives.set(session, life);
    }
    return life;
  }
}

/** Whether the leader has answered it, for a session that was alive. */
function provesLife(exchange: Exchange): boolean {
  return (isWrite(exchange) || exchange.op?.f === 'sync') && fateOf(exchange) === 'done';
}

/** How many there are that are not greater. `sorted`: ascending. */
export function countUpTo(sorted: readonly number[], bound: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
