import { parseWorkload } from '../harness/load/workload.ts';

/**
 * Every operation at once, on few enough znodes that they meet: the load to look for errors under, because a
 * fault in the order of different operations shows only where they interleave.
 */
export const mixed = parseWorkload(
  {
    name: 'mixed',
    doc: 'Reads, writes, creates, deletes, exists, getChildren and sync on 500 popular znodes.',
    mix: { read: 40, write: 30, create: 8, delete: 8, exists: 10, children: 0.2, sync: 3.8 },
    keys: { count: 500, distribution: 'zipfian' },
    valueSize: { min: 16, max: 1024 },
    connections: 20,
    depth: 8,
    durationS: 10,
    warmupS: 3,
  },
  'mixed',
);
