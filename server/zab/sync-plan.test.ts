import t from 'tap';
import { Prng } from '../base/prng.ts';
import { epochOf, makeZxid, type Zxid } from '../base/zxid.ts';
import { planSync, type SyncPlan } from './sync-plan.ts';
import { TxnWindow } from './txn-window.ts';

/** A leader that has these, of which the first `forgotten` are in its window no more and the last are outstanding. */
function windowOf(
  history: readonly Zxid[],
  { forgotten = 0, outstanding = 0 }: { readonly forgotten?: number; readonly outstanding?: number } = {},
): TxnWindow {
  const window = new TxnWindow({ countMin: 500, bytesMax: 1 << 20 });
  if (forgotten > 0) window.reset(history[forgotten - 1] as Zxid);
  for (const [i, zxid] of history.entries()) {
    if (i < forgotten) continue;
    window.append(zxid, new Uint8Array(1));
    if (i < history.length - outstanding) window.commitThrough(zxid);
  }
  return window;
}

function z(epoch: number, counter: number): Zxid {
  return makeZxid(epoch, counter);
}

const HISTORY = [z(1, 1), z(1, 2), z(1, 3), z(3, 1), z(3, 2), z(4, 1)];

await t.test('the rows of the decision, first match first', async (t) => {
  // The window begins behind (1, 1); (4, 1) is proposed and not committed.
  const window = windowOf(HISTORY, { forgotten: 1, outstanding: 1 });
  const rows: readonly (readonly [string, Zxid, SyncPlan])[] = [
    ['all that is committed', z(3, 2), { type: 'diff', zxid: z(3, 2), from: 4 }],
    ['what is proposed here and not committed', z(4, 1), { type: 'trunc', zxid: z(3, 2), from: 4 }],
    ['more than is committed, of the same epoch', z(3, 3), { type: 'trunc', zxid: z(3, 2), from: 4 }],
    ['more than is committed, of a later epoch', z(5, 7), { type: 'trunc', zxid: z(3, 2), from: 4 }],
    ['the beginning of a later epoch, which is no txn', z(5, 0), { type: 'snap' }],
    ['one in the window', z(1, 3), { type: 'diff', zxid: z(3, 2), from: 2 }],
    ['the one before the window', z(1, 1), { type: 'diff', zxid: z(3, 2), from: 0 }],
    ['less than that', z(0, 0), { type: 'snap' }],
    ['the beginning of an epoch in the window', z(3, 0), { type: 'diff', zxid: z(3, 2), from: 2 }],
    ['the beginning of an epoch that left nothing', z(2, 0), { type: 'diff', zxid: z(3, 2), from: 2 }],
    ['one of an epoch that ended before it', z(1, 4), { type: 'snap' }],
    ['one of an epoch that left nothing', z(2, 1), { type: 'snap' }],
  ];
  for (const [what, last, plan] of rows) t.same(planSync(last, window), plan, what);
});

await t.test('an empty window serves who has exactly its base (B21, ZOOKEEPER-2846, 4352)', async (t) => {
  const window = windowOf([]);
  t.same(planSync(z(0, 0), window), { type: 'diff', zxid: z(0, 0), from: 0 });
  t.same(planSync(z(1, 3), window), { type: 'trunc', zxid: z(0, 0), from: 0 });
  window.reset(z(2, 7));
  t.same(planSync(z(2, 7), window), { type: 'diff', zxid: z(2, 7), from: 0 });
  t.same(planSync(z(2, 6), window), { type: 'snap' });
  t.same(planSync(z(2, 8), window), { type: 'trunc', zxid: z(2, 7), from: 0 });
});

interface Txn {
  readonly zxid: Zxid;
  /** Which server proposed it, and when: two txns of one zxid and different marks must never be. */
  readonly mark: string;
}

/**
 * Histories as Zab makes them: a leader of an epoch begins with the history of one of a quorum, the longest, makes
 * a quorum's history its own, and proposes; who follows has any beginning of that. A server not in the quorum keeps
 * what it had.
 */
function histories(prng: Prng): {
  readonly leader: readonly Txn[];
  readonly others: readonly (readonly Txn[])[];
} {
  const servers = Array.from({ length: 3 + 2 * prng.below(2) }, () => ({ epoch: 0, txns: [] as Txn[] }));
  const quorum = (servers.length >> 1) + 1;
  let leader = servers[0] as (typeof servers)[0];
  const epochs = 1 + prng.below(5);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const members = servers.toSorted(() => prng.next() - 0.5).slice(0, quorum + prng.below(2));
    leader = members.reduce((best, each) =>
      each.epoch - best.epoch || (each.txns.at(-1)?.zxid ?? 0) - (best.txns.at(-1)?.zxid ?? 0) > 0
        ? each
        : best,
    );
    // Before a quorum has its history it proposes nothing.
    const established =
      prng.next() < 0.8 ? members : members.filter((each) => each === leader || prng.next() < 0.3);
    for (const each of established) {
      each.epoch = epoch;
      each.txns = [...leader.txns];
    }
    if (established.length < quorum) continue;
    const proposed = Array.from({ length: prng.below(4) }, (_, i) => ({
      zxid: z(epoch, i + 1),
      mark: `${epoch}.${i + 1}`,
    }));
    for (const each of established) {
      const count = each === leader ? proposed.length : prng.below(proposed.length + 1);
      each.txns = [...each.txns, ...proposed.slice(0, count)];
    }
  }
  return { leader: leader.txns, others: servers.filter((each) => each !== leader).map(({ txns }) => txns) };
}

await t.test(
  'what it plans brings every history that can be to the leader’s (B20, ZOOKEEPER-3526)',
  async (t) => {
    const planned = { diff: 0, trunc: 0, snap: 0 };
    for (let seed = 0; seed < 4000; seed++) {
      const prng = new Prng(seed);
      const { leader, others } = histories(prng);
      const zxids = leader.map(({ zxid }) => zxid);
      // A leader takes all it has for committed before it proposes.
      const lastEpoch = epochOf(zxids.at(-1) ?? z(0, 0));
      const ofLast = zxids.filter((zxid) => epochOf(zxid) === lastEpoch).length;
      const outstanding = prng.below(ofLast + 1);
      const forgotten = prng.below(leader.length - outstanding + 1);
      const window = windowOf(zxids, { forgotten, outstanding });
      for (const other of others) {
        const last = other.at(-1)?.zxid ?? z(0, 0);
        const plan = planSync(last, window);
        planned[plan.type]++;
        let result: readonly Txn[] = other;
        if (plan.type === 'snap') result = leader.slice(0, leader.length - outstanding);
        else {
          if (plan.type === 'trunc') result = other.filter(({ zxid }) => zxid <= plan.zxid);
          // A learner that cannot go back to exactly that txn says so and comes again with what it has then.
          if (plan.type === 'trunc' && (result.at(-1)?.zxid ?? z(0, 0)) !== plan.zxid) continue;
          const sent = leader.slice(forgotten).slice(plan.from, leader.length - forgotten - outstanding);
          result = [...result, ...sent];
        }
        const expected = leader.slice(0, leader.length - outstanding).map(({ mark }) => mark);
        const marks = result.map(({ mark }) => mark);
        if (marks.join(' ') !== expected.join(' ')) {
          t.fail(
            `seed ${seed}: ${plan.type} makes [${marks.join(' ')}] of [${other.map(({ mark }) => mark).join(' ')}], ` +
              `the leader has [${expected.join(' ')}]`,
          );
          return;
        }
      }
    }
    t.ok(planned.diff > 500 && planned.trunc > 50 && planned.snap > 500, JSON.stringify(planned));
  },
);
