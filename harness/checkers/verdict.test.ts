import t from 'tap';
import { historyOf } from '../history/history-of.ts';
import { judgeHistory } from './judge.ts';
import { create, final, getData, tinyHistory } from './self-test/tiny-history.ts';
import { mergeVerdicts } from './verdict.ts';

await t.test('an unknown is never green, and a violation outweighs any doubt', async (t) => {
  t.equal(mergeVerdicts(['valid', 'valid']), 'valid');
  t.equal(mergeVerdicts(['valid', 'unknown', 'valid']), 'unknown');
  t.equal(mergeVerdicts(['unknown', 'invalid', 'valid']), 'invalid');
  t.equal(mergeVerdicts([]), 'unknown');
});

await t.test('a history in which too little succeeded acquits nobody', async (t) => {
  t.equal(judgeHistory(historyOf([])).verdict, 'unknown');
  const few = tinyHistory([create(0, 1, 10, 100)]);
  t.equal(judgeHistory(few).verdict, 'unknown');
  t.equal(judgeHistory(few, { acknowledgedOpsMin: 1 }).verdict, 'valid');
});

await t.test('a cut history can convict and not acquit', async (t) => {
  const cut = { path: 'history/000.history', reason: 'torn', ops: 2, lostBytes: 5 } as const;
  const good = tinyHistory([create(0, 1, 10, 100)]);
  const cutGood = Object.assign(good, { cuts: [cut] });
  t.equal(judgeHistory(cutGood, { acknowledgedOpsMin: 1 }).verdict, 'unknown');
  const bad = tinyHistory([create(0, 1, 10, 100), create(0, 1, 11, 100)]);
  t.equal(judgeHistory(Object.assign(bad, { cuts: [cut] })).verdict, 'invalid');
});

function names(...args: Parameters<typeof judgeHistory>): string[] {
  return judgeHistory(...args).checkers.map(({ name }) => name);
}

await t.test('durability is judged where there are final reads, and missed where promised', async (t) => {
  const write = create(0, 1, 10, 100);
  t.same(names(tinyHistory([write])), ['completeness', 'zxid-order', 'linearizability']);
  const read = final(getData(1, 1, 10, { valueId: 100, version: 0, mzxid: 10 }));
  t.same(names(tinyHistory([write, read])), ['completeness', 'zxid-order', 'durability', 'linearizability']);
  const promised = { acknowledgedOpsMin: 1, expectsFinalReads: true };
  t.equal(judgeHistory(tinyHistory([write]), promised).verdict, 'unknown');
  t.equal(judgeHistory(tinyHistory([write, read]), promised).verdict, 'valid');
});
