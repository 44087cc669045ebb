import { parseWorkload } from '../harness/load/workload.ts';

/**
 * Nine writes for each read: what a coordination service is worst at, because every one of them is
 * proposed, flushed to disk on a quorum and applied everywhere before it is answered.
 */
export const writeHeavy = parseWorkload(
  {
    name: 'write-heavy',
    doc: '90 % setData, 10 % getData of 1 KiB values, evenly over 10,000 znodes.',
    mix: { write: 9, read: 1 },
    keys: { count: 10_000, distribution: 'uniform' },
    valueSize: 1024,
    connections: 20,
    depth: 20,
    durationS: 10,
    warmupS: 3,
  },
  'write-heavy',
);
