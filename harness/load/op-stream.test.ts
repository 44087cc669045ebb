import { createHash } from 'node:crypto';
import t from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { OpKind, ROOT_KEY } from '../history/op.ts';
import type { NextOp } from './load-op.ts';
import { OpStream } from './op-stream.ts';
import { parseWorkload } from './workload.ts';
import type { Workload, WorkloadInput } from './workload.ts';
import { Zipf } from './zipf.ts';

function workloadWith(change: Partial<WorkloadInput>): Workload {
  return parseWorkload(
    {
      name: 'test',
      mix: { read: 1 },
      keys: { count: 100 },
      valueSize: 64,
      connections: 4,
      depth: 1,
      durationS: 1,
      warmupS: 0,
      ...change,
    },
    'test',
  );
}

const EVERYTHING = workloadWith({
  mix: { read: 3, write: 3, create: 2, delete: 2, exists: 1, children: 1, sync: 1 },
  valueSize: { min: 8, max: 4096 },
});

function draw(workload: Workload, of: { seed: number; lane?: number; count: number }): NextOp[] {
  const { seed, lane = 0, count } = of;
  const stream = new OpStream(workload, { prng: new Prng(seed), lane, lanes: workload.connections });
  return Array.from({ length: count }, () => {
    const next: NextOp = { kind: OpKind.sync, key: 0, valueBytes: 0 };
    stream.take(next);
    return next;
  });
}

/** Within six standard deviations of a count that is expected to be so large. */
function near(count: number | undefined, expected: number): boolean {
  return Math.abs((count ?? 0) - expected) < 6 * Math.sqrt(expected);
}

function share(ops: readonly NextOp[], key: number): number {
  return ops.filter((op) => op.key === key).length / ops.length;
}

function hashOf(ops: readonly NextOp[]): string {
  const hash = createHash('sha256');
  for (const { kind, key, valueBytes } of ops) hash.update(`${kind} ${key} ${valueBytes}\n`);
  return hash.digest('hex').slice(0, 16);
}

await t.test('the same seed sends the same operations, another seed or connection others', async (t) => {
  const hash = hashOf(draw(EVERYTHING, { seed: 1, count: 10_000 }));
  t.equal(hashOf(draw(EVERYTHING, { seed: 1, count: 10_000 })), hash);
  t.not(hashOf(draw(EVERYTHING, { seed: 2, count: 10_000 })), hash);
  t.not(hashOf(draw(EVERYTHING, { seed: 1, lane: 1, count: 10_000 })), hash);
  // A seed in an old report must still mean the same load.
  t.equal(hash, '7b0bbae7a5432aef');
});

await t.test('operations come in the proportions of the mix', async (t) => {
  const counts = new Map<OpKind, number>();
  const ops = draw(EVERYTHING, { seed: 5, count: 130_000 });
  for (const { kind } of ops) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  // Thirteen shares of 10,000. A delete that finds nothing becomes a create, so those two are taken together.
  t.ok(near(counts.get(OpKind.getData), 30_000));
  t.ok(near(counts.get(OpKind.setData), 30_000));
  t.ok(near((counts.get(OpKind.create) ?? 0) + (counts.get(OpKind.delete) ?? 0), 40_000));
  t.ok(near(counts.get(OpKind.exists), 10_000));
  t.ok(near(counts.get(OpKind.getChildren), 10_000));
  t.ok(near(counts.get(OpKind.sync), 10_000));
});

await t.test('creates and deletes of a connection are possible in the order they are sent', async (t) => {
  const workload = workloadWith({ mix: { create: 1, delete: 1 } });
  const owners = new Map<number, number>();
  for (let lane = 0; lane < workload.connections; lane++) {
    const present = new Set<number>();
    for (const { kind, key } of draw(workload, { seed: 3, lane, count: 5_000 })) {
      if (kind === OpKind.create) {
        if (present.has(key) || key < workload.keys.count) t.fail(`create of k${key}, which is there`);
        if ((owners.get(key) ?? lane) !== lane) t.fail(`k${key} is created by two connections`);
        present.add(key);
        owners.set(key, lane);
      } else if (!present.delete(key)) t.fail(`delete of k${key}, which is not there`);
    }
  }
  t.ok(owners.size > 4 && owners.size < 4_000, 'indices are used again');
});

await t.test('value sizes and keys stay in their bounds and reach them', async (t) => {
  const workload = workloadWith({ mix: { write: 1 }, keys: { count: 10 }, valueSize: { min: 10, max: 12 } });
  const ops = draw(workload, { seed: 9, count: 2_000 });
  t.same(new Set(ops.map(({ valueBytes }) => valueBytes)), new Set([10, 11, 12]));
  t.same(
    [...new Set(ops.map(({ key }) => key))].sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
  const root = draw(workloadWith({ mix: { children: 1, sync: 1 } }), { seed: 1, count: 10 });
  t.ok(root.every(({ key }) => key === ROOT_KEY));
});

await t.test('a zipfian rank comes with a probability proportional to 1 / rank^theta', async (t) => {
  for (const theta of [0.5, 0.99, 1, 1.5]) {
    const count = 50;
    const draws = 200_000;
    const zipf = new Zipf(count, theta);
    const prng = new Prng(11);
    const seen = Array.from({ length: count }, () => 0);
    for (let i = 0; i < draws; i++) {
      const rank = zipf.draw(prng);
      seen[rank] = (seen[rank] ?? 0) + 1;
    }
    const weights = seen.map((_, rank) => (rank + 1) ** -theta);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    // Chi-squared with 49 degrees of freedom: above 100 about once in 30,000 seeds, and this is one seed.
    const chiSquared = seen.reduce((sum, count, rank) => {
      const expected = (draws * (weights[rank] ?? 0)) / total;
      return sum + (count - expected) ** 2 / expected;
    }, 0);
    t.ok(chiSquared < 100, `theta ${theta}: ${chiSquared.toFixed(1)}`);
  }
});

await t.test('zipfian favours k0, latest the newest', async (t) => {
  const zipfian = draw(workloadWith({ keys: { count: 100, distribution: 'zipfian' } }), {
    seed: 2,
    count: 20_000,
  });
  // 1 / H(100, 0.99) is 0.190.
  t.ok(Math.abs(share(zipfian, 0) - 0.19) < 0.015);
  t.ok(share(zipfian, 99) < 0.01);

  const latest = draw(workloadWith({ keys: { count: 100, distribution: 'latest' } }), {
    seed: 2,
    count: 20_000,
  });
  t.ok(Math.abs(share(latest, 99) - 0.19) < 0.015);
  t.ok(share(latest, 0) < 0.01);

  const growing = workloadWith({ mix: { create: 1, read: 1 }, keys: { count: 100, distribution: 'latest' } });
  const ops = draw(growing, { seed: 2, count: 4_000 });
  let newest = 99;
  let hits = 0;
  for (const { kind, key } of ops) {
    if (kind === OpKind.create) newest = key;
    else if (key === newest) hits++;
  }
  const reads = ops.filter(({ kind }) => kind === OpKind.getData).length;
  t.ok(hits / reads > 0.15, 'a znode just created is the most popular one');
});
