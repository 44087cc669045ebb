import { anyOf, type Fault, logUniform } from './fault.ts';
import { startLater } from './process-faults.ts';
import { mayLoseDisk } from './replace-disk.ts';

/** Files that carry a checksum; that of an epoch has none, in Apache's format. */
const SEALED = /\/(log|snapshot)\.[0-9a-f]+$/;

/**
 * A bit of a log or a snapshot changes while its server is down. The server must notice: it starts from what is
 * intact, all of it, or it does not start, and is given a new disk.
 */
export const bitRot: Fault = {
  name: 'bitRot',
  fire: (victims, prng) => {
    const node = anyOf(victims.nodes, prng);
    if (node === undefined || !mayLoseDisk(node, victims)) return;
    node.kill();
    const path = anyOf(
      node.disk.paths().filter((each) => SEALED.test(each)),
      prng,
    );
    if (path !== undefined) {
      const bytes = node.disk.readBytes(path).slice();
      const at = prng.below(bytes.length);
      if (at < bytes.length) {
        bytes[at] = (bytes[at] as number) ^ (1 << prng.below(8));
        node.disk.writeBytes(path, bytes);
        node.isRotten = true;
        victims.say(`flips a bit at ${at} of ${path} on server ${node.id}`);
        victims.marks.hit('bit flipped');
      }
    }
    startLater(node, victims, victims.tickMs * logUniform(prng, 0.05, 20));
  },
};
