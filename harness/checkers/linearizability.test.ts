import t from 'tap';
import { historyOf } from '../history/history-of.ts';
import { type Op, OpKind } from '../history/op.ts';
import { checkLinearizability } from './linearizability.ts';
import { bigHistory } from './self-test/big-history.ts';
import { unsaidIn } from './self-test/explained.ts';
import { create, final, getData, setData, tinyHistory } from './self-test/tiny-history.ts';
import { checkZxidOrder } from './zxid-order.ts';

const A = 1;

await t.test('two updates that made one version are found, with what stands against them', async (t) => {
  const history = tinyHistory([
    create(0, A, 10, 100),
    setData(0, A, 20, { valueId: 200, version: 1 }),
    setData(1, A, 30, { valueId: 300, version: 1 }),
  ]);
  const result = checkLinearizability(history);
  const { verdict, counts, anomalies } = result;
  t.equal(verdict, 'invalid');
  t.same(unsaidIn(result), []);
  t.same(counts, { 'not linearizable': 1 });
  t.match(anomalies[0], {
    name: 'not linearizable',
    explanation: /^k1: 2 can be placed/,
    ops: [{ index: 0 }, { index: 1 }, { index: 2 }],
  });
});

await t.test(
  'a server that lies consistently in its zxids is believed by them, and not by the search',
  async (t) => {
    const rows = [create(0, A, 10, 100), setData(0, A, 20, { valueId: 200, version: 1 })];
    // It has lost the update, and shows its tree as of before: by its zxid that is a stale read, and no lie.
    const old = final(getData(2, A, 15, { valueId: 100, version: 0, mzxid: 10 }));
    const synced = tinyHistory([...rows, final({ process: 2, kind: OpKind.sync, zxid: 15 }), old]);
    t.equal(checkZxidOrder(synced).verdict, 'valid');
    t.equal(checkLinearizability(synced).verdict, 'invalid');
    t.equal(
      checkLinearizability(tinyHistory([...rows, old])).verdict,
      'valid',
      'without a sync it may be stale',
    );
  },
);

await t.test(
  'it says how much of the run it has searched, and searches the same for the same seed',
  async (t) => {
    const rows: Op[] = [];
    bigHistory({ seed: 1, ops: 20_000, keys: 500, sessions: 20, indeterminateRate: 0.1 }, (op) =>
      rows.push({ ...op }),
    );
    const history = historyOf(rows);
    const all = checkLinearizability(history);
    t.match(all, { verdict: 'valid', sample: { of: 'znodes', searched: 500, total: 500 } });
    const some = checkLinearizability(history, { operationsMax: 1000 });
    t.equal(some.verdict, 'valid');
    t.ok(some.opsChecked >= 1000 && some.opsChecked < 1200, `${some.opsChecked} operations`);
    t.ok((some.sample?.searched ?? 0) < 100 && some.sample?.total === 500);
    t.equal(checkLinearizability(history, { operationsMax: 1000 }).opsChecked, some.opsChecked);
    t.equal(checkZxidOrder(history).verdict, 'valid');
  },
);

await t.test('a search that runs out of steps is unknown', async (t) => {
  const history = tinyHistory([create(0, A, 10, 100), setData(0, A, 20, { valueId: 200, version: 1 })]);
  const { verdict, counts, sample } = checkLinearizability(history, { stepsMax: 1 });
  t.equal(verdict, 'unknown');
  t.same(counts, { 'search not finished': 1 });
  t.match(sample, { searched: 0, total: 1 });
});

await t.test('a cut history is not searched', async (t) => {
  const cut = { path: 'history/000.history', reason: 'torn', ops: 2, lostBytes: 5 } as const;
  const history = Object.assign(tinyHistory([setData(0, A, 20, { valueId: 200, version: 7 })]), {
    cuts: [cut],
  });
  t.match(checkLinearizability(history), {
    verdict: 'unknown',
    opsChecked: 0,
    sample: { searched: 0, total: 1 },
  });
});
