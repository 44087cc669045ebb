import t from 'tap';
import { checkDurability, hasFinalReads } from './durability.ts';
import { unsaidIn } from './self-test/explained.ts';
import {
  create,
  createSequential,
  del,
  exists,
  final,
  getChildren,
  getData,
  missing,
  setData,
  tinyHistory,
  type TinyOp,
  unknown,
} from './self-test/tiny-history.ts';

const A = 1;
const made: readonly TinyOp[] = [create(0, A, 10, 100), setData(0, A, 20, { valueId: 200, version: 1 })];
const gone: readonly TinyOp[] = [...made, del(0, A, 30)];
const read = (valueId: number, mzxid: number): TinyOp =>
  final(getData(9, A, 90, { valueId, mzxid, version: 1 }));
const absent = final(missing(9, A, 90));
const lostSet = unknown(setData(1, A, 0, { valueId: 300, version: 0 }));
const lostDelete = unknown(del(1, A, 0));
const lostCreate = unknown(create(1, A, 0, 400));
const lostChild = unknown(createSequential(1, A, 0, -1));
const children = (numChildren: number): TinyOp => final(getChildren(9, A, 90, { numChildren, mzxid: 20 }));
const twins: readonly TinyOp[] = [...made, createSequential(0, A, 21, 0), createSequential(0, A, 22, 1)];

const VALID: Record<string, readonly TinyOp[]> = {
  'the last write is there': [...made, read(200, 20)],
  'the last write is there, by its Stat': [...made, final(exists(9, A, 90, { version: 1, mzxid: 20 }))],
  'the last write is there, by its value alone': [...made, read(200, -1)],
  'a deleted node is missing': [...gone, absent],
  'a node that never was is missing': [...made, read(200, 20), final(missing(9, 2, 90))],
  'an unknown write came after': [...made, lostSet, read(300, 40)],
  'an unknown write did not': [...made, lostSet, read(200, 20)],
  'an unknown delete came after': [...made, lostDelete, absent],
  'an unknown create came after a delete': [...gone, lostCreate, read(400, 40)],
  'an unknown create of a node': [lostCreate, read(400, 40)],
  'all children are there': [...twins, read(200, 20), children(2)],
  'a child that nobody was told of': [...twins, lostChild, read(200, 20), children(3)],
  'a child less': [...twins, unknown(del(1, A, 0, { sequence: 0 })), read(200, 20), children(1)],
  'no child of a deleted node': [
    ...made,
    createSequential(0, A, 21, 0),
    del(0, A, 22, { sequence: 0 }),
    del(0, A, 30),
    { ...children(-1), outcome: 1, error: -101 },
    absent,
  ],
};

const INVALID: Record<string, readonly [anomaly: string, ops: readonly TinyOp[]]> = {
  'an acknowledged set is lost': ['lost write', [...made, read(100, 10)]],
  'an acknowledged set is lost, by the Stat': [
    'lost write',
    [...made, final(exists(9, A, 90, { version: 0, mzxid: 10 }))],
  ],
  'an acknowledged node is lost': ['lost write', [...made, absent]],
  'an unknown delete does not excuse an older value': ['lost write', [...made, lostDelete, read(100, 10)]],
  'an unknown set does not excuse a missing node': ['lost write', [...made, lostSet, absent]],
  'an unknown set from before an acknowledged one': ['lost write', [lostSet, ...made, read(300, 15)]],
  'a deleted node is back': ['deleted node is back', [...gone, read(200, 20)]],
  'the data is another than the Stat says': ['corrupted value', [...made, read(100, 20)]],
  'a write by nobody': ['invented write', [...made, read(200, 40)]],
  'a value by nobody after an unknown write': ['invented write', [...made, lostSet, read(999, 40)]],
  'a node by nobody': [
    'invented write',
    [...made, read(200, 20), final(getData(9, 2, 90, { valueId: 5, version: 0, mzxid: 50 }))],
  ],
  'a lost child': ['lost children', [...twins, read(200, 20), children(1)]],
  'all children lost with their parent': [
    'lost children',
    [...twins, absent, { ...children(-1), outcome: 1, error: -101 }],
  ],
  'a child too many': ['invented children', [...twins, read(200, 20), children(3)]],
};

await t.test('what may be found at the end is valid', async (t) => {
  for (const [title, ops] of Object.entries(VALID)) {
    const { verdict, anomalies } = checkDurability(tinyHistory(ops));
    t.equal(verdict, 'valid', title, { anomalies });
  }
});

await t.test('what may not be found at the end is invalid, under its name', async (t) => {
  for (const [title, [anomaly, ops]] of Object.entries(INVALID)) {
    const result = checkDurability(tinyHistory(ops));
    const { verdict, counts, anomalies } = result;
    t.equal(verdict, 'invalid', title, { anomalies });
    t.same(unsaidIn(result), [], title);
    t.ok(anomaly in counts, `${title} is called: ${anomaly}`, { anomalies });
  }
});

await t.test('a lost write is told with its path, its zxid and when it was acknowledged', async (t) => {
  const [anomaly] = checkDurability(tinyHistory([...made, read(100, 10)])).anomalies;
  const words =
    'k1: value 0.200 was acknowledged at 0x14, 0.0 ms into the run [1]; at the end it is as it was at 0xa [2]';
  t.equal(anomaly?.explanation, words);
});

await t.test('what was not read at the end is not called safe', async (t) => {
  const read2 = final(getData(9, 2, 90, { valueId: 5, version: 0, mzxid: 8 }));
  const { verdict, counts } = checkDurability(tinyHistory([create(1, 2, 8, 5), ...made, read2]));
  t.equal(verdict, 'unknown');
  t.same(counts, { 'not read at the end': 1 });
  t.equal(hasFinalReads(tinyHistory(made)), false);
  t.equal(hasFinalReads(tinyHistory([...made, absent])), true);
});
