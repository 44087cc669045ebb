import { RingQueue } from '../base/ring-queue.ts';
import { NO_SESSION, type SessionId } from '../base/session-id.ts';
import type { Limits } from './limits.ts';
import type { ClientConnection } from './client-connection.ts';

/** Of all who wait together, in bytes as `ClientConnection` counts them: less than what a disk takes for a flush. */
const DEFERRED_WORK_PER_TURN = 512 << 10;
/** What a held request costs besides its bytes. */
const REQUEST_OVERHEAD_BYTES = 512;

/**
 * The connections of one server: who holds which session, who has output that waits for the end of the turn,
 * who is not read from for the moment, and how much all of them have in flight.
 */
export class ConnectionTable {
  readonly #all = new Set<ClientConnection>();
  readonly #bySession = new Map<SessionId, ClientConnection>();
  readonly #paused = new Set<ClientConnection>();
  #dirty: ClientConnection[] = [];
  readonly #deferred = new RingQueue<ClientConnection>();
  readonly #limits: Limits;
  #inFlightBytes = 0;
  #inFlightRequests = 0;
  #partialBytes = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): Iterator<ClientConnection> {
    return this.#all[Symbol.iterator]();
  }

  add(connection: ClientConnection): void {
    this.#all.add(connection);
  }

  has(connection: ClientConnection): boolean {
    return this.#all.has(connection);
  }

  /** False if it was gone already. */
  remove(connection: ClientConnection): boolean {
    if (!this.#all.delete(connection)) return false;
    this.#paused.delete(connection);
    if (this.holderOf(connection.session) === connection) this.#bySession.delete(connection.session);
    return true;
  }

  /** The connection that a session is used through. */
  holderOf(session: SessionId): ClientConnection | undefined {
    return session === NO_SESSION ? undefined : this.#bySession.get(session);
  }

  setHolder(session: SessionId, connection: ClientConnection): void {
    this.#bySession.set(session, connection);
  }

  /** It has output to send. */
  markDirty(connection: ClientConnection): void {
    this.#dirty.push(connection);
  }

  /** Sends what every connection has to send. */
  flush(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const connection of dirty) connection.flushOutput();
  }

  onPaused(connection: ClientConnection): void {
    this.#paused.add(connection);
  }

  onResumed(connection: ClientConnection): void {
    this.#paused.delete(connection);
  }

  /** What stood in the way of reading may be gone. */
  resumePaused(): void {
    if (this.#paused.size === 0) return;
    // Of a copy: who goes on may soon be paused again, and would come up once more.
    for (const connection of Array.from(this.#paused)) connection.resumeIfPossible();
  }

  /** It has had its share of this turn and has more to do: it waits until the others have had theirs. */
  defer(connection: ClientConnection): void {
    this.#deferred.push(connection);
  }

  /** Gives those that wait a share each, as many as a turn has room for. True if some of them wait on. */
  runDeferred(): boolean {
    let left = DEFERRED_WORK_PER_TURN;
    for (let count = this.#deferred.length; count > 0 && left > 0; count--) {
      left -= this.#deferred.shift()?.takeShare() ?? 0;
    }
    return this.#deferred.length > 0;
  }

  /** A request of `sizeBytes` is held until it is answered. */
  hold(sizeBytes: number): void {
    this.#inFlightRequests++;
    this.#inFlightBytes += REQUEST_OVERHEAD_BYTES + sizeBytes;
  }

  release(sizeBytes: number): void {
    this.#inFlightRequests--;
    this.#inFlightBytes -= REQUEST_OVERHEAD_BYTES + sizeBytes;
  }

  get isOverloaded(): boolean {
    const { inFlightBytesMax, inFlightRequestsMax } = this.#limits;
    if (inFlightRequestsMax > 0 && this.#inFlightRequests >= inFlightRequestsMax) return true;
    return this.#inFlightBytes > inFlightBytesMax;
  }

  /** One of them holds so many bytes more, or fewer, of a request that has not come as a whole. */
  holdPartial(deltaBytes: number): void {
    this.#partialBytes += deltaBytes;
  }

  get hasTooManyPartials(): boolean {
    return this.#partialBytes > this.#limits.partialBytesMax;
  }
}
