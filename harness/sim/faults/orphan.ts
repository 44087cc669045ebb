import type { Fault } from './fault.ts';

/**
 * The leader is cut off from its followers, takes some more from its clients, and comes back to another leader that
 * has proposed nothing yet: what nobody else has must be taken back (TRUNC).
 */
export const orphan: Fault = {
  name: 'orphan',
  fire: (victims, prng) => {
    const leader = victims.leader();
    if (leader === undefined) return;
    const { network, tickMs, later } = victims;
    const others = victims.nodes.filter((node) => node !== leader).map(({ host }) => host);
    const links = others.flatMap((host) => [
      network.link(leader.host, host),
      network.link(host, leader.host),
    ]);
    victims.say(`orphans server ${leader.id}`);
    victims.marks.hit('orphan');
    for (const link of links) link.hold();
    later(tickMs * (0.2 + 2 * prng.next()), () => victims.rest(true));
    later(tickMs * (6 + 12 * prng.next()), () => {
      for (const host of others) network.reset(leader.host, host);
      for (const link of links) link.release();
    });
    later(tickMs * (14 + 16 * prng.next()), () => victims.rest(false));
  },
};
