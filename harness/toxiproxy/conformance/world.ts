import assert from 'node:assert/strict';
import { ToxiproxyClient, type ProxyState, type ToxicSpec } from '../client.ts';
import { dialed, type Ending, type Peer, Upstream } from '../testing/peer.ts';

/** Ours in stock mode, or the real one. */
export type Kind = 'embedded' | 'real';

/** A claim about Toxiproxy, as its documentation, its source or its clients have it, and how to see that it is true. */
export interface Row {
  readonly claim: string;
  /** Where the two are known to differ: what it is about, and why. `run` then looks at `world.kind`. */
  readonly differs?: string;
  readonly run: (world: World) => Promise<void>;
}

/** A proxy `p` between a client and an upstream, for one row. */
export class World {
  readonly kind: Kind;
  readonly url: string;
  readonly toxiproxy: ToxiproxyClient;
  readonly upstream: Upstream;
  readonly #ending: Ending;
  #proxy: ProxyState;

  private constructor(kind: Kind, url: string, ending: Ending, upstream: Upstream, proxy: ProxyState) {
    this.kind = kind;
    this.url = url;
    this.toxiproxy = new ToxiproxyClient(url, { timeoutMs: 20_000 });
    this.upstream = upstream;
    this.#ending = ending;
    this.#proxy = proxy;
  }

  /** Begins without any other proxy; ends with the test. */
  static async create(ending: Ending, kind: Kind, url: string): Promise<World> {
    const toxiproxy = new ToxiproxyClient(url);
    for (const { name } of await toxiproxy.list()) {
      // By whatever name a row has given it.
      await fetch(`${url}/proxies/${encodeURIComponent(name)}`, { method: 'DELETE' });
    }
    const upstream = await Upstream.listen(ending);
    const proxy = await toxiproxy.create({ name: 'p', listen: '127.0.0.1:0', upstream: upstream.address });
    return new World(kind, url, ending, upstream, proxy);
  }

  get listen(): string {
    return this.#proxy.listen;
  }

  /** Another upstream. */
  listenElsewhere(): Promise<Upstream> {
    return Upstream.listen(this.#ending);
  }

  /** A client of the proxy. @throws Error when it is refused */
  dial(): Promise<Peer> {
    return dialed(this.#ending, this.listen);
  }

  /** A client of the proxy, and its connection at the other end. */
  async connect(): Promise<readonly [client: Peer, server: Peer]> {
    const client = await this.dial();
    return [client, await this.upstream.accepted()];
  }

  /** A toxic on what clients send, unless told. */
  async add(
    type: string,
    attributes: Record<string, number> = {},
    more: Partial<ToxicSpec> = {},
  ): Promise<void> {
    await this.toxiproxy.addToxic('p', { type, stream: 'upstream', attributes, ...more });
  }

  async remove(name: string): Promise<void> {
    await this.toxiproxy.removeToxic('p', name);
  }

  /**
   * Lets pass what would take no time: a few calls to the API, and a few more through a proxy without toxics. What
   * has not arrived then has been kept.
   */
  async settle(): Promise<void> {
    for (let i = 0; i < 3; i++) await this.toxiproxy.version();
    const { listen } = await this.toxiproxy.create({
      name: 'settle',
      listen: '127.0.0.1:0',
      upstream: this.upstream.address,
    });
    const client = await dialed(this.#ending, listen);
    const server = await this.upstream.accepted();
    for (let i = 1; i <= 10; i++) {
      client.send('.');
      await server.untilBytes(i);
    }
    await this.toxiproxy.remove('settle');
  }
}

/** How long `action` takes. */
export async function timedMs(action: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await action();
  return performance.now() - startedMs;
}

/** A lower bound: a clock that is read before and after may be a little off itself. */
export function assertAtLeastMs(actualMs: number, boundMs: number): void {
  assert.ok(actualMs >= boundMs - 1, `${actualMs.toFixed(1)} ms is less than ${boundMs} ms`);
}
