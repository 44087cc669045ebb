import { assert } from '../../server/base/assert.ts';
import type { Cancel, Dialer } from '../../server/base/ports.ts';
import type { Prng } from '../../server/base/prng.ts';
import type { Lifetime } from './lifetime.ts';
import { SimHost } from './sim-host.ts';
import { SimLink, type LinkOptions } from './sim-link.ts';
import { SimStream, type StreamContext, type StreamOptions } from './sim-stream.ts';
import { EventKind, type SimWorld } from './sim-world.ts';

export interface NetworkOptions extends LinkOptions, StreamOptions {}

const FIRST_EPHEMERAL_PORT = 40_000;
const HEALED_WINDOW_BYTES = 1 << 20;

/** All hosts, and the ways between them. */
export class SimNetwork {
  readonly hosts: SimHost[] = [];
  readonly #world: SimWorld;
  /** Connections that stand share it. */
  readonly #options: NetworkOptions & { windowBytes: number };
  readonly #prng: Prng;
  readonly #byAddress = new Map<string, SimHost>();
  readonly #links = new Map<number, SimLink>();
  #nextPort = FIRST_EPHEMERAL_PORT;

  constructor(world: SimWorld, options: NetworkOptions, prng: Prng) {
    this.#world = world;
    this.#options = { ...options };
    this.#prng = prng;
  }

  addHost(address: string): SimHost {
    assert(!this.#byAddress.has(address), 'two hosts with one address');
    const host = new SimHost(this.hosts.length, address);
    this.hosts.push(host);
    this.#byAddress.set(address, host);
    return host;
  }

  /** The way from one host to another. */
  link(from: SimHost, to: SimHost): SimLink {
    const key = from.id * 1000 + to.id;
    let link = this.#links.get(key);
    if (link === undefined) {
      link = new SimLink(this.#world, this.#options, this.#prng.fork(`link ${key}`));
      this.#links.set(key, link);
    }
    return link;
  }

  /** Every way is free, as fast as it was meant to be, and wide. */
  heal(): void {
    // A snapshot through a window of a few bytes takes longer than the servers' time limits allow, for ever.
    this.#options.windowBytes = Math.max(this.#options.windowBytes, HEALED_WINDOW_BYTES);
    for (const link of this.#links.values()) {
      link.latencyFactor = 1;
      link.release();
    }
    for (const host of this.hosts) for (const stream of host.streams) stream.hurry();
  }

  get heldCount(): number {
    let count = 0;
    for (const link of this.#links.values()) count += link.heldCount;
    return count;
  }

  /** Breaks every connection between the two; both are told at once. */
  reset(x: SimHost, y: SimHost): number {
    let count = 0;
    for (const stream of Array.from(x.streams)) {
      if (stream.peer.host !== y) continue;
      count++;
      stream.onReset();
      stream.peer.onReset();
    }
    return count;
  }

  /** Opens connections for one life of a process on this host. */
  dialerFor(host: SimHost, lifetime: Lifetime): Dialer {
    return {
      dial: (to, { timeoutMs, onOpen, onFailed }): Cancel => {
        let isOver = false;
        const fail = (why: string): void => {
          if (isOver) return;
          isOver = true;
          onFailed(why);
        };
        const target = this.#byAddress.get(to.host);
        if (target === undefined) {
          this.#world.after(0, EventKind.dial, lifetime, () => fail('no such host'));
        } else {
          this.#call(host, lifetime, target, to.port, {
            refuse: () => fail('connection refused'),
            open: (stream) => {
              if (isOver) {
                stream.destroy();
                return;
              }
              isOver = true;
              stream.attach(onOpen(stream));
            },
          });
        }
        const timeout = this.#world.after(timeoutMs, EventKind.dial, lifetime, () => fail('timed out'));
        return () => {
          isOver = true;
          timeout.run = null;
        };
      },
    };
  }

  /** The three ways of a TCP handshake. */
  #call(
    from: SimHost,
    lifetime: Lifetime,
    to: SimHost,
    port: number,
    answer: { readonly refuse: () => void; readonly open: (stream: SimStream) => void },
  ): void {
    const there = this.link(from, to);
    const back = this.link(to, from);
    there.carry(EventKind.dial, null, () => {
      if (!to.isUp) return;
      if (!to.listeners.has(port)) {
        back.carry(EventKind.dial, lifetime, answer.refuse);
        return;
      }
      const callee = to.lifetime;
      back.carry(EventKind.dial, lifetime, () => {
        if (!callee.isAlive) {
          answer.refuse();
          return;
        }
        const context: StreamContext = { world: this.#world, options: this.#options, prng: this.#prng };
        const near = new SimStream(context, from, { address: to.address, port });
        const far = new SimStream(context, to, { address: from.address, port: this.#nextPort++ });
        SimStream.join(near, far, { there, back }, (stream) => {
          if (to.lifetime !== callee) return null;
          return to.listeners.get(port)?.(stream) ?? null;
        });
        answer.open(near);
      });
    });
  }
}
