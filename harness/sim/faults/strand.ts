import type { SimHost } from '../sim-host.ts';
import { type Fault, logUniform } from './fault.ts';
import { startLater } from './process-faults.ts';

/** How long a server looks for a leader before it serves those who only read, ms, and a little more. */
const LOOKING_MS = 2500;

/**
 * Servers lose sight of all others while clients still come to them, for so long that they serve who can do with reads.
 * Now and then one is started again meanwhile, or none sees any other.
 */
export const strand: Fault = {
  name: 'strand',
  fire: (victims, prng) => {
    const { nodes, network, tickMs, later, say, marks } = victims;
    const isAll = prng.next() < 0.3;
    const stranded = isAll ? nodes : prng.shuffled(nodes).slice(0, 1);
    const pairs: (readonly [SimHost, SimHost])[] = [];
    for (const { host } of stranded)
      for (const other of nodes) if (other.host !== host) pairs.push([host, other.host]);
    say(`strands ${isAll ? 'every server' : `server ${stranded[0]?.id}`}`);
    marks.hit('strand');
    for (const [x, y] of pairs) {
      network.link(x, y).hold();
      network.link(y, x).hold();
      network.reset(x, y);
    }
    for (const node of stranded) {
      if (node.state !== 'up' || prng.next() < 0.7) continue;
      node.kill();
      startLater(node, victims, tickMs * prng.next());
    }
    later(LOOKING_MS + tickMs * logUniform(prng, 2, 40), () => {
      for (const [x, y] of pairs) {
        network.link(x, y).release();
        network.link(y, x).release();
      }
    });
  },
};
