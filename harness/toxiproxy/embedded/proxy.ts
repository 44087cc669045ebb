import { createServer, type Server, type Socket } from 'node:net';
import type { Prng } from '../../../server/base/prng.ts';
import { AddressError, formatAddress, formatHostPort, resolveHostPort, WILDCARD } from './addresses.ts';
import { listenFailure, toxicExists, toxicNotFound } from './api-error.ts';
import { Connection } from './connection.ts';
import { dialFor, type RedialPolicy } from './dial.ts';
import type { Direction, Toxic } from './toxic.ts';

/** What is the same for every proxy of a server. */
export interface ProxySettings {
  /** Exactly as Toxiproxy does it. */
  readonly isStock: boolean;
  /** For dials that are refused; a limit of 0 is none, and in stock mode there is none. */
  readonly redial: RedialPolicy;
}

export interface ProxyOptions {
  readonly name: string;
  /** As given: without a host every address, without a port any. */
  readonly listen: string;
  readonly upstream: string;
  /** Of this proxy alone. */
  readonly random: Prng;
  readonly settings: ProxySettings;
}

const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EACCES: 'permission denied',
};

/** A listener, where its connections lead, and the toxics on the way. */
export class Proxy {
  readonly name: string;
  readonly #random: Prng;
  readonly #settings: ProxySettings;
  readonly #toxics: Record<Direction, Toxic[]> = { upstream: [], downstream: [] };
  readonly #generations = new Map<string, number>();
  readonly #connections = new Set<Connection>();
  /** Accepted, and not connected to anything yet. */
  readonly #waiting = new Set<Socket>();
  #listen: string;
  #upstream: string;
  #server: Server | null = null;
  #accepted = 0;
  /** Stock: one dial after the other. */
  #lastDial: Promise<unknown> = Promise.resolve();

  constructor({ name, listen, upstream, random, settings }: ProxyOptions) {
    this.name = name;
    this.#listen = listen;
    this.#upstream = upstream;
    this.#random = random;
    this.#settings = settings;
  }

  get isEnabled(): boolean {
    return this.#server !== null;
  }

  /** As it was given, or, once it has listened, where. */
  get listen(): string {
    return this.#listen;
  }

  get upstream(): string {
    return this.#upstream;
  }

  /** First what is upstream, then what is downstream, each in the order in which a stream passes them. */
  get toxics(): readonly Toxic[] {
    return [...this.#toxics.upstream, ...this.#toxics.downstream];
  }

  /** Whether it would have to begin anew to listen and lead there. @throws ApiError for an address that is none. */
  async differsFrom(listen: string, upstream: string): Promise<boolean> {
    try {
      return this.#listen !== formatHostPort(await resolveHostPort(listen)) || this.#upstream !== upstream;
    } catch (error) {
      throw error instanceof AddressError ? listenFailure(error.message) : error;
    }
  }

  /** Accepts connections, if it does not do so already. @throws ApiError 500 when it cannot listen. */
  async start(): Promise<void> {
    if (this.#server !== null) return;
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
    server.on('connection', (client) => void this.#accept(client));
    await this.#listenWith(server);
    this.#server = server;
    this.#listen = formatAddress(server.address() as Exclude<ReturnType<Server['address']>, string | null>);
  }

  /** Accepts no more connections, and closes those there are. Toxics stay. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = new Promise((resolve) => void server.close(resolve));
    for (const socket of this.#waiting) socket.destroy();
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }

  /** @throws ApiError 500 when it cannot listen there; it is disabled then. */
  async update(wanted: { readonly listen: string; readonly upstream: string; readonly enabled: boolean }) {
    if (await this.differsFrom(wanted.listen, wanted.upstream)) {
      await this.stop();
      this.#listen = wanted.listen;
      this.#upstream = wanted.upstream;
    }
    if (wanted.enabled) await this.start();
    else await this.stop();
  }

  /** @throws ApiError 404 */
  toxic(name: string): Toxic {
    const toxic = this.toxics.find((toxic) => toxic.name === name);
    if (toxic === undefined) throw toxicNotFound();
    return toxic;
  }

  /** How many toxics of that name there were before. @throws ApiError 409 while there is one. */
  generationOf(name: string): number {
    if (this.toxics.some((toxic) => toxic.name === name)) throw toxicExists();
    return this.#generations.get(name) ?? 0;
  }

  /** At the end of its direction, on every connection at once. */
  addToxic(toxic: Toxic): void {
    this.#generations.set(toxic.name, toxic.generation + 1);
    this.#toxics[toxic.direction].push(toxic);
    for (const connection of this.#connections) connection.insert(toxic);
  }

  /** The toxic has other attributes or another toxicity now. */
  updateToxic(toxic: Toxic): void {
    for (const connection of this.#connections) connection.update(toxic);
  }

  removeToxic(toxic: Toxic): void {
    const chain = this.#toxics[toxic.direction];
    chain.splice(chain.indexOf(toxic), 1);
    for (const connection of this.#connections) connection.remove(toxic);
  }

  /** With the field that Toxiproxy shows by accident, and clients have become used to. */
  toJSON(): unknown {
    const { name, listen, upstream, isEnabled: enabled, toxics } = this;
    return { name, listen, upstream, enabled, Logger: {}, toxics };
  }

  async #accept(client: Socket): Promise<void> {
    const server = this.#server;
    const random = this.#random.fork(this.#accepted++);
    // An error closes the socket, and that is noticed.
    client.on('error', () => {});
    this.#waiting.add(client);
    const upstream = await this.#dial(client);
    this.#waiting.delete(client);
    if (upstream === null || client.destroyed || server === null || this.#server !== server) {
      upstream?.destroy();
      if (this.#settings.isStock) client.destroy();
      else client.resetAndDestroy();
      return;
    }
    const connection = new Connection({
      client,
      upstream,
      toxics: this.#toxics,
      random,
      isStock: this.#settings.isStock,
      onClosed: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
    connection.begin();
  }

  #dial(client: Socket): Promise<Socket | null> {
    const { isStock, redial } = this.#settings;
    const address = this.#upstream;
    if (!isStock) return dialFor({ client, address, redial: redial.limitMs > 0 ? redial : null });
    const dialed = this.#lastDial.then(() => dialFor({ client, address, redial: null }));
    this.#lastDial = dialed;
    return dialed;
  }

  async #listenWith(server: Server): Promise<void> {
    const { host, port } = await this.#resolved();
    await new Promise<void>((resolve, reject) => {
      server.once('error', ({ code = '', message }: NodeJS.ErrnoException) => {
        const why = LISTEN_ERRORS[code] ?? message;
        reject(listenFailure(`listen tcp ${formatHostPort({ host, port })}: bind: ${why}`));
      });
      // Without a host, Node listens on IPv4 alone where there is no IPv6.
      server.listen(host === WILDCARD ? { port } : { host, port }, resolve);
    });
    // Accepting may fail for a while, as when there are no descriptors left; the listener stays.
    server.on('error', () => {});
  }

  async #resolved() {
    try {
      return await resolveHostPort(this.#listen);
    } catch (error) {
      throw error instanceof AddressError ? listenFailure(`listen tcp: ${error.message}`) : error;
    }
  }
}
