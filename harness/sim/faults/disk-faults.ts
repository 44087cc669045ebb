import type { DiskFault } from '../sim-disk.ts';
import { anyOf, type Fault, logUniform } from './fault.ts';

const WRITES: ReadonlySet<string> = new Set(['write', 'writeDurably']);
const CHANGES: ReadonlySet<string> = new Set([
  ...WRITES,
  'flush',
  'sync',
  'create',
  'rename',
  'syncDirectory',
]);

export const slowDisk: Fault = {
  name: 'slowDisk',
  fire: (victims, prng) => {
    const node = anyOf(victims.nodes, prng);
    if (node === undefined) return;
    node.diskFactor = logUniform(prng, 5, 2_000);
    victims.say(`makes the disk of server ${node.id} ${node.diskFactor.toFixed(0)} times slower`);
    victims.marks.hit('slow disk');
    victims.later(victims.tickMs * logUniform(prng, 0.5, 40), () => {
      node.diskFactor = 1;
    });
  },
};

/** One call fails. What was to be flushed may be readable and never be written. */
export const diskError: Fault = {
  name: 'diskError',
  fire: (victims, prng) => {
    const node = anyOf(victims.nodes, prng);
    if (node === undefined) return;
    const parts = prng.fork('parts');
    node.disk.failedWriteParts = parts.next() < 0.5 ? parts : null;
    node.disk.failedFlushReverts = prng.next() < 0.5;
    let left = 1 + prng.below(2);
    let skip = prng.below(10);
    node.diskFaults = (op): DiskFault | null => {
      if (left === 0 || !CHANGES.has(op.type)) return null;
      if (skip-- > 0) return null;
      left--;
      victims.marks.hit('disk error');
      victims.say(`fails ${op.type} of ${op.path} on server ${node.id}`);
      return { errno: 'EIO' };
    };
    victims.later(10 * victims.tickMs, () => {
      left = 0;
    });
  },
};

export const diskFull: Fault = {
  name: 'diskFull',
  fire: (victims, prng) => {
    const node = anyOf(victims.nodes, prng);
    if (node === undefined) return;
    victims.say(`fills the disk of server ${node.id}`);
    let isFull = true;
    node.diskFaults = (op): DiskFault | null => {
      if (!isFull || (!WRITES.has(op.type) && op.type !== 'create')) return null;
      victims.marks.hit('disk full');
      return { errno: 'ENOSPC' };
    };
    victims.later(victims.tickMs * logUniform(prng, 0.5, 40), () => {
      victims.say(`makes room on the disk of server ${node.id}`);
      isFull = false;
    });
  },
};

export const shortWrite: Fault = {
  name: 'shortWrite',
  fire: (victims, prng) => {
    const node = anyOf(victims.nodes, prng);
    if (node === undefined) return;
    let left = 3;
    node.diskFaults = (op): DiskFault | null => {
      if (left === 0 || !WRITES.has(op.type)) return null;
      left--;
      victims.marks.hit('short write');
      return { bytesTaken: 1 + prng.below(64) };
    };
  },
};
