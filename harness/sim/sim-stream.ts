import type { ByteStream, StreamHandler } from '../../server/base/ports.ts';
import type { Prng } from '../../server/base/prng.ts';
import { RingQueue } from '../../server/base/ring-queue.ts';
import type { SimEvent } from './event-queue.ts';
import type { SimHost } from './sim-host.ts';
import type { SimLink } from './sim-link.ts';
import { EventKind, type SimWorld } from './sim-world.ts';

export interface StreamOptions {
  /** What may be on its way, or unread, in one direction. */
  readonly windowBytes: number;
  /** How often a chunk is cut in two, and how small it may be cut. */
  readonly fragmentShare: number;
  readonly fragmentBytesMin: number;
  /** How often two chunks arrive as one. */
  readonly joinShare: number;
  /** How often a write that would fit is not taken at once. */
  readonly lazyWriteShare: number;
  /** How often one who closes at once leaves a reset behind, and not an end. */
  readonly resetShare: number;
}

export interface StreamContext {
  readonly world: SimWorld;
  readonly options: StreamOptions;
  readonly prng: Prng;
}

/** After our end of a connection is closed, how long the other may take: what the real shell waits. */
const LINGER_MS = 2000;

type Parcel =
  | { readonly type: 'bytes'; bytes: Uint8Array; readonly at: number }
  | { readonly type: 'open' | 'end' | 'reset'; readonly at: number };

/** One direction of a connection: in order, bounded, and in no other segmentation than chance gives it. */
class Pipe {
  readonly link: SimLink;
  readonly to: SimStream;
  readonly #context: StreamContext;
  readonly #parcels = new RingQueue<Parcel>(8);
  /** On their way, or arrived and not read. */
  bytes = 0;
  #arrival: SimEvent | null = null;
  #lastAt = 0;

  constructor(context: StreamContext, link: SimLink, to: SimStream) {
    this.#context = context;
    this.link = link;
    this.to = to;
  }

  get space(): number {
    return this.#context.options.windowBytes - this.bytes;
  }

  sendBytes(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    this.#send({ type: 'bytes', bytes, at: this.#arrivalMs() });
  }

  send(type: 'open' | 'end' | 'reset'): void {
    this.#send({ type, at: this.#arrivalMs() });
  }

  /** Of what was not delivered yet some of the end is lost. */
  loseTail(prng: Prng): void {
    for (let lost = prng.below(this.#parcels.length + 1); lost > 0; lost--) {
      const parcel = this.#parcels.pop();
      if (parcel?.type === 'open') {
        this.#parcels.push(parcel);
        return;
      }
    }
  }

  carryOn(): void {
    this.schedule();
  }

  schedule(): void {
    const first = this.#parcels.peek();
    // A host without power takes nothing; what is on its way to it waits for it.
    if (first === undefined || this.#arrival !== null || !this.to.host.isUp) return;
    const { world } = this.#context;
    const delayMs = Math.max(0, first.at - world.nowMs);
    this.#arrival = world.after(delayMs, EventKind.network, this.to.host.lifetime, () => this.#arrive());
  }

  /** What is on its way comes as fast as what would be sent now. */
  hurry(): void {
    this.#lastAt = 0;
    for (let left = this.#parcels.length; left > 0; left--) {
      const parcel = this.#parcels.shift();
      if (parcel !== undefined) this.#parcels.push({ ...parcel, at: Math.min(parcel.at, this.#arrivalMs()) });
    }
    this.onReceiverGone();
    this.schedule();
  }

  /** Whoever it was scheduled for is dead; whoever comes next on that host answers in its place. */
  onReceiverGone(): void {
    if (this.#arrival !== null) this.#arrival.run = null;
    this.#arrival = null;
  }

  #send(parcel: Parcel): void {
    this.#parcels.push(parcel);
    this.schedule();
  }

  /** Never before what was sent earlier. */
  #arrivalMs(): number {
    this.#lastAt = Math.max(this.#lastAt, this.#context.world.nowMs + this.link.drawLatency());
    return this.#lastAt;
  }

  #arrive(): void {
    this.#arrival = null;
    const first = this.#parcels.peek();
    if (first === undefined) return;
    if (this.link.isHeld) {
      this.link.wait(this);
      return;
    }
    if (first.type !== 'bytes') {
      this.#parcels.shift();
      this.to.onSignal(first.type);
    } else if (this.to.isReading) {
      this.#deliver(first);
    } else if (this.to.isGone) {
      this.#parcels.shift();
      this.bytes -= first.bytes.length;
      this.to.onUnwanted();
    } else {
      // Its reader has paused, and will schedule it again.
      return;
    }
    this.schedule();
  }

  #deliver(parcel: { bytes: Uint8Array }): void {
    const { prng, options } = this.#context;
    let chunk = parcel.bytes;
    if (chunk.length > options.fragmentBytesMin && prng.next() < options.fragmentShare) {
      const count = options.fragmentBytesMin + prng.below(chunk.length - options.fragmentBytesMin);
      chunk = parcel.bytes.slice(0, count);
      parcel.bytes = parcel.bytes.subarray(count);
    } else {
      this.#parcels.shift();
      if (prng.next() < options.joinShare) chunk = this.#joined(chunk);
    }
    this.bytes -= chunk.length;
    this.#context.world.mix(chunk.length + ((chunk.at(-1) ?? 0) << 20));
    this.to.receive(chunk);
    // Good during the call only: who kept it shall notice.
    chunk.fill(0xdb);
    this.to.peer.pump();
  }

  /** With what comes right behind it, as if it had come together. */
  #joined(chunk: Uint8Array): Uint8Array {
    const next = this.#parcels.peek();
    if (next?.type !== 'bytes') return chunk;
    this.#parcels.shift();
    const both = new Uint8Array(chunk.length + next.bytes.length);
    both.set(chunk);
    both.set(next.bytes, chunk.length);
    return both;
  }
}

/** One end of a simulated TCP connection. */
export class SimStream implements ByteStream {
  readonly host: SimHost;
  readonly remoteAddress: string;
  readonly remotePort: number;
  peer!: SimStream;
  readonly #context: StreamContext;
  #incoming!: Pipe;
  #outgoing!: Pipe;
  #handler: StreamHandler | null = null;
  /** Written, and not taken: the caller's own memory. */
  #unsent: Uint8Array[] = [];
  #unsentBytes = 0;
  #isPaused = false;
  #isEnding = false;
  #hasSentEnd = false;
  #hasHeardEnd = false;
  #isClosed = false;
  #isVanished = false;
  #pumpIsScheduled = false;
  #onAccepted: ((stream: SimStream) => StreamHandler | null) | null = null;

  constructor(
    context: StreamContext,
    host: SimHost,
    remote: { readonly address: string; readonly port: number },
  ) {
    this.#context = context;
    this.host = host;
    this.remoteAddress = remote.address;
    this.remotePort = remote.port;
  }

  /** Two ends of one connection; the first has it already, the second gets it when `onAccepted` is due. */
  static join(
    near: SimStream,
    far: SimStream,
    links: { readonly there: SimLink; readonly back: SimLink },
    onAccepted: (stream: SimStream) => StreamHandler | null,
  ): void {
    near.peer = far;
    far.peer = near;
    near.#outgoing = far.#incoming = new Pipe(near.#context, links.there, far);
    far.#outgoing = near.#incoming = new Pipe(near.#context, links.back, near);
    far.#onAccepted = onAccepted;
    near.host.streams.add(near);
    far.host.streams.add(far);
    near.#outgoing.send('open');
  }

  attach(handler: StreamHandler): void {
    this.#handler = handler;
    if (this.#isClosed) this.#scheduleClosed();
    else this.#incoming.schedule();
  }

  // ---- the port ------------------------------------------------------------------------------------------

  get queuedBytes(): number {
    return this.#unsentBytes;
  }

  write(bytes: Uint8Array): boolean {
    if (this.#isClosed || this.#isEnding || bytes.length === 0) return true;
    const { prng, options } = this.#context;
    if (
      this.#unsentBytes === 0 &&
      bytes.length <= this.#outgoing.space &&
      prng.next() >= options.lazyWriteShare
    ) {
      this.#outgoing.sendBytes(bytes.slice());
      return true;
    }
    this.#unsent.push(bytes);
    this.#unsentBytes += bytes.length;
    this.#schedulePump();
    return false;
  }

  end(): void {
    if (this.#isClosed || this.#isEnding) return;
    this.#isEnding = true;
    this.#isPaused = false;
    this.#incoming.schedule();
    this.#endIfSent();
    if (!this.#hasHeardEnd) {
      this.#context.world.after(LINGER_MS, EventKind.closed, this.host.lifetime, () => this.destroy());
    }
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.#leave();
    this.#scheduleClosed();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#incoming.schedule();
  }

  // ---- from the network ----------------------------------------------------------------------------------

  get isReading(): boolean {
    return this.#handler !== null && !this.#isPaused && !this.#isClosed && !this.#isVanished;
  }

  /** Nobody will ever read what comes. */
  get isGone(): boolean {
    return this.#isClosed || this.#isVanished;
  }

  receive(chunk: Uint8Array): void {
    this.#handler?.onBytes(chunk);
  }

  onSignal(type: 'open' | 'end' | 'reset'): void {
    if (this.#isVanished) {
      if (type !== 'reset') this.onUnwanted();
      return;
    }
    if (this.#isClosed) return;
    if (type === 'open') this.#accept();
    else if (type === 'end') this.#onEnd();
    else this.onReset();
  }

  /** The connection is broken: nothing more comes or goes. */
  onReset(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#forgetUnsent();
    this.host.streams.delete(this);
    this.#scheduleClosed();
  }

  /** Bytes came for a connection this host knows nothing of. It says so, if it is there to say anything. */
  onUnwanted(): void {
    if (this.#isVanished && this.host.isUp) this.#outgoing.send('reset');
  }

  /** The process is gone, its kernel is not: the other side is told. */
  abort(): void {
    if (this.#isClosed || this.#isVanished) return;
    this.#leave();
  }

  /** The machine is gone, and says nothing any more. */
  vanish(): void {
    if (this.#isClosed) return;
    this.#isVanished = true;
    // Whatever becomes of the connection, the process that had it hears nothing any more.
    this.#handler = null;
    this.#forgetUnsent();
    this.host.streams.delete(this);
    this.#incoming.onReceiverGone();
    this.host.orphans.push(this);
  }

  /** The machine is back, and does not know this connection. */
  onHostBack(): void {
    this.#incoming.schedule();
  }

  pump(): void {
    if (this.#unsentBytes === 0 || this.#isClosed || this.#isVanished) return;
    // As TCP does: no small pieces as long as there is more than fits, or soon there would be only such.
    const { windowBytes } = this.#context.options;
    if (this.#outgoing.space < Math.min(this.#unsentBytes, windowBytes >> 1)) return;
    const hadBytes = this.#unsentBytes;
    while (this.#unsent.length > 0) {
      const first = this.#unsent[0] as Uint8Array;
      const count = Math.min(first.length, this.#outgoing.space);
      if (count <= 0) break;
      this.#outgoing.sendBytes(first.slice(0, count));
      this.#unsentBytes -= count;
      if (count === first.length) this.#unsent.shift();
      else this.#unsent[0] = first.subarray(count);
    }
    if (hadBytes > 0 && this.#unsentBytes === 0) {
      this.#endIfSent();
      if (!this.#isEnding) {
        this.#context.world.after(0, EventKind.drain, this.host.lifetime, () => {
          if (!this.#isClosed && this.#unsentBytes === 0) this.#handler?.onDrain();
        });
      }
    }
  }

  /** The way here is as fast as it was meant to be, for what is on it too. */
  hurry(): void {
    this.#incoming.hurry();
  }

  // ---- inside --------------------------------------------------------------------------------------------

  #accept(): void {
    const handler = this.#onAccepted?.(this) ?? null;
    this.#onAccepted = null;
    if (handler === null) this.#leave();
    else this.attach(handler);
  }

  /** The other side sends no more. Whatever we still have for it goes out, and then this ends too. */
  #onEnd(): void {
    this.#hasHeardEnd = true;
    if (this.#hasSentEnd) this.onReset();
    else {
      this.#isEnding = true;
      this.#endIfSent();
    }
  }

  #endIfSent(): void {
    if (!this.#isEnding || this.#hasSentEnd || this.#unsentBytes > 0) return;
    this.#hasSentEnd = true;
    this.#outgoing.send('end');
    if (this.#hasHeardEnd) this.onReset();
  }

  #leave(): void {
    const { prng, options } = this.#context;
    this.#isClosed = true;
    this.#forgetUnsent();
    this.host.streams.delete(this);
    if (prng.next() < options.resetShare) {
      this.#outgoing.loseTail(prng);
      this.#outgoing.send('reset');
    } else if (!this.#hasSentEnd) this.#outgoing.send('end');
  }

  #forgetUnsent(): void {
    this.#unsent = [];
    this.#unsentBytes = 0;
  }

  #schedulePump(): void {
    if (this.#pumpIsScheduled) return;
    this.#pumpIsScheduled = true;
    this.#context.world.after(0, EventKind.network, null, () => {
      this.#pumpIsScheduled = false;
      this.pump();
    });
  }

  #scheduleClosed(): void {
    const handler = this.#handler;
    this.#handler = null;
    if (handler === null) return;
    this.#context.world.after(0, EventKind.closed, this.host.lifetime, () => handler.onClosed());
  }
}
