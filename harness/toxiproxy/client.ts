import { Proxy, Toxiproxy } from 'toxiproxy-node-client';
import { fetchWithDeadline } from './fetch-with-deadline.ts';
import { ToxiproxyError } from './toxiproxy-error.ts';

export type Stream = 'upstream' | 'downstream';

/** A proxy that is wanted. */
export interface ProxySpec {
  readonly name: string;
  /** `host:port`; port 0 for any that is free. */
  readonly listen: string;
  readonly upstream: string;
  /** True unless told. */
  readonly enabled?: boolean;
}

/** A proxy as it was when asked. */
export interface ProxyState {
  readonly name: string;
  /** With the real port. */
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
}

/** A toxic that is wanted. Types and attributes: see `embedded/toxics`. */
export interface ToxicSpec {
  readonly type: string;
  /** Of those of its proxy; `<type>_<stream>` unless told. */
  readonly name?: string;
  /** `downstream` unless told, what the clients get. */
  readonly stream?: Stream;
  /** The share of connections it is for; 1 unless told. */
  readonly toxicity?: number;
  readonly attributes?: Readonly<Record<string, number>>;
}

/** A toxic as it was when asked. */
export interface ToxicState extends Required<ToxicSpec> {}

export interface ToxiproxyClientOptions {
  /** For one call, from its beginning to the end of the answer; 5000 unless told. */
  readonly timeoutMs?: number;
}

type DoFetch = (url: string, init: RequestInit) => Promise<Response>;

const TIMEOUT_MS = 5000;
/** What a path of a URL takes as it is: the package puts names there without a change. */
const NAME = /^[A-Za-z0-9][\w.:-]*$/;

/**
 * Toxiproxy's API, ours or the real one, by the package toxiproxy-node-client: the package knows the calls and their
 * bodies; here they get a deadline, the server's own words when it refuses, and what the package lacks.
 *
 * Every method throws a ToxiproxyError. A name that would not be a part of a URL's path is refused before anything
 * is asked.
 */
export class ToxiproxyClient {
  readonly url: string;
  readonly #toxiproxy: Toxiproxy;

  /** `url` of the API, as in `http://127.0.0.1:8474`. */
  constructor(url: string, { timeoutMs = TIMEOUT_MS }: ToxiproxyClientOptions = {}) {
    this.url = url.replace(/\/+$/, '');
    this.#toxiproxy = new Toxiproxy(this.url);
    setDeadline(this.#toxiproxy, timeoutMs);
  }

  /** `2.12.0`; what a build without a version says of itself is `git`. */
  async version(): Promise<string> {
    return (JSON.parse(await this.#toxiproxy.getVersion()) as { version: string }).version;
  }

  async create(spec: ProxySpec): Promise<ProxyState> {
    return stateOf(await this.#toxiproxy.createProxy(checkedSpec(spec)));
  }

  /**
   * Creates them all. One that is there already stays as it is if it listens and leads where it should, and is
   * replaced by one without toxics if not. Those before the first that fails have been created then.
   */
  async populate(specs: readonly ProxySpec[]): Promise<ProxyState[]> {
    // To an empty list the real one answers null, and the package stumbles over it.
    if (specs.length === 0) return [];
    return Object.values(await this.#toxiproxy.populate(specs.map(checkedSpec))).map(stateOf);
  }

  async get(name: string): Promise<ProxyState> {
    return stateOf(await this.#toxiproxy.get(checkedName(name)));
  }

  async list(): Promise<ProxyState[]> {
    return Object.values(await this.#toxiproxy.getAll()).map(stateOf);
  }

  /** Another listener or upstream drops the connections, and keeps the toxics. What is not named stays. */
  async update(name: string, change: Partial<Omit<ProxySpec, 'name'>>): Promise<ProxyState> {
    // The package's type asks for all fields; the server takes any of them.
    return stateOf(await this.#proxy(name).update(change as Required<typeof change>));
  }

  enable(name: string): Promise<ProxyState> {
    return this.update(name, { enabled: true });
  }

  /** Refuses connections, and closes those there are. */
  disable(name: string): Promise<ProxyState> {
    return this.update(name, { enabled: false });
  }

  async remove(name: string): Promise<void> {
    await this.#proxy(name).remove();
  }

  /** Every proxy enabled, and no toxics. */
  async reset(): Promise<void> {
    await this.#toxiproxy.reset();
  }

  /** First those upstream, then those downstream, each in the order in which a stream passes them. */
  async toxics(name: string): Promise<ToxicState[]> {
    const path = `${this.#proxy(name).getPath()}/toxics`;
    return (await this.#toxiproxy.getApi().get<ToxicState[]>(path)).data;
  }

  async addToxic(name: string, toxic: ToxicSpec): Promise<ToxicState> {
    const { type, stream = 'downstream', toxicity = 1, attributes = {} } = toxic;
    const body = { name: checkedName(toxic.name ?? `${type}_${stream}`), type, stream, toxicity, attributes };
    // The package's list of types lacks what its server, and ours, know.
    return (
      await this.#proxy(name).addToxic(body as Parameters<Proxy['addToxic']>[0])
    ).toJson() as ToxicState;
  }

  /** What is not named stays. */
  async updateToxic(
    name: string,
    toxicName: string,
    change: Pick<ToxicSpec, 'toxicity' | 'attributes'>,
  ): Promise<ToxicState> {
    const path = `${this.#proxy(name).getPath()}/toxics/${checkedName(toxicName)}`;
    return (await this.#toxiproxy.getApi().post<ToxicState>(path, change)).data;
  }

  async removeToxic(name: string, toxicName: string): Promise<void> {
    const path = `${this.#proxy(name).getPath()}/toxics/${checkedName(toxicName)}`;
    await this.#toxiproxy.getApi().delete(path);
  }

  /** A proxy to ask things of, without asking for it first. */
  #proxy(name: string): Proxy {
    const unknown = { listen: '', upstream: '', enabled: true, toxics: [] };
    return new Proxy(this.#toxiproxy, { name: checkedName(name), ...unknown });
  }
}

/**
 * Puts our call in the place of the package's: the one where it speaks HTTP, by `fetch` without a deadline, and
 * throws the answer to a refusal away.
 */
function setDeadline(toxiproxy: Toxiproxy, timeoutMs: number): void {
  const api = toxiproxy.getApi() as unknown as { doFetch: DoFetch };
  if (typeof api.doFetch !== 'function')
    throw new Error('toxiproxy-node-client does not do its calls by doFetch');
  api.doFetch = (url, init) => fetchWithDeadline(url, init, timeoutMs);
}

function checkedSpec({ name, listen, upstream, enabled = true }: ProxySpec): Required<ProxySpec> {
  return { name: checkedName(name), listen, upstream, enabled };
}

function checkedName(name: string): string {
  if (NAME.test(name)) return name;
  throw new ToxiproxyError(`not a name for a proxy or a toxic: ${JSON.stringify(name)}`);
}

function stateOf({ name, listen, upstream, enabled }: Proxy): ProxyState {
  return { name, listen, upstream, enabled };
}
