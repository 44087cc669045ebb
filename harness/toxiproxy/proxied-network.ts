import { freePorts } from '../ensemble/free-ports.ts';
import type { Router } from '../ensemble/routes.ts';
import type { Member } from '../ensemble/zoo-config.ts';
import type { ToxiproxyClient } from './client.ts';
import { type Link, linksOf, Topology } from './topology.ts';

/**
 * The network of an ensemble, with a proxy of Toxiproxy's on every way: `createEnsemble({ …, through: network.router })`.
 * Toxiproxy has to be on this machine.
 *
 * A reconfiguration would give every server the same addresses for all, past the proxies: `reconfigEnabled` must stay
 * off, as it is by default.
 */
export class ProxiedNetwork {
  readonly toxiproxy: ToxiproxyClient;
  /** Lays the proxies, once. */
  readonly router: Router = (members) => this.#lay(members);
  #topology: Topology | null = null;

  constructor(toxiproxy: ToxiproxyClient) {
    this.toxiproxy = toxiproxy;
  }

  /** @throws Error before the proxies are laid. */
  get topology(): Topology {
    if (this.#topology === null) throw new Error('no ensemble has been created through this network yet');
    return this.#topology;
  }

  /** These servers on one side, all others on the other. Connections across are closed, and new ones refused. */
  async isolate(...ids: readonly number[]): Promise<void> {
    await this.#each(this.topology.around(ids), (name) => this.toxiproxy.disable(name));
  }

  /** Everybody reaches everybody, and no toxic is left. */
  async heal(): Promise<void> {
    await this.toxiproxy.reset();
  }

  async #lay(members: readonly Member[]): Promise<Topology> {
    if (this.#topology !== null) throw new Error('this network has its ensemble already');
    // Not the system's choice: that may be given to an outgoing connection while a proxy is disabled.
    const topology = new Topology(members, await freePorts(linksOf(members).length));
    await this.toxiproxy.populate(topology.proxies);
    this.#topology = topology;
    return topology;
  }

  async #each(links: readonly Link[], act: (name: string) => Promise<unknown>): Promise<void> {
    await Promise.all(links.map(({ name }) => act(name)));
  }
}
