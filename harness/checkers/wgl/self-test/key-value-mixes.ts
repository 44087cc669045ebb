import type { KeyValueOptions } from './key-value-history.ts';

export type KeyValueMix = Omit<KeyValueOptions, 'seed'>;

const PLAIN = { unansweredRate: 0, values: Infinity };

const VALID: readonly Omit<KeyValueMix, 'isStale'>[] = [
  { ...PLAIN, operations: 1000, keys: 5, clients: 5 },
  { ...PLAIN, operations: 20_000, keys: 10, clients: 8 },
  { ...PLAIN, operations: 20_000, keys: 10, clients: 50 },
  { ...PLAIN, operations: 20_000, keys: 10, clients: 50, values: 4 },
  { ...PLAIN, operations: 100_000, keys: 100, clients: 50 },
  { ...PLAIN, operations: 1000, keys: 20, clients: 5, unansweredRate: 0.05 },
  { ...PLAIN, operations: 20_000, keys: 100, clients: 20, unansweredRate: 0.01 },
  { ...PLAIN, operations: 20_000, keys: 2000, clients: 20, unansweredRate: 0.1 },
  { ...PLAIN, operations: 100_000, keys: 2000, clients: 20, unansweredRate: 0.02 },
];

/**
 * Kinds of key-value histories, small and large, with and without answers missing: what is easy for a search and what
 * is hard. Each also with a stale read, save where values are written again, which may make that one right.
 */
export const KEY_VALUE_MIXES: readonly KeyValueMix[] = VALID.flatMap((mix) => {
  const valid = { ...mix, isStale: false };
  return mix.values === Infinity ? [valid, { ...mix, isStale: true }] : [valid];
});
