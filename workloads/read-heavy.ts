import { parseWorkload } from '../harness/load/workload.ts';

/** What most ensembles see: reads of a few popular znodes, each answered by the server it was sent to. */
export const readHeavy = parseWorkload(
  {
    name: 'read-heavy',
    doc: '95 % getData, 5 % setData of 1 KiB values, zipfian over 10,000 znodes.',
    mix: { read: 95, write: 5 },
    keys: { count: 10_000, distribution: { type: 'zipfian', theta: 0.99 } },
    valueSize: 1024,
    connections: 20,
    depth: 20,
    durationS: 10,
    warmupS: 3,
  },
  'read-heavy',
);
