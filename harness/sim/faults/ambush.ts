import type { Prng } from '../../../server/base/prng.ts';
import type { SimNode } from '../sim-node.ts';
import { logUniform, type Victims } from './fault.ts';
import { isolate } from './network-faults.ts';
import { startLater } from './process-faults.ts';

/** What happens to a server at a bad moment. */
export function ambush(node: SimNode, victims: Victims, prng: Prng): void {
  const { marks, network, nodes, tickMs, later } = victims;
  const downMs = tickMs * logUniform(prng, 0.02, 10);
  switch (prng.below(6)) {
    case 0:
    case 1:
      marks.hit('power cut');
      node.cutPower();
      startLater(node, victims, downMs);
      return;
    case 2:
      marks.hit('kill');
      node.kill();
      startLater(node, victims, downMs);
      return;
    case 3:
      isolate(victims, prng, node.host);
      return;
    case 4:
      for (const other of nodes) {
        if (other !== node && network.reset(node.host, other.host) > 0) marks.hit('reset');
      }
      return;
    default:
      if (node.state !== 'up') return;
      marks.hit('pause');
      node.pause();
      later(tickMs * logUniform(prng, 0.2, 20), () => node.resume());
  }
}
