import t from 'tap';
import { ErrorCode } from '../../../server/wire/error-code.ts';
import { historyOf } from '../../history/history-of.ts';
import { NONE, OpKind, Outcome } from '../../history/op.ts';
import { RandomHistory } from '../self-test/random-history.ts';
import {
  create,
  createSequential,
  del,
  exists,
  failed,
  final,
  getData,
  parts,
  setData,
  tinyHistory,
  type TinyOp,
  unknown,
} from '../self-test/tiny-history.ts';
import { type ZnodeHistoryOptions, znodeHistory } from './from-history.ts';
import { checkLinearizable } from './wgl.ts';

const A = 1;
const sync = (process: number): TinyOp => ({ process, kind: OpKind.sync, key: -1, zxid: 90 });

function verdictOf(ops: readonly TinyOp[], options?: ZnodeHistoryOptions): string {
  return checkLinearizable(znodeHistory(tinyHistory(ops), options).partitions).verdict;
}

const made = create(0, A, 10, 100);
const set = setData(0, A, 20, { valueId: 200, version: 1 });
const lost = unknown(setData(1, A, 0, { valueId: 300, version: 0 }));
const seenLost = getData(2, A, 30, { valueId: 300, version: 1, mzxid: 20 });

await t.test('updates are searched by what they answered, and zxids that lie change nothing', async (t) => {
  t.equal(verdictOf([made, set]), 'valid');
  t.equal(verdictOf([made, { ...set, zxid: 3, mzxid: 3 }]), 'valid');
  t.equal(verdictOf([made, { ...set, version: 2 }]), 'invalid');
  t.equal(verdictOf([made, set, setData(1, A, 30, { valueId: 300, version: 1 })]), 'invalid');
  t.equal(verdictOf([made, create(1, A, 30, 300)]), 'invalid');
});

await t.test('a refused update is held to what it saw', async (t) => {
  const conditional = setData(1, A, 21, { valueId: 5, version: 0 }, { askedVersion: 0 });
  t.equal(verdictOf([made, set, failed(conditional, ErrorCode.badVersion)]), 'valid');
  t.equal(verdictOf([made, failed(conditional, ErrorCode.badVersion)]), 'invalid');
  t.equal(verdictOf([made, failed(conditional, ErrorCode.noNode)]), 'invalid');
  t.equal(verdictOf([made, failed(create(1, A, 21, 5), ErrorCode.nodeExists)]), 'valid');
  // Of the parent.
  t.equal(verdictOf([made, failed(create(1, A, 21, 5), ErrorCode.noNode)]), 'valid');
  t.equal(verdictOf([made, failed(del(1, A, 21), ErrorCode.notEmpty)]), 'valid');
});

await t.test(
  'a stale read is no matter, except at the end or where reads are to be linearizable',
  async (t) => {
    const stale = getData(1, A, 15, { valueId: 100, version: 0, mzxid: 10 });
    t.equal(verdictOf([made, set, stale]), 'valid');
    t.equal(verdictOf([made, set, stale], { reads: 'all' }), 'invalid');
    t.equal(verdictOf([made, set, stale], { reads: 'synced' }), 'valid');
    t.equal(verdictOf([made, set, sync(1), stale], { reads: 'synced' }), 'invalid');
    t.equal(verdictOf([made, set, sync(1), stale]), 'valid');
    t.equal(verdictOf([made, set, final(sync(1)), final(stale)]), 'invalid');
    t.equal(
      verdictOf([made, sync(1), set, stale], { reads: 'synced' }),
      'valid',
      'it is as fresh as the sync',
    );
  },
);

await t.test('an unanswered write that was read is placed before the end of that read', async (t) => {
  const { resolved, open, partitions } = znodeHistory(tinyHistory([made, lost, seenLost]));
  t.same([resolved, open], [1, 0]);
  const [, write] = partitions[0]?.operations ?? [];
  t.match(write, { callNs: 1003, returnNs: 1006, output: { error: 0, version: 1 } });
  t.equal(verdictOf([made, lost, seenLost, setData(0, A, 40, { valueId: 200, version: 2 })]), 'valid');
  t.equal(verdictOf([made, lost, seenLost, setData(0, A, 40, { valueId: 200, version: 1 })]), 'invalid');
});

await t.test('an unanswered write stays open where nothing shows what became of it', async (t) => {
  t.match(znodeHistory(tinyHistory([made, lost, set])), { resolved: 0, dropped: 0, open: 1 });
  t.equal(verdictOf([made, lost, set]), 'valid');
  t.equal(verdictOf([made, lost, { ...set, version: 2 }]), 'valid');
  t.equal(verdictOf([made, lost, { ...set, version: 3 }]), 'invalid');
});

await t.test('an unanswered write that a last read shows not to have happened is dropped', async (t) => {
  const lastRead = [final(sync(2)), final(getData(2, A, 90, { valueId: 200, version: 1, mzxid: 20 }))];
  t.match(znodeHistory(tinyHistory([made, lost, set, ...lastRead])), { dropped: 1, open: 0 });
  t.match(znodeHistory(tinyHistory([made, unknown(del(1, A, 0)), set, ...lastRead])), {
    dropped: 1,
    open: 0,
  });
  t.match(znodeHistory(tinyHistory([made, unknown(create(1, A, 0, 7)), set, ...lastRead])), { dropped: 1 });
  // One version more than is known of: it may be that one.
  const later = [final(sync(2)), final(exists(2, A, 90, { version: 2, mzxid: 80 }))];
  t.match(znodeHistory(tinyHistory([made, lost, set, ...later])), { dropped: 0, open: 1 });
  t.equal(verdictOf([made, lost, set, ...later]), 'valid');
  // It may have been made again: the versions say nothing.
  const again = [made, unknown(del(1, A, 0)), unknown(create(1, A, 0, 7)), lost, set, ...lastRead];
  t.match(znodeHistory(tinyHistory(again)), { dropped: 0, open: 3 });
});

await t.test('what one multi does to a node it does at once', async (t) => {
  const multi = parts(
    {
      process: 1,
      xid: 9,
      kind: OpKind.check,
      key: A,
      zxid: 30,
      askedVersion: 0,
      invokeNs: 2000,
      completeNs: 3000,
    },
    del(1, A, 30, { xid: 9, invokeNs: 2000, completeNs: 3000 }),
    create(1, A, 30, 300, { xid: 9, invokeNs: 2000, completeNs: 3000 }),
  );
  t.match(znodeHistory(tinyHistory([made, ...multi])).partitions[0]?.operations, [
    {},
    { input: { kind: 'multi' } },
  ]);
  t.equal(verdictOf([made, ...multi]), 'valid');
  t.equal(verdictOf([made, set, ...multi]), 'invalid');
  const mid = failed(del(2, A, 30, { invokeNs: 2000, completeNs: 3000 }), ErrorCode.noNode);
  t.equal(verdictOf([made, ...multi, mid]), 'invalid', 'nobody is there between its parts');
});

await t.test('one part of an unanswered multi that was read says that the others happened', async (t) => {
  const multi = parts(
    unknown(setData(1, A, 0, { valueId: 300, version: 0 }, { xid: 9 })),
    unknown(setData(1, 2, 0, { valueId: 301, version: 0 }, { xid: 9 })),
  );
  const { resolved, open } = znodeHistory(tinyHistory([made, create(0, 2, 11, 101), ...multi, seenLost]));
  t.same([resolved, open], [2, 0]);
});

await t.test('a sequential node is searched if it is known who made it', async (t) => {
  const child = { ...createSequential(0, A, 30, 5), valueId: 77 };
  const read = { ...getData(1, A, 30, { valueId: 77, version: 0, mzxid: 30 }), sequence: 5 };
  t.equal(znodeHistory(tinyHistory([made, child])).znodes, 2);
  t.equal(znodeHistory(tinyHistory([made, { ...unknown(child), sequence: NONE }, read])).znodes, 2);
  t.equal(znodeHistory(tinyHistory([made, { ...del(1, A, 30), sequence: 5 }])).znodes, 1);
});

await t.test('a sample is drawn from the seed, and of a long one the beginning', async (t) => {
  const rows = Array.from({ length: 50 }, (_, key) => create(0, key, 10 + key, 1000 + key));
  const history = tinyHistory(rows);
  const namesOf = (seed: number): string[] =>
    znodeHistory(history, { seed, operationsMax: 10 }).partitions.map(({ name }) => name);
  t.equal(namesOf(1).length, 10);
  t.same(namesOf(1), namesOf(1));
  t.notSame(namesOf(1), namesOf(2));
  const sets = Array.from({ length: 20 }, (_, version) =>
    setData(0, A, 20 + version, { valueId: 2000 + version, version: version + 1 }),
  );
  const { operations, znodes } = znodeHistory(tinyHistory([made, ...sets]), { operationsOfOneMax: 7 });
  t.same([operations, znodes], [7, 1]);
  const slow = setData(1, A, 60, { valueId: 9, version: 4 }, { invokeNs: 1003, completeNs: 9000 });
  const begun = znodeHistory(tinyHistory([made, ...sets, slow]), { operationsOfOneMax: 3 });
  t.match(begun, { operations: 3, open: 1 });
});

await t.test('of many at once so many are taken that their pairs are not too many', async (t) => {
  const many = Array.from({ length: 100 }, (_, at) =>
    setData(
      at,
      A,
      20,
      { valueId: 2000 + at, version: 100 - at },
      { invokeNs: 2000 + at, completeNs: 3000 + at },
    ),
  );
  const { operations, open } = znodeHistory(tinyHistory([made, ...many]), { pairsOfOneMax: 45 });
  // Ten of them are 45 pairs, and the create had returned before.
  t.same([operations, open], [11, 10]);
});

await t.test(
  'no history of a correct ensemble is refused, and a lagging server breaks linearizable reads',
  async (t) => {
    let staleReads = 0;
    let open = 0;
    for (let seed = 0; seed < 500; seed++) {
      const faultRate = [0, 0.005, 0.03, 0.06][seed % 4] ?? 0;
      const { ops } = new RandomHistory({ seed, ops: 150, keys: 1 + (seed % 7), sessions: 4, faultRate });
      const history = historyOf(ops);
      for (const reads of ['final', 'synced'] as const) {
        const sample = znodeHistory(history, { reads });
        open += sample.open;
        const { verdict, violation } = checkLinearizable(sample.partitions);
        if (verdict !== 'valid') t.fail(`seed ${seed}, ${reads}: ${verdict}, ${violation?.explanation}`);
      }
      const all = checkLinearizable(znodeHistory(history, { reads: 'all' }).partitions, { stepsMax: 50_000 });
      if (all.verdict === 'invalid') staleReads++;
    }
    t.ok(staleReads > 80, `${staleReads} with a stale read`);
    t.ok(open > 100, `${open} open`);
  },
);

await t.test('one wrong version, or one refusal turned round, is found', async (t) => {
  let tried = 0;
  let found = 0;
  for (let seed = 0; seed < 300; seed++) {
    const { ops } = new RandomHistory({ seed, ops: 150, keys: 4, sessions: 4, faultRate: 0 });
    const at = ops.findIndex(
      (op, row) => row > seed / 3 && op.kind === OpKind.setData && op.outcome === Outcome.ok,
    );
    const op = ops[at];
    if (op === undefined) continue;
    tried++;
    const lie = ops.with(at, { ...op, version: op.version + 1 });
    if (checkLinearizable(znodeHistory(historyOf(lie)).partitions).verdict === 'invalid') found++;
  }
  t.ok(tried > 100 && found / tried > 0.95, `${found} of ${tried}`);
});
