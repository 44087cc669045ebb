import type { MemberAddress, Routes } from '../ensemble/routes.ts';
import type { Member } from '../ensemble/zoo-config.ts';
import type { ProxySpec } from './client.ts';

/** A server is reached by others at its quorum port, when it leads, and at its election port; by clients at a third. */
export type LinkKind = 'quorum' | 'election' | 'client';

/** A way of its own from one to another: what a proxy is made for. */
export interface Link {
  /** `quorum-1-2`: server 1 dials server 2's quorum port; `client-1`: clients dial server 1. */
  readonly name: string;
  readonly kind: LinkKind;
  /** Who dials; null for the clients. */
  readonly from: number | null;
  readonly to: number;
  /** The port that is dialled in the end. */
  readonly port: number;
}

const HOST = '127.0.0.1';

/**
 * Where a server is to others if it says so itself: nowhere. The first message of an election connection tells the
 * sender's address, and who gets it dials that, past every proxy; a wildcard is left out of it.
 */
const EVERY_ADDRESS = '0.0.0.0';

/**
 * One link for each ordered pair of members and each of the two ports, and one for the clients of each member:
 * 2 N (N − 1) + N.
 *
 * A follower dials its leader's quorum port, and of two election connections of a pair the one from the higher id
 * stays: a pair is only cut when both orders and both ports are.
 */
export function linksOf(members: readonly Member[]): Link[] {
  const links: Link[] = [];
  for (const { id: from } of members) {
    for (const { id: to, quorumPort, electionPort } of members) {
      if (from === to) continue;
      links.push({ name: `quorum-${from}-${to}`, kind: 'quorum', from, to, port: quorumPort });
      links.push({ name: `election-${from}-${to}`, kind: 'election', from, to, port: electionPort });
    }
  }
  for (const { id: to, clientPort: port } of members) {
    links.push({ name: `client-${to}`, kind: 'client', from: null, to, port });
  }
  return links;
}

/** Members, and a proxy on every way between them: what to create, and what each server has to be told. */
export class Topology implements Routes {
  readonly links: readonly Link[];
  readonly proxies: readonly ProxySpec[];
  readonly #members: readonly Member[];
  readonly #ports: ReadonlyMap<string, number>;

  /** `ports`: one for each link, in the order of `linksOf`, where the proxies are to listen. */
  constructor(members: readonly Member[], ports: readonly number[]) {
    this.#members = members;
    this.links = linksOf(members);
    if (ports.length !== this.links.length) {
      throw new Error(`${this.links.length} links need as many ports, not ${ports.length}`);
    }
    this.#ports = new Map(this.links.map(({ name }, i) => [name, ports[i] as number]));
    this.proxies = this.links.map(({ name, port }) => ({
      name,
      listen: `${HOST}:${this.#portOf(name)}`,
      upstream: `${HOST}:${port}`,
    }));
  }

  /** Itself everywhere, all others behind the proxies that are for it alone. */
  viewOf(id: number): readonly MemberAddress[] {
    return this.#members.map((member) =>
      member.id === id
        ? { ...member, host: EVERY_ADDRESS }
        : {
            id: member.id,
            isObserver: member.isObserver,
            host: HOST,
            quorumPort: this.#portOf(`quorum-${id}-${member.id}`),
            electionPort: this.#portOf(`election-${id}-${member.id}`),
          },
    );
  }

  clientAddressOf(id: number): string {
    return `${HOST}:${this.#portOf(`client-${id}`)}`;
  }

  /** Everything between two servers. */
  between(one: number, other: number): readonly Link[] {
    return this.links.filter(
      ({ from, to }) => (from === one && to === other) || (from === other && to === one),
    );
  }

  /** Everything between some servers and all the others; what is between them stays out of it, and clients, too. */
  around(ids: readonly number[]): readonly Link[] {
    return this.links.filter(({ from, to }) => from !== null && ids.includes(from) !== ids.includes(to));
  }

  #portOf(name: string): number {
    const port = this.#ports.get(name);
    if (port === undefined) throw new Error(`there is no link ${name}`);
    return port;
  }
}
