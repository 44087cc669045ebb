import type { Prng } from '../../../server/base/prng.ts';
import type { SimHost } from '../sim-host.ts';
import { anyOf, type Fault, logUniform, type Victims } from './fault.ts';

function serverHosts({ nodes }: Victims): SimHost[] {
  return nodes.map(({ host }) => host);
}

export function isolate(victims: Victims, prng: Prng, host: SimHost): void {
  const rest = serverHosts(victims);
  victims.marks.hit('partition');
  cut(victims, prng, [host], rest);
  if (prng.next() < 0.7) cut(victims, prng, rest, [host]);
}

/** Holds every way from one of `from` to one of `to`, for a while; sometimes what was held is lost with its connection. */
function cut(victims: Victims, prng: Prng, from: readonly SimHost[], to: readonly SimHost[]): void {
  const { network } = victims;
  const pairs = from.flatMap((x) => to.filter((y) => y !== x).map((y) => [x, y] as const));
  for (const [x, y] of pairs) network.link(x, y).hold();
  const isReset = prng.next() < 0.5;
  victims.later(victims.tickMs * logUniform(prng, 0.1, 30), () => {
    for (const [x, y] of pairs) {
      if (isReset) network.reset(x, y);
      network.link(x, y).release();
    }
  });
}

function names(hosts: readonly SimHost[]): string {
  return hosts.map(({ address }) => address).join(' ');
}

/** The servers fall apart in two; clients go with either. */
export const partition: Fault = {
  name: 'partition',
  fire: (victims, prng) => {
    const hosts = prng.shuffled(serverHosts(victims));
    const size = prng.next() < 0.5 ? 1 : prng.below(hosts.length);
    const leader = victims.leader()?.host;
    // Whoever leads alone with a client or two has something to take back.
    const side = leader !== undefined && prng.next() < 0.4 ? [leader] : hosts.slice(0, size);
    const rest = hosts.filter((host) => !side.includes(host));
    for (const client of victims.clientHosts) (prng.next() < 0.5 ? side : rest).push(client);
    victims.say(`parts ${names(side)} from the others`);
    victims.marks.hit('partition');
    cut(victims, prng, side, rest);
    cut(victims, prng, rest, side);
  },
};

/** One way only: the others don't hear it, or it does not hear them. */
export const asymmetricPartition: Fault = {
  name: 'asymmetricPartition',
  fire: (victims, prng) => {
    const hosts = serverHosts(victims);
    const one = anyOf(hosts, prng);
    if (one === undefined) return;
    const rest = hosts.filter((host) => host !== one && prng.next() < 0.8);
    const isDeaf = prng.next() < 0.5;
    victims.say(`${one.address} ${isDeaf ? 'does not hear' : 'is not heard by'} ${names(rest)}`);
    victims.marks.hit('partition');
    if (isDeaf) cut(victims, prng, rest, [one]);
    else cut(victims, prng, [one], rest);
  },
};

/** One way is stuck for a moment. */
export const clog: Fault = {
  name: 'clog',
  fire: (victims, prng) => {
    const hosts = [...serverHosts(victims), ...victims.clientHosts];
    const from = anyOf(hosts, prng);
    const to = anyOf(hosts, prng);
    if (from === undefined || to === undefined || from === to) return;
    victims.say(`clogs ${from.address} to ${to.address}`);
    victims.marks.hit('clog');
    const link = victims.network.link(from, to);
    link.hold();
    victims.later(victims.tickMs * logUniform(prng, 0.02, 10), () => link.release());
  },
};

export const resetConnections: Fault = {
  name: 'reset',
  fire: (victims, prng) => {
    const hosts = [...serverHosts(victims), ...victims.clientHosts];
    const x = anyOf(serverHosts(victims), prng);
    const y = anyOf(hosts, prng);
    if (x === undefined || y === undefined || x === y) return;
    if (victims.network.reset(x, y) > 0) {
      victims.say(`resets what is between ${x.address} and ${y.address}`);
      victims.marks.hit('reset');
    }
  },
};

export const slowLink: Fault = {
  name: 'slowLink',
  fire: (victims, prng) => {
    const hosts = [...serverHosts(victims), ...victims.clientHosts];
    const from = anyOf(hosts, prng);
    const to = anyOf(hosts, prng);
    if (from === undefined || to === undefined || from === to) return;
    const link = victims.network.link(from, to);
    link.latencyFactor = logUniform(prng, 2, 200);
    victims.say(`makes ${from.address} to ${to.address} ${link.latencyFactor.toFixed(0)} times slower`);
    victims.marks.hit('slow link');
    victims.later(victims.tickMs * logUniform(prng, 0.5, 40), () => {
      link.latencyFactor = 1;
    });
  },
};
