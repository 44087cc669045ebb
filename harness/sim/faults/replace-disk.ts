import type { ServerId } from '../../../server/base/server-id.ts';
import type { SimNode } from '../sim-node.ts';
import { anyOf, type Fault, logUniform, type Victims } from './fault.ts';
import { startLater } from './process-faults.ts';

/**
 * Whether this server's disk may be lost: it has something to lose, and all others have what they had. An ensemble
 * promises nothing to who loses a second disk before the first is brought up to date.
 */
export function mayLoseDisk(node: SimNode, { nodes, memberships, isBlank }: Victims): boolean {
  // Of two voters each is needed.
  for (const { verifier } of memberships()) {
    if (verifier.voters.size <= 2 && verifier.voters.has(node.id as ServerId)) return false;
  }
  return !isBlank(node) && nodes.every((other) => !other.isRotten && (other === node || !isBlank(other)));
}

/** An operator takes a machine away and puts a new one with an empty disk in its place (B05). */
export const replaceDisk: Fault = {
  name: 'replaceDisk',
  fire: (victims, prng) => {
    const node = anyOf(victims.nodes, prng);
    if (node === undefined || !mayLoseDisk(node, victims)) return;
    victims.replaceDisk(node);
    startLater(node, victims, victims.tickMs * logUniform(prng, 0.05, 20));
  },
};
