import type { Accept, ByteStream, Dialer, Endpoint, StreamHandler } from '../../base/ports.ts';
import type { Prng } from '../../base/prng.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface NetworkOptions {
  readonly time: VirtualTime;
  readonly prng: Prng;
  /** A chunk takes between these, drawn for each; chunks of one direction do not overtake each other. */
  readonly delayMinMs: number;
  readonly delayMaxMs: number;
  /** The chance that a write arrives in pieces. */
  readonly splitChance?: number;
}

/** TCP between hosts that are called like servers: one listener a host, its name being its address. */
export class TestNetwork {
  readonly #options: NetworkOptions;
  readonly #listeners = new Map<string, Accept>();
  readonly #connections = new Set<Connection>();
  /** Pairs of hosts between which nothing arrives. */
  readonly #cuts = new Set<string>();
  #port = 40_000;
  dialCount = 0;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  listen(host: string, accept: Accept): void {
    this.#listeners.set(host, accept);
  }

  /** The host's process ends: every connection breaks, dials are refused. */
  crash(host: string): void {
    this.#listeners.delete(host);
    for (const connection of this.#connections) connection.crash(host);
  }

  isCut(left: string, right: string): boolean {
    return this.#cuts.has(pairOf(left, right));
  }

  /** Nothing arrives between the two any more; connections hang rather than break. */
  cut(left: string, right: string): void {
    this.#cuts.add(pairOf(left, right));
  }

  /** What hung in between is lost: connections of before the cut break. */
  heal(): void {
    const cuts = new Set(this.#cuts);
    this.#cuts.clear();
    for (const connection of this.#connections) {
      if (cuts.has(pairOf(...connection.hosts))) connection.break();
    }
  }

  /** Breaks the connections between the two, as a middlebox does; new ones can be made. */
  breakConnections(left: string, right: string): void {
    for (const connection of this.#connections) {
      if (pairOf(...connection.hosts) === pairOf(left, right)) connection.break();
    }
  }

  /** `isAlive`: whether the process that was given this dialer still runs; nobody else hears of its dials. */
  dialerOf(from: string, isAlive: () => boolean = () => true): Dialer {
    return {
      dial: (to, { timeoutMs, onOpen, onFailed }) => {
        this.dialCount++;
        let isCancelled = false;
        const unless = (run: () => void) => (): void => {
          if (!isCancelled && isAlive()) run();
        };
        const { time } = this.#options;
        if (this.isCut(from, to.host))
          time.after(
            timeoutMs,
            unless(() => onFailed('timed out')),
          );
        else
          time.after(
            this.delay(),
            unless(() => this.#connect(from, to, onOpen, onFailed)),
          );
        return () => {
          isCancelled = true;
        };
      },
    };
  }

  delay(): number {
    const { prng, delayMinMs, delayMaxMs } = this.#options;
    return delayMinMs + prng.next() * (delayMaxMs - delayMinMs);
  }

  /** Cuts `bytes` into pieces, now and then. */
  pieces(bytes: Uint8Array): Uint8Array[] {
    const { prng, splitChance = 0.1 } = this.#options;
    if (bytes.length < 2 || prng.next() >= splitChance) return [bytes.slice()];
    const at = 1 + prng.below(bytes.length - 1);
    return [bytes.slice(0, at), bytes.slice(at)];
  }

  after(delayMs: number, run: () => void): void {
    this.#options.time.after(delayMs, run);
  }

  get nowMs(): number {
    return this.#options.time.nowMs;
  }

  forget(connection: Connection): void {
    this.#connections.delete(connection);
  }

  #connect(from: string, to: Endpoint, onOpen: Accept, onFailed: (why: string) => void): void {
    const accept = this.#listeners.get(to.host);
    if (accept === undefined) {
      onFailed('connection refused');
      return;
    }
    const connection = new Connection(this, [from, to.host], this.#port++);
    this.#connections.add(connection);
    const [near, far] = connection.ends;
    near.sendFirst(() => {
      const listener = this.#listeners.get(to.host);
      if (listener === undefined) connection.break();
      else far.handler = listener(far);
    });
    near.handler = onOpen(near);
  }
}

class Connection {
  readonly hosts: readonly [string, string];
  readonly ends: readonly [End, End];
  readonly #network: TestNetwork;

  constructor(network: TestNetwork, hosts: readonly [string, string], port: number) {
    this.#network = network;
    this.hosts = hosts;
    const near = new End(this, network, hosts[1], port);
    const far = new End(this, network, hosts[0], port + 20_000);
    near.other = far;
    far.other = near;
    this.ends = [near, far];
  }

  get isCut(): boolean {
    return this.#network.isCut(...this.hosts);
  }

  /** This host's end is gone without a word to its owner; the other one hears of it. */
  crash(host: string): void {
    for (const [i, end] of this.ends.entries()) {
      if (this.hosts[i] !== host) continue;
      end.handler = null;
      end.destroy();
    }
  }

  break(): void {
    for (const end of this.ends) end.break();
  }
}

class End implements ByteStream {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly queuedBytes = 0;
  handler: StreamHandler | null = null;
  isOpen = true;
  #isEnded = false;
  other!: End;
  readonly #connection: Connection;
  readonly #network: TestNetwork;
  /** When the last thing that was sent arrives: nothing overtakes it. */
  #lastArrivalMs = 0;

  constructor(connection: Connection, network: TestNetwork, remoteAddress: string, remotePort: number) {
    this.#connection = connection;
    this.#network = network;
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
  }

  /** The other side gets to know of the connection, before anything that is written. */
  sendFirst(arrive: () => void): void {
    this.#send(arrive);
  }

  write(bytes: Uint8Array): boolean {
    if (this.#isEnded) throw new Error('written to after the end');
    // The other side has closed it, which the writer is about to hear.
    if (!this.isOpen) return true;
    for (const piece of this.#network.pieces(bytes)) this.#send(() => this.other.receive(piece));
    return true;
  }

  end(): void {
    this.#isEnded = true;
    this.#close();
  }

  destroy(): void {
    this.#isEnded = true;
    this.#close();
  }

  /** Neither side has closed it. */
  break(): void {
    this.#close();
  }

  pause(): void {}

  resume(): void {}

  receive(bytes: Uint8Array): void {
    if (this.isOpen) this.handler?.onBytes(bytes);
  }

  #send(arrive: () => void): void {
    if (this.#connection.isCut) return;
    const at = Math.max(this.#lastArrivalMs, this.#network.nowMs + this.#network.delay());
    this.#lastArrivalMs = at;
    this.#network.after(at - this.#network.nowMs, () => {
      if (!this.#connection.isCut) arrive();
    });
  }

  #close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#network.after(0, () => this.handler?.onClosed());
    this.#send(() => this.other.#close());
    if (!this.other.isOpen) this.#network.forget(this.#connection);
  }
}

function pairOf(left: string, right: string): string {
  return left < right ? `${left} ${right}` : `${right} ${left}`;
}
