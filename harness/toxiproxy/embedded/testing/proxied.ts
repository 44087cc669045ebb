import { dialed, type Ending, type Peer, Upstream } from '../../testing/peer.ts';
import type { Proxy } from '../proxy.ts';
import { Registry } from '../registry.ts';
import { readToxic } from '../requests.ts';

export interface Proxied {
  readonly proxy: Proxy;
  readonly upstream: Upstream;
  /** A client of the proxy, and its connection at the other end. */
  readonly connect: () => Promise<readonly [client: Peer, server: Peer]>;
  readonly add: (type: string, attributes?: Record<string, number>, more?: Record<string, unknown>) => void;
  readonly remove: (name: string) => void;
}

/** An upstream behind a proxy, within this process; ends with the test. */
export async function proxied(
  t: Ending,
  { isStock = false, seed = 1 }: { readonly isStock?: boolean; readonly seed?: number } = {},
): Promise<Proxied> {
  const upstream = await Upstream.listen(t);
  const registry = new Registry({ seed, isStock, redial: { everyMs: 1, limitMs: 60_000 } });
  t.teardown(() => registry.close());
  const proxy = await registry.create({
    name: 'p',
    listen: '127.0.0.1:0',
    upstream: upstream.address,
    enabled: true,
  });
  return {
    proxy,
    upstream,
    async connect() {
      const client = await dialed(t, proxy.listen);
      return [client, await upstream.accepted()];
    },
    add(type, attributes = {}, more = {}) {
      proxy.addToxic(readToxic(JSON.stringify({ type, attributes, ...more }), proxy, isStock));
    },
    remove: (name) => proxy.removeToxic(proxy.toxic(name)),
  };
}
