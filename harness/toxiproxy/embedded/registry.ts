import { Prng } from '../../../server/base/prng.ts';
import { ApiError, proxyExists, proxyNotFound } from './api-error.ts';
import { Proxy, type ProxySettings } from './proxy.ts';

/** A proxy that is wanted. */
export interface ProxySpec {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
}

export interface RegistryOptions extends ProxySettings {
  /** Everything that is left to chance comes from it. */
  readonly seed: number;
}

/** What became of a list of proxies: those up to the first that failed. */
export interface Population {
  readonly proxies: readonly Proxy[];
  readonly error: ApiError | null;
}

/** All proxies, by name. One change at a time: see `exclusively`. */
export class Registry {
  readonly settings: ProxySettings;
  readonly #seed: number;
  readonly #proxies = new Map<string, Proxy>();
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor({ seed, ...settings }: RegistryOptions) {
    this.settings = settings;
    this.#seed = seed;
  }

  /** In the order of their names. */
  get proxies(): readonly Proxy[] {
    return [...this.#proxies.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** Runs a change when those before it are done. */
  exclusively<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#lastChange.then(change, change);
    this.#lastChange = done.catch(() => {});
    return done;
  }

  /** @throws ApiError 404 */
  get(name: string): Proxy {
    const proxy = this.#proxies.get(name);
    if (proxy === undefined) throw proxyNotFound();
    return proxy;
  }

  /** @throws ApiError 409 for a name that is taken, 500 when it cannot listen; there is no such proxy then. */
  async create(spec: ProxySpec): Promise<Proxy> {
    if (this.#proxies.has(spec.name)) throw proxyExists();
    const proxy = this.#proxyOf(spec);
    if (spec.enabled) await proxy.start();
    this.#proxies.set(spec.name, proxy);
    return proxy;
  }

  /**
   * Creates what is not there, and leaves alone what listens and leads where it should, enabled or not, with its
   * toxics; what differs is replaced by one without toxics. Ends at the first that cannot be had.
   */
  async populate(specs: readonly ProxySpec[]): Promise<Population> {
    const proxies: Proxy[] = [];
    try {
      for (const spec of specs) proxies.push(await this.#createOrReplace(spec));
      return { proxies, error: null };
    } catch (error) {
      if (error instanceof ApiError) return { proxies, error };
      throw error;
    }
  }

  /** @throws ApiError 404 */
  async remove(name: string): Promise<void> {
    await this.get(name).stop();
    this.#proxies.delete(name);
  }

  /** Every proxy enabled, and no toxics. @throws ApiError 500 when one cannot listen any more. */
  async reset(): Promise<void> {
    for (const proxy of this.proxies) {
      await proxy.start();
      for (const toxic of proxy.toxics) proxy.removeToxic(toxic);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.proxies.map((proxy) => proxy.stop()));
  }

  async #createOrReplace(spec: ProxySpec): Promise<Proxy> {
    const existing = this.#proxies.get(spec.name);
    if (existing !== undefined) {
      if (!(await existing.differsFrom(spec.listen, spec.upstream))) return existing;
      await existing.stop();
    }
    const proxy = this.#proxyOf(spec);
    if (spec.enabled) await proxy.start();
    this.#proxies.set(spec.name, proxy);
    return proxy;
  }

  #proxyOf({ name, listen, upstream }: ProxySpec): Proxy {
    const random = new Prng(this.#seed).fork(name);
    return new Proxy({ name, listen, upstream, random, settings: this.settings });
  }
}
