import { writeFileSync } from 'node:fs';
import { type RegisterInput, RegisterModel, type RegisterOutput } from './models/register.ts';
import {
  keyValueHistory,
  type KeyValueOperation,
  type KeyValueOptions,
} from './self-test/key-value-history.ts';
import { checkLinearizable, type Partition } from './wgl.ts';

/**
 * How fast the search is: `node dist/harness/checkers/wgl/wgl.bench.js [DIRECTORY]`.
 *
 * Judges key-value histories drawn from seeds, each a few times, and says the fastest. With a directory it also writes
 * each there, for another checker to judge: an operation a line, as `key kind a b output call return`, where kind 0 is a
 * read, 1 a write of a, 2 a swap of a for b, and -1 as output or return is none.
 */
const ROUNDS = 7;
const PLAIN = { operations: 20_000, unansweredRate: 0, values: Infinity, isStale: false };

const MIXES: Readonly<Record<string, KeyValueOptions>> = {
  'clients-8-keys-10': { ...PLAIN, seed: 1, keys: 10, clients: 8 },
  'clients-50-keys-10': { ...PLAIN, seed: 2, keys: 10, clients: 50 },
  'clients-50-keys-10-stale': { ...PLAIN, seed: 3, keys: 10, clients: 50, isStale: true },
  'clients-50-keys-10-few-values': { ...PLAIN, seed: 4, keys: 10, clients: 50, values: 4 },
  'clients-20-keys-100-unanswered-1': { ...PLAIN, seed: 5, keys: 100, clients: 20, unansweredRate: 0.01 },
  'clients-20-keys-2000-unanswered-10': { ...PLAIN, seed: 6, keys: 2000, clients: 20, unansweredRate: 0.1 },
  'clients-20-keys-2000-unanswered-10-stale': {
    ...PLAIN,
    seed: 7,
    keys: 2000,
    clients: 20,
    unansweredRate: 0.1,
    isStale: true,
  },
};

for (const [name, options] of Object.entries(MIXES)) measure(name, keyValueHistory(options));

function measure(name: string, operations: readonly KeyValueOperation[]): void {
  const directory = process.argv[2];
  if (directory !== undefined) writeFileSync(`${directory}/${name}.txt`, operations.map(lineOf).join(''));
  let bestMs = Infinity;
  let result = checkLinearizable(byKey(operations));
  for (let round = 0; round < ROUNDS; round++) {
    const startedMs = performance.now();
    result = checkLinearizable(byKey(operations));
    bestMs = Math.min(bestMs, performance.now() - startedMs);
  }
  const rate = `${(operations.length / bestMs / 1000).toFixed(2)} M ops/s`;
  const { verdict, steps, memoBytesMax } = result;
  console.log(
    `${name.padEnd(42)} ${verdict.padEnd(8)} ${bestMs.toFixed(1).padStart(8)} ms  ${rate}, ${steps} steps, ${memoBytesMax} bytes`,
  );
}

function byKey(operations: readonly KeyValueOperation[]): Partition<RegisterInput, RegisterOutput>[] {
  const keys = new Map<number, KeyValueOperation[]>();
  for (const operation of operations) {
    const others = keys.get(operation.key);
    if (others === undefined) keys.set(operation.key, [operation]);
    else others.push(operation);
  }
  return [...keys].map(([key, each]) => {
    return { name: `k${key}`, operations: each, newModel: () => new RegisterModel() };
  });
}

function lineOf({ key, input, output, callNs, returnNs }: KeyValueOperation): string {
  const kind = { read: 0, write: 1, swap: 2 }[input.kind];
  const a = input.kind === 'swap' ? input.expected : input.kind === 'write' ? input.value : 0;
  const b = input.kind === 'swap' ? input.value : 0;
  return `${key} ${kind} ${a} ${b} ${output ?? -1} ${callNs} ${returnNs === Infinity ? -1 : returnNs}\n`;
}
