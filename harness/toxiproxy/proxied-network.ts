import { freePorts } from '../ensemble/free-ports.ts';
import type { Router, Routes } from '../ensemble/routes.ts';
import type { Member } from '../ensemble/zoo-config.ts';
import type { ToxiproxyClient } from './client.ts';
import { Disturbances } from './disturbances.ts';
import { linksOf, Topology } from './topology.ts';

/**
 * The network of an ensemble, with a proxy of Toxiproxy's on every way: `createEnsemble({ …, through: network.router })`.
 * Toxiproxy has to be on this machine.
 *
 * A proxy accepts whoever comes, also when nobody is behind it. A server that has ended would then no longer refuse
 * connections, which tells the others at once that it is down, but keep them waiting. So the ways to it are closed
 * while it does not run, and opened before it is started.
 *
 * A reconfiguration would give every server the same addresses for all, past the proxies: `reconfigEnabled` must stay
 * off, as it is by default.
 */
export class ProxiedNetwork {
  readonly toxiproxy: ToxiproxyClient;
  readonly disturbances: Disturbances;
  /** Lays the proxies, once. */
  readonly router: Router = (members) => this.#lay(members);
  #topology: Topology | null = null;
  /** The names of links that a partition has cut. */
  readonly #cut = new Set<string>();
  /** Servers whose process does not run. */
  readonly #ended = new Set<number>();
  /** The names of links whose proxy refuses connections now. */
  readonly #closed = new Set<string>();
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(toxiproxy: ToxiproxyClient) {
    this.toxiproxy = toxiproxy;
    this.disturbances = new Disturbances(this);
  }

  /** @throws Error before the proxies are laid. */
  get topology(): Topology {
    if (this.#topology === null) throw new Error('no ensemble has been created through this network yet');
    return this.#topology;
  }

  /**
   * These servers on one side, all others on the other, beside what is cut already. Connections across are closed,
   * and new ones refused.
   */
  async isolate(...ids: readonly number[]): Promise<void> {
    for (const { name } of this.topology.around(ids)) this.#cut.add(name);
    await this.#change(() => this.#settle());
  }

  /** Connections over these links are closed, and new ones refused. */
  async cut(links: readonly string[]): Promise<void> {
    for (const name of links) this.#cut.add(name);
    await this.#change(() => this.#settle());
  }

  /** What was cut is open again, as far as a server is there. */
  async mend(links: readonly string[]): Promise<void> {
    for (const name of links) this.#cut.delete(name);
    await this.#change(() => this.#settle());
  }

  isCut(link: string): boolean {
    return this.#cut.has(link);
  }

  /** Everybody who runs can be reached, and no toxic is left. */
  async heal(): Promise<void> {
    this.#cut.clear();
    await this.#change(async () => {
      await this.toxiproxy.reset();
      this.#closed.clear();
      await this.#settle();
    });
  }

  async #lay(members: readonly Member[]): Promise<Routes> {
    if (this.#topology !== null) throw new Error('this network has its ensemble already');
    // Not the system's choice: that may be given to an outgoing connection while a proxy is disabled.
    const topology = new Topology(members, await freePorts(linksOf(members).length));
    await this.toxiproxy.populate(topology.proxies);
    this.#topology = topology;
    return {
      viewOf: (id) => topology.viewOf(id),
      clientAddressOf: (id) => topology.clientAddressOf(id),
      serverStarting: (id) => this.#serverStarting(id),
      serverEnded: (id) => this.#serverEnded(id),
    };
  }

  async #serverStarting(id: number): Promise<void> {
    this.#ended.delete(id);
    await this.#change(() => this.#settle());
  }

  #serverEnded(id: number): void {
    this.#ended.add(id);
    // Nobody waits for it. Without a Toxiproxy there is no way to close, and whoever wants one opened is told.
    this.#change(() => this.#settle()).catch(() => {});
  }

  /** One after the other, each from where the last one has come to. */
  #change(act: () => Promise<void>): Promise<void> {
    const done = this.#lastChange.then(act, act);
    this.#lastChange = done.catch(() => {});
    return done;
  }

  /** Closes and opens what is not as it should be. */
  async #settle(): Promise<void> {
    await Promise.all(
      this.topology.links.map(async ({ name, to }) => {
        const shallBeClosed = this.#cut.has(name) || this.#ended.has(to);
        if (shallBeClosed === this.#closed.has(name)) return;
        if (shallBeClosed) await this.toxiproxy.disable(name);
        else await this.toxiproxy.enable(name);
        if (shallBeClosed) this.#closed.add(name);
        else this.#closed.delete(name);
      }),
    );
  }
}
