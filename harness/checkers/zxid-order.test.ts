import t from 'tap';
import { ErrorCode } from '../../server/wire/error-code.ts';
import { OpKind } from '../history/op.ts';
import { unsaidIn } from './self-test/explained.ts';
import {
  create,
  createSequential,
  del,
  exists,
  failed,
  getChildren,
  getData,
  missing,
  parts,
  ROOT,
  setData,
  tinyHistory,
  type TinyOp,
  unknown,
} from './self-test/tiny-history.ts';
import { checkZxidOrder } from './zxid-order.ts';

const A = 1;
const B = 2;
const { badVersion, nodeExists, noNode, notEmpty, runtimeInconsistency } = ErrorCode;

/** Key 1 made at zxid 10 with value 100 by process 0, and set at 20 to value 200. */
const made = create(0, A, 10, 100);
const madeAndSet: readonly TinyOp[] = [made, setData(0, A, 20, { valueId: 200, version: 1 })];
const first = { valueId: 100, version: 0, mzxid: 10 };
const second = { valueId: 200, version: 1, mzxid: 20 };
const lostSet = unknown(setData(1, A, 0, { valueId: 300, version: 0 }));
const lostDelete = unknown(del(1, A, 0));
const lostCreate = unknown(create(1, A, 0, 400));

const VALID: Record<string, readonly TinyOp[]> = {
  'an empty history': [],
  'a value written and read': [...madeAndSet, getData(0, A, 20, second)],
  'a stale read by another session': [...madeAndSet, getData(1, A, 15, first)],
  'reads that are stale and go forward': [...madeAndSet, getData(1, A, 12, first), getData(1, A, 25, second)],
  'a node not there yet': [...madeAndSet, missing(1, A, 9), getData(1, A, 10, first)],
  'deleted and missing': [...madeAndSet, del(0, A, 30), missing(0, A, 30), missing(1, A, 35)],
  'deleted, and still there at an earlier zxid': [...madeAndSet, del(0, A, 30), getData(1, A, 29, second)],
  'made again with version 0': [
    made,
    del(0, A, 20),
    create(0, A, 30, 101),
    exists(0, A, 30, { version: 0, mzxid: 30 }),
  ],
  'two writes that overlap, in either order': [
    made,
    setData(1, A, 30, { valueId: 300, version: 2 }, { invokeNs: 2000, completeNs: 3000 }),
    setData(2, A, 20, { valueId: 200, version: 1 }, { invokeNs: 2000, completeNs: 3001 }),
  ],
  'a refused conditional write': [
    ...madeAndSet,
    failed(setData(1, A, 21, { valueId: 5, version: 0 }, { askedVersion: 0 }), badVersion),
    getData(1, A, 22, second),
  ],
  'a conditional write': [made, setData(1, A, 20, { valueId: 5, version: 1 }, { askedVersion: 0 })],
  'refusals that fit': [
    made,
    failed(create(1, A, 11, 5), nodeExists),
    failed(del(1, B, 12), noNode),
    createSequential(1, A, 13, 0),
    failed(del(1, A, 14), notEmpty),
  ],
  'a session that goes on at another server': [
    ...madeAndSet,
    getData(1, A, 15, first),
    { ...getData(1, A, 15, first), xid: 40 },
  ],
  'an unknown write that never was': [made, lostSet, getData(0, A, 30, first)],
  'an unknown write that was, seen by its value': [
    made,
    lostSet,
    getData(0, A, 19, first),
    getData(0, A, 30, { valueId: 300, version: 1, mzxid: 20 }),
  ],
  'an unknown write that came later than other writes': [
    ...madeAndSet,
    lostSet,
    setData(0, A, 40, { valueId: 500, version: 2 }),
    getData(0, A, 60, { valueId: 300, version: 3, mzxid: 50 }),
  ],
  'an unknown write that only the next version tells of': [
    made,
    lostSet,
    setData(0, A, 40, { valueId: 500, version: 2 }),
    getData(0, A, 41, { valueId: 500, version: 2, mzxid: 40 }),
  ],
  'an unknown write that only a Stat tells of': [made, lostSet, exists(0, A, 40, { version: 1, mzxid: 33 })],
  'an unknown delete that happened': [
    made,
    lostDelete,
    getData(0, A, 12, first),
    missing(0, A, 13),
    create(0, A, 14, 7),
  ],
  'an unknown delete that did not': [made, lostDelete, getData(0, A, 30, first)],
  'an unknown create that happened': [lostCreate, missing(0, A, 5), failed(create(0, A, 9, 1), nodeExists)],
  'an unknown create, seen': [
    lostCreate,
    missing(0, A, 5),
    getData(0, A, 9, { valueId: 400, version: 0, mzxid: 7, czxid: 7 }),
  ],
  'unknown delete and create': [
    made,
    lostDelete,
    lostCreate,
    getData(0, A, 40, { valueId: 400, version: 0, mzxid: 31, czxid: 31 }),
  ],
  'sequential children': [
    create(0, ROOT, 1, 1),
    made,
    createSequential(0, A, 11, 0),
    createSequential(1, A, 12, 1),
    getChildren(0, A, 12, { numChildren: 2, cversion: 2, pzxid: 12 }),
    del(0, A, 13, { sequence: 0 }),
    createSequential(1, A, 14, 2),
    getChildren(0, A, 14, { numChildren: 2, cversion: 4, pzxid: 14 }),
  ],
  'a multi with one zxid': [
    made,
    ...parts(
      { ...setData(0, A, 20, { valueId: 200, version: 1 }), xid: 5 },
      { kind: OpKind.check, process: 0, key: A, askedVersion: 1, zxid: 20, xid: 5 },
      { ...create(0, B, 20, 300), xid: 5 },
    ),
    getData(1, B, 20, { valueId: 300, version: 0, mzxid: 20 }),
  ],
  'a failed multi': [
    made,
    ...parts(
      { ...failed(setData(0, A, 20, { valueId: 200, version: 1 }), runtimeInconsistency), xid: 5 },
      { ...failed(create(0, A, 20, 300), nodeExists), xid: 5 },
    ),
    getData(1, A, 20, first),
  ],
  'a child deleted of a node that an unknown write had made, and that is only seen later': [
    lostCreate,
    unknown(createSequential(1, A, 0, -1)),
    del(0, A, 20, { sequence: 0 }),
    setData(0, A, 30, { valueId: 5, version: 1 }),
    getChildren(0, A, 31, { numChildren: 0, cversion: 2, pzxid: 20 }),
  ],
};

const INVALID: Record<string, readonly [anomaly: string, ops: readonly TinyOp[]]> = {
  'an acknowledged write that no read shows': ['stale read', [...madeAndSet, getData(0, A, 25, first)]],
  'a read older than its zxid': ['stale read', [...madeAndSet, getData(1, A, 20, first)]],
  'an old value under a new Stat': [
    'stale read',
    [...madeAndSet, getData(1, A, 20, { ...second, valueId: 100 })],
  ],
  'a value from the future': [
    'value from the future',
    [...madeAndSet, getData(1, A, 19, { ...first, valueId: 200 })],
  ],
  'a session that goes back': [
    'session went back in time',
    [...madeAndSet, getData(1, A, 25, second), getData(1, A, 15, first)],
  ],
  'a session that goes back past its own write': [
    'session went back in time',
    [...madeAndSet, getData(0, A, 15, first)],
  ],
  'replies in another order than requests': [
    'replies out of order',
    [...madeAndSet, { ...getData(1, A, 20, second), xid: 9 }, { ...getData(1, A, 20, second), xid: 8 }],
  ],
  'one request answered twice': [
    'replies out of order',
    [...madeAndSet, { ...getData(1, A, 20, second), xid: 9 }, { ...getData(1, A, 20, second), xid: 9 }],
  ],
  'a write of a session below what it had been told': [
    'session went back in time',
    [...madeAndSet, getData(1, A, 25, second), create(1, B, 22, 5)],
  ],
  'a write with the zxid of a read before it': [
    'write without a zxid of its own',
    [...madeAndSet, getData(1, A, 25, second), create(1, B, 25, 5)],
  ],
  'two writes with one zxid': [
    'two writes with one zxid',
    [made, create(1, B, 10, 5, { invokeNs: 1, completeNs: 9000 })],
  ],
  'writes against real time': [
    'writes not in real-time order',
    [made, create(1, B, 30, 300), create(2, 3, 20, 400)],
  ],
  'a read that knew a write before it was sent': [
    'read from the future',
    [made, getData(1, A, 20, first), create(0, B, 20, 300)],
  ],
  'a version too high': ['wrong version', [made, setData(0, A, 20, { valueId: 200, version: 2 })]],
  'a version too low': ['wrong version', [...madeAndSet, setData(0, A, 30, { valueId: 300, version: 1 })]],
  'a condition that did not hold': [
    'wrong version',
    [...madeAndSet, setData(0, A, 30, { valueId: 300, version: 2 }, { askedVersion: 0 })],
  ],
  'a write to a node that is not there': [
    'wrong version',
    [made, del(0, A, 20), setData(0, A, 30, { valueId: 3, version: 1 })],
  ],
  'a Stat with another mzxid': [
    'wrong stat',
    [made, setData(0, A, 20, { valueId: 2, version: 1 }, { mzxid: 19 })],
  ],
  'a read with another mzxid': ['stale read', [...madeAndSet, getData(1, A, 20, { ...second, mzxid: 19 })]],
  'a read with another version': [
    'wrong stat',
    [...madeAndSet, getData(1, A, 20, { ...second, version: 2 })],
  ],
  'a read with another czxid': ['wrong stat', [...madeAndSet, getData(1, A, 20, { ...second, czxid: 9 })]],
  'a value nobody wrote': ['invented value', [...madeAndSet, getData(1, A, 20, { ...second, valueId: 999 })]],
  'no value where one was written': [
    'invented value',
    [...madeAndSet, getData(1, A, 20, { ...second, valueId: -1 })],
  ],
  'the value of another node': [
    'value of another node',
    [...madeAndSet, create(0, B, 30, 300), getData(1, A, 30, { ...second, valueId: 300 })],
  ],
  'the value of a write that failed': [
    'value of a failed write',
    [
      ...madeAndSet,
      failed(setData(1, A, 21, { valueId: 300, version: 0 }, { askedVersion: 0 }), badVersion),
      getData(1, A, 22, { ...second, valueId: 300 }),
    ],
  ],
  'a deleted node that is read': [
    'resurrected node',
    [...madeAndSet, del(0, A, 30), getData(1, A, 30, second)],
  ],
  'a node read before it was made': ['resurrected node', [made, exists(1, A, 9, { version: 0, mzxid: 10 })]],
  'a node that is gone': ['missing node', [...madeAndSet, missing(1, A, 20)]],
  'created twice': ['created twice', [made, create(1, A, 20, 200)]],
  'deleted twice': ['wrong delete', [made, del(0, A, 20), del(1, A, 21)]],
  'deleted against its condition': ['wrong delete', [...madeAndSet, del(0, A, 30, { askedVersion: 0 })]],
  'deleted with children': ['deleted with children', [made, createSequential(0, A, 11, 0), del(0, A, 12)]],
  'NodeExists where nothing is': [
    'resurrected node',
    [made, del(0, A, 20), failed(create(1, A, 21, 5), nodeExists)],
  ],
  'BadVersion for the right version': [
    'wrong refusal',
    [...madeAndSet, failed(setData(1, A, 21, { valueId: 5, version: 0 }, { askedVersion: 1 }), badVersion)],
  ],
  'NotEmpty for a node without children': ['wrong refusal', [made, failed(del(1, A, 21), notEmpty)]],
  'a check that passed in a multi': [
    'wrong version',
    [
      ...madeAndSet,
      ...parts(
        { kind: OpKind.check, process: 1, key: A, askedVersion: 0, zxid: 30, xid: 5 },
        { ...create(1, B, 30, 300), xid: 5 },
      ),
    ],
  ],
  'a multi in two halves': ['torn multi', parts({ ...made, xid: 5 }, { ...create(0, B, 11, 300), xid: 5 })],
  'an unknown multi seen in two halves': [
    'torn multi',
    [
      ...parts({ ...unknown(create(1, A, 0, 400)), xid: 5 }, { ...unknown(create(1, B, 0, 500)), xid: 5 }),
      getData(0, A, 9, { valueId: 400, version: 0, mzxid: 7 }),
      getData(0, B, 9, { valueId: 500, version: 0, mzxid: 8 }),
    ],
  ],
  'an unknown multi of which one half is missing': [
    'missing node',
    [
      ...parts({ ...unknown(create(1, A, 0, 400)), xid: 5 }, { ...unknown(create(1, B, 0, 500)), xid: 5 }),
      getData(0, A, 9, { valueId: 400, version: 0, mzxid: 7 }),
      missing(0, B, 9),
    ],
  ],
  'a number given twice': [
    'duplicate sequence',
    [made, createSequential(0, A, 11, 0), createSequential(1, A, 12, 0)],
  ],
  'numbers that go down': [
    'sequence went down',
    [made, createSequential(0, A, 11, 1), createSequential(1, A, 12, 0)],
  ],
  'a number left out': [
    'wrong sequence',
    [made, createSequential(0, A, 11, 0), createSequential(1, A, 12, 2)],
  ],
  'a child too many': [
    'wrong number of children',
    [made, createSequential(0, A, 11, 0), getChildren(0, A, 11, { numChildren: 2, cversion: 2, pzxid: 11 })],
  ],
  'a wrong cversion': [
    'wrong child counters',
    [made, createSequential(0, A, 11, 0), getChildren(0, A, 11, { numChildren: 1, cversion: 2, pzxid: 11 })],
  ],
  'a wrong pzxid': [
    'wrong child counters',
    [made, createSequential(0, A, 11, 0), getChildren(0, A, 11, { numChildren: 1, cversion: 1, pzxid: 10 })],
  ],
  'a cversion that no unknown writes make': [
    'wrong child counters',
    [
      made,
      createSequential(0, A, 11, 0),
      unknown({ ...createSequential(1, A, 0, -1) }),
      unknown(del(1, A, 0, { sequence: 0 })),
      getChildren(0, A, 12, { numChildren: 1, cversion: 2, pzxid: 12 }),
    ],
  ],
  'a higher version of the very write that was acknowledged with a lower': [
    'wrong stat',
    [...madeAndSet, lostSet, getData(0, A, 30, { valueId: 200, version: 2, mzxid: 20 })],
  ],
  'an unknown write seen with two zxids': [
    'applied twice',
    [
      made,
      lostSet,
      getData(0, A, 30, { valueId: 300, version: 1, mzxid: 20 }),
      getData(0, A, 50, { valueId: 300, version: 2, mzxid: 40 }),
    ],
  ],
  'an unknown write undone': [
    'stale read',
    [made, lostSet, getData(0, A, 30, { valueId: 300, version: 1, mzxid: 20 }), getData(0, A, 31, first)],
  ],
  'an unknown write that a read at its zxid does not show': [
    'stale read',
    [made, lostSet, getData(2, A, 25, first), getData(0, A, 30, { valueId: 300, version: 1, mzxid: 20 })],
  ],
  'an unknown write older than one acknowledged before it was sent': [
    'writes not in real-time order',
    [...madeAndSet, lostSet, getData(0, A, 20, { valueId: 300, version: 1, mzxid: 15 })],
  ],
  'more versions than there were unknown writes': [
    'wrong version',
    [made, lostSet, setData(0, A, 40, { valueId: 500, version: 3 })],
  ],
  'one unknown write used for two versions': [
    'wrong version',
    [
      made,
      lostSet,
      setData(0, A, 40, { valueId: 5, version: 2 }),
      setData(0, A, 50, { valueId: 6, version: 4 }),
    ],
  ],
  'an unknown delete undone': [
    'resurrected node',
    [made, lostDelete, missing(0, A, 13), getData(0, A, 14, first)],
  ],
  'a change before the unknown write that could explain it': [
    'wrong version',
    [made, setData(0, A, 40, { valueId: 500, version: 2 }), lostSet],
  ],
};

await t.test('what a correct server can do is valid', async (t) => {
  t.ok(Object.keys(VALID).length >= 20);
  for (const [title, ops] of Object.entries(VALID)) {
    const { verdict, anomalies } = checkZxidOrder(tinyHistory(ops));
    t.equal(verdict, 'valid', title, { anomalies });
  }
});

await t.test('what no correct server does is invalid, under its name', async (t) => {
  t.ok(Object.keys(INVALID).length >= 20);
  for (const [title, [anomaly, ops]] of Object.entries(INVALID)) {
    const result = checkZxidOrder(tinyHistory(ops));
    const { verdict, counts, anomalies } = result;
    t.equal(verdict, 'invalid', title);
    t.same(unsaidIn(result), [], title);
    t.ok(anomaly in counts, `${title} is called: ${anomaly}`, { anomalies });
  }
});

await t.test('what cannot be decided is unknown and not valid', async (t) => {
  const conditional = unknown(del(1, A, 0, { askedVersion: 7 }));
  const undecided = checkZxidOrder(tinyHistory([made, conditional, missing(0, A, 12)]));
  t.equal(undecided.verdict, 'unknown');
  t.same(undecided.counts, { 'missing node?': 1 });

  const impossible: TinyOp[] = [
    { ...made, invokeNs: 5, completeNs: 4 },
    { ...getData(0, A, 10, first), outcome: 2 },
    { ...made, zxid: -1 },
  ];
  for (const op of impossible) {
    t.same(checkZxidOrder(tinyHistory([op])).counts, { 'impossible record': 1 });
  }
});

await t.test('an anomaly says who, what and when in words, and only the first of a kind do', async (t) => {
  const stale = Array.from({ length: 50 }, () => getData(1, A, 20, first));
  const { anomalies, counts } = checkZxidOrder(tinyHistory([...madeAndSet, ...stale]));
  t.same(counts, { 'stale read': 50 });
  t.equal(anomalies.length, 10);
  t.match(anomalies[0], {
    name: 'stale read',
    verdict: 'invalid',
    explanation:
      /^k1 was seen at 0x14 with version 0, mzxid 0xa, .*\[1\], and is at version 1, mzxid 0x14, .* by its last known write \[2\]$/,
    why: /a later write had replaced what it shows/,
    ops: [
      { index: 2, process: 1, kind: 'getData', outcome: 'ok', node: 'k1', zxid: '0x14' },
      { index: 1, process: 0, kind: 'setData', outcome: 'ok', node: 'k1', zxid: '0x14' },
    ],
  });
});
