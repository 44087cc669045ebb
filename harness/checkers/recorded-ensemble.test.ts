import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { finalTreesSchema } from '../history/final-trees.ts';
import type { History } from '../history/history.ts';
import { readHistory } from '../history/history-reader.ts';
import { isWrite, OpKind, Outcome, Phase } from '../history/op.ts';
import { judgeHistory } from './judge.ts';

/** As a test finds it that was compiled to `dist`. */
function testdata(name: string): string {
  return fileURLToPath(new URL(`../../../harness/checkers/testdata/${name}`, import.meta.url));
}

/**
 * What six clients saw of three servers of Apache's (3.8.0) whose leader was killed twice: `bench --target apache
 * --servers 3 --set tickTime=250 --set syncLimit=4 --workload mixed --keys 30 --connections 6 --rate 60 --duration 2
 * --warmup 0 --fault kill-leader --rounds 2 --seed 11 --value-size 16`.
 */
const RECORDED = testdata('apache-3.8.0-leader-killed-twice.history');
const EPOCH = 2 ** 32;

const recorded = (): History => readHistory([RECORDED]);
const epochOf = (history: History, row: number): number => Math.floor((history.zxid[row] ?? 0) / EPOCH);
const rowsOf = (history: History): number[] => Array.from({ length: history.size }, (_, row) => row);

function found(history: History): Record<string, number> {
  const { checkers } = judgeHistory(history, { expectsFinalReads: true });
  return Object.assign({}, ...checkers.map(({ counts }) => counts)) as Record<string, number>;
}

await t.test('three servers and two elections: valid, with every session in every epoch', async (t) => {
  const history = recorded();
  t.same(found(history), {});
  t.equal(judgeHistory(history, { expectsFinalReads: true }).verdict, 'valid');
  const epochs = new Map<number, Set<number>>();
  for (const row of rowsOf(history)) {
    if ((history.zxid[row] ?? 0) <= 0) continue;
    const seen = epochs.get(history.process[row] ?? 0) ?? new Set<number>();
    epochs.set(history.process[row] ?? 0, seen.add(epochOf(history, row)));
  }
  t.same(
    [...epochs.values()].map((seen) => [...seen]),
    Array.from({ length: 6 }, () => [1, 2, 3]),
  );
});

await t.test('a session that is behind what it has seen when it moves is found', async (t) => {
  const history = recorded();
  const inSecond = rowsOf(history).find(
    (row) => history.kind[row] === OpKind.getData && epochOf(history, row) === 2,
  );
  if (inSecond === undefined) throw new Error('nobody read in the second epoch');
  const before = rowsOf(history)
    .slice(0, inSecond)
    .findLast((row) => history.process[row] === history.process[inSecond] && (history.zxid[row] ?? 0) > 0);
  history.zxid[inSecond] = (history.zxid[before ?? 0] ?? 0) - 1;
  t.ok('session went back in time' in found(history));
});

await t.test('a write that the next leader does not have is found', async (t) => {
  const history = recorded();
  // As if it had never been acknowledged with that value: somebody has read what nobody wrote.
  const writes = rowsOf(history).filter(
    (row) =>
      isWrite(history.kind[row] ?? 0) && history.outcome[row] === Outcome.ok && epochOf(history, row) === 1,
  );
  const read = new Set(history.valueId.filter((_, row) => history.kind[row] === OpKind.getData));
  const lost = writes.findLast((row) => read.has(history.valueId[row] ?? 0));
  if (lost === undefined) throw new Error('no write of the first epoch was read');
  history.valueId[lost] = 12_345;
  t.ok('invented value' in found(history));
});

await t.test('a follower that claims to be further than it is is found', async (t) => {
  const history = recorded();
  const reads = rowsOf(history).filter(
    (row) => history.kind[row] === OpKind.getData && history.phase[row] === Phase.measure,
  );
  const lies = reads.filter((row) => {
    const honest = history.zxid[row] ?? 0;
    if (honest <= 0) return false;
    const changed = recorded();
    changed.zxid[row] = 3 * EPOCH + 1000;
    return 'session went back in time' in found(changed) || 'read from the future' in found(changed);
  });
  t.ok(lies.length > 0.9 * reads.length, `${lies.length} of ${reads.length}`);
});

await t.test('two leaders that give out the same zxid are found', async (t) => {
  const history = recorded();
  const writes = rowsOf(history).filter(
    (row) => isWrite(history.kind[row] ?? 0) && history.outcome[row] === Outcome.ok,
  );
  const old = writes.findLast((row) => epochOf(history, row) === 1);
  const young = writes.find((row) => epochOf(history, row) === 2);
  history.zxid[young ?? 0] = history.zxid[old ?? 0] ?? 0;
  t.ok('two writes with one zxid' in found(history));
});

/**
 * What a follower of Apache's (3.8.0) has lost that was killed, met an exception while it was brought up to date
 * (ZOOKEEPER-4394), and was killed again: there is a hole in its log. Of a `bench --fault kill-any --rounds 8` on two
 * servers of 3.8.0, one and an observer of 3.9.5, the operations on five znodes that it has wrong, and no lists of
 * children, which the others would have to be known for.
 */
await t.test(
  'a server that has lost what a majority has is found, by its readers and by its tree',
  async (t) => {
    const history = readHistory([testdata('apache-3.8.0-follower-lost-txns.history')]);
    const text = readFileSync(testdata('apache-3.8.0-follower-lost-txns.trees.json'), 'utf8');
    const trees = finalTreesSchema.parse(JSON.parse(text));
    const { verdict, checkers } = judgeHistory(history, { expectsFinalReads: true }, trees);
    t.equal(verdict, 'invalid');
    t.match(Object.fromEntries(checkers.map(({ name, counts }) => [name, counts])), {
      'zxid-order': { 'stale read': 4, 'resurrected node': 1 },
      durability: { 'deleted node is back': 1 },
      'same-trees': { 'trees differ': 4 },
    });
  },
);
