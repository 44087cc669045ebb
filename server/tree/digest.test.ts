import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import t from 'tap';
import { Prng } from '../base/prng.ts';
import { PreparedTree, proposeRandom } from '../pipeline/testing/prepared-tree.ts';
import { DataTree } from './data-tree.ts';
import { DigestSum } from './digest.ts';
import type { Znode } from './znode.ts';

/** From the text of protocol §2.1, node by node and with bigints. */
function digestFromScratch(tree: DataTree): bigint {
  let sum = 0n;
  const visit = (path: string, node: Znode): void => {
    if (!path.startsWith('/zookeeper/')) sum += BigInt(nodeDigestFromScratch(node));
    for (const name of node.children ?? []) {
      const child = path === '/' ? `/${name}` : `${path}/${name}`;
      visit(child, tree.get(child) as Znode);
    }
  };
  visit('/', tree.get('/') as Znode);
  return BigInt.asUintN(64, sum);
}

function nodeDigestFromScratch(node: Znode): number {
  const stat = Buffer.alloc(60);
  const longs = [node.czxid, node.mzxid, node.pzxid, node.ctime, node.mtime];
  longs.forEach((value, i) => stat.writeBigInt64BE(BigInt(value), 8 * i));
  [node.version, node.cversion, node.aversion].forEach((value, i) => stat.writeInt32BE(value, 40 + 4 * i));
  stat.writeBigInt64BE(node.ephemeralOwner, 52);
  return crc32(Buffer.concat([Buffer.from(node.path), node.data ?? Buffer.alloc(0), stat]));
}

function sumOf({ high, low }: { high: number; low: number }): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

await t.test('an empty tree has the digest Apache prints (§9)', async (t) => {
  const tree = new DataTree({ digestEnabled: true });
  tree.createSystemNodes();
  t.equal(sumOf(tree.digest), 0x51c6d660n);
});

await t.test('the sum is kept modulo 2^64, whatever is added and taken away', async () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 2 ** 32 - 1 }))), (steps) => {
      const sum = new DigestSum();
      let expected = 0n;
      for (const [adds, value] of steps) {
        if (adds) sum.add(value);
        else sum.subtract(value);
        expected = BigInt.asUintN(64, adds ? expected + BigInt(value) : expected - BigInt(value));
      }
      return sumOf(sum) === expected;
    }),
    { numRuns: 500 },
  );
});

await t.test(
  'adopted digests, and those a txn carries, are what a computation from scratch gives',
  async (t) => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = new Prng(seed);
      const target = new PreparedTree();
      for (let round = 0; round < 30; round++) {
        for (let i = random.below(12); i > 0; i--) proposeRandom(target, random);
        while (target.proposed.length > 0) {
          const { digest } = target.proposed[0] as { digest: { high: number; low: number } };
          target.apply(1);
          const fromScratch = digestFromScratch(target.tree);
          if (sumOf(target.tree.digest) !== fromScratch)
            t.fail(`seed ${seed}: the tree's own digest is wrong`);
          if (sumOf(digest) !== fromScratch) t.fail(`seed ${seed}: the txn's digest is wrong`);
        }
      }
      if (!t.passing()) return;
    }
  },
);
