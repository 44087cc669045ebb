import { parseWorkload } from '../harness/load/workload.ts';

/** Znodes that come and go, as those of locks and of service registrations do: the tree itself changes. */
export const createDelete = parseWorkload(
  {
    name: 'create-delete',
    doc: '45 % create, 45 % delete, 10 % exists with small values below one parent.',
    mix: { create: 45, delete: 45, exists: 10 },
    keys: { count: 1_000, distribution: 'latest' },
    valueSize: 128,
    connections: 20,
    depth: 20,
    durationS: 10,
    warmupS: 3,
  },
  'create-delete',
);
