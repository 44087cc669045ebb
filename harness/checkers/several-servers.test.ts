import t from 'tap';
import { ErrorCode } from '../../server/wire/error-code.ts';
import {
  create,
  createSequential,
  del,
  failed,
  getData,
  missing,
  setData,
  tinyHistory,
  type TinyOp,
  unknown,
} from './self-test/tiny-history.ts';
import { checkZxidOrder } from './zxid-order.ts';

// What the checker's rules come to where the zxids come from several servers: a leader, followers that lag behind
// it, and after a failure a leader of a new epoch. Sessions 1 to 3 are at servers 1 to 3 unless a title says that
// they move; server 1 leads first.
const A = 1;
const B = 2;
const EPOCH = 2 ** 32;
const first = (counter: number): number => EPOCH + counter;
const second = (counter: number): number => 2 * EPOCH + counter;

const made = create(1, A, first(1), 100);
const set = setData(1, A, first(2), { valueId: 200, version: 1 });
const before = { valueId: 100, version: 0, mzxid: first(1), czxid: first(1) };
const after = { valueId: 200, version: 1, mzxid: first(2), czxid: first(1) };
/** Sent to the leader just before it was lost: it may be in the log of a follower, or of nobody. */
const lost = unknown(setData(1, A, 0, { valueId: 300, version: 2 }));
/** What the next leader makes of it, if it has it: a txn of the old epoch, with the old zxid. */
const kept = { valueId: 300, version: 2, mzxid: first(3), czxid: first(1) };
const moved = (op: TinyOp): TinyOp => ({ ...op, xid: 50 });

const VALID: Readonly<Record<string, readonly TinyOp[]>> = {
  'a follower that lags shows an older tree, and says so by its zxid': [
    made,
    set,
    getData(2, A, first(1), before),
    getData(3, A, first(2), after),
    getData(2, A, first(2), after),
  ],
  'two followers lag by different txns, each session going forward': [
    made,
    set,
    del(1, A, first(3)),
    getData(2, A, first(2), after),
    getData(3, A, first(1), before),
    missing(2, A, first(3)),
    getData(3, A, first(2), after),
  ],
  'a write through a follower shows on the leader before the follower’s next read': [
    made,
    setData(2, A, first(2), { valueId: 200, version: 1 }),
    getData(1, A, first(2), after),
    getData(3, A, first(1), before),
  ],
  'a session moves to a server that has what it has seen': [
    made,
    set,
    getData(2, A, first(2), after),
    moved(getData(2, A, first(2), after)),
    { ...setData(2, A, first(3), { valueId: 300, version: 2 }), xid: 51 },
  ],
  'the first reply of a new epoch may have its counter at 0': [
    made,
    set,
    getData(2, A, second(0), after),
    setData(2, A, second(1), { valueId: 400, version: 2 }),
  ],
  'a follower answers from the old epoch after the new one has begun': [
    made,
    set,
    setData(2, A, second(1), { valueId: 400, version: 2 }),
    getData(3, A, first(2), after),
  ],
  'a write without an answer is kept by the next leader, under its old zxid': [
    made,
    set,
    lost,
    getData(2, A, second(0), kept),
    setData(2, A, second(1), { valueId: 400, version: 3 }),
    getData(3, A, first(3), kept),
  ],
  'a write without an answer is thrown away by the next leader': [
    made,
    set,
    lost,
    getData(2, A, second(0), after),
    setData(2, A, second(1), { valueId: 400, version: 2 }),
    getData(3, A, second(1), { valueId: 400, version: 2, mzxid: second(1), czxid: first(1) }),
  ],
  'a refusal by the new leader has a zxid of its epoch': [
    made,
    set,
    failed(create(2, A, second(1), 5), ErrorCode.nodeExists),
    failed(setData(3, A, second(2), { valueId: 6, version: 0 }, { askedVersion: 0 }), ErrorCode.badVersion),
  ],
  'sequence numbers go on in the new epoch, past a create that nobody was told of': [
    made,
    createSequential(1, A, first(2), 0),
    unknown(createSequential(1, A, 0, -1)),
    createSequential(2, A, second(1), 2),
  ],
};

const INVALID: Readonly<Record<string, readonly [anomaly: string, ops: readonly TinyOp[]]>> = {
  'a session moves to a server that has less than it has seen': [
    'session went back in time',
    [made, set, getData(2, A, first(2), after), moved(getData(2, A, first(1), before))],
  ],
  'a session does not find its own write at the next server': [
    'session went back in time',
    [made, setData(2, A, first(2), { valueId: 200, version: 1 }), moved(getData(2, A, first(1), before))],
  ],
  'a session goes back to the old epoch': [
    'session went back in time',
    [made, set, getData(2, A, second(0), after), moved(getData(2, A, first(2), after))],
  ],
  'a follower shows an older tree than its zxid says': [
    'stale read',
    [made, set, getData(3, A, first(2), before)],
  ],
  'a follower shows what was not committed at its zxid': [
    'wrong stat',
    [made, set, getData(3, A, first(1), after)],
  ],
  'two servers show different values at one zxid': [
    'stale read',
    [made, set, getData(2, A, first(2), after), getData(3, A, first(2), { ...after, valueId: 100 })],
  ],
  'two leaders give out one zxid': [
    'two writes with one zxid',
    [
      made,
      { ...set, invokeNs: 2000, completeNs: 3000 },
      create(2, B, first(2), 500, { invokeNs: 2000, completeNs: 3000 }),
    ],
  ],
  'a deposed leader acknowledges a write after its successor has': [
    'writes not in real-time order',
    [made, set, create(2, B, second(1), 500), setData(1, A, first(3), { valueId: 300, version: 2 })],
  ],
  'a write that was acknowledged is not known to the next leader': [
    'stale read',
    [made, set, getData(2, A, second(0), before)],
  ],
  'a node that was acknowledged is not known to the next leader': [
    'missing node',
    [made, set, create(1, B, first(3), 500), missing(2, B, second(0))],
  ],
  'the next leader counts versions without a write that was acknowledged': [
    'wrong version',
    [made, set, setData(2, A, second(1), { valueId: 400, version: 1 })],
  ],
  'a write that was thrown away has been seen': [
    'stale read',
    [made, set, lost, getData(2, A, first(3), kept), getData(3, A, second(0), after)],
  ],
  'a write that was thrown away is back': [
    'stale read',
    [made, set, lost, getData(2, A, second(0), after), getData(3, A, second(1), kept)],
  ],
  'a write is in the log of two leaders, at two zxids': [
    'applied twice',
    [
      made,
      set,
      lost,
      getData(2, A, first(3), kept),
      getData(3, A, second(2), { ...kept, version: 3, mzxid: second(1) }),
    ],
  ],
  'a deleted node is back with the next leader': [
    'resurrected node',
    [made, set, del(1, A, first(3)), getData(2, A, second(0), after)],
  ],
  'the next leader gives a sequence number again': [
    'duplicate sequence',
    [made, createSequential(1, A, first(2), 0), createSequential(2, A, second(1), 0)],
  ],
};

await t.test('what a correct ensemble can do is valid', async (t) => {
  for (const [title, ops] of Object.entries(VALID)) {
    const { verdict, anomalies } = checkZxidOrder(tinyHistory(ops));
    t.equal(verdict, 'valid', title, { anomalies });
  }
});

await t.test('what no correct ensemble does is invalid, under its name', async (t) => {
  for (const [title, [anomaly, ops]] of Object.entries(INVALID)) {
    const { verdict, counts, anomalies } = checkZxidOrder(tinyHistory(ops));
    t.equal(verdict, 'invalid', title);
    t.ok(anomaly in counts, `${title} is called: ${anomaly}`, { anomalies });
  }
});
