import t from 'tap';
import { Prng } from '../base/prng.ts';
import type { Zxid } from '../base/zxid.ts';
import { CommitRule, type AckedThrough } from './commit-rule.ts';
import { MajorityQuorums } from './majority.ts';
import { id } from './testing/test-membership.ts';

const OLD = new MajorityQuorums([1, 2, 3].map(id));
const NEW = new MajorityQuorums([3, 4, 5].map(id));
const RECONFIG = 10 as Zxid;

function acks(through: Readonly<Record<number, number>>): AckedThrough[] {
  return Object.entries(through).map(([server, zxid]) => ({ id: id(Number(server)), zxid: zxid as Zxid }));
}

function committed(rule: CommitRule, through: Readonly<Record<number, number>>, before = 0): number {
  return rule.committedBy(acks(through), before as Zxid);
}

await t.test('what a quorum has acknowledged is committed', async (t) => {
  const rule = new CommitRule(1 as Zxid, [OLD]);
  t.equal(committed(rule, { 1: 7, 2: 4, 3: 2 }), 4);
  t.equal(committed(rule, { 1: 7, 4: 7, 5: 7 }), 0, 'others are not asked');
  t.equal(committed(rule, { 1: 3, 2: 3 }, 6), 6, 'and it stays so');
});

await t.test('from a reconfig on it takes a quorum of each', async (t) => {
  const rule = new CommitRule(1 as Zxid, [OLD]);
  rule.propose(RECONFIG, [OLD, NEW]);
  t.equal(committed(rule, { 1: 12, 2: 12, 3: 4 }), 9, 'of what was before, one of the old');
  t.equal(committed(rule, { 1: 12, 2: 9, 3: 12, 4: 11, 5: 9 }, 9), 11);
  t.equal(committed(rule, { 3: 12, 4: 12, 5: 12 }, 9), 9);
});

await t.test('when it is committed the new configuration decides alone on what is behind it', async (t) => {
  const rule = new CommitRule(1 as Zxid, [OLD]);
  rule.propose(RECONFIG, [OLD, NEW]);
  rule.commit(RECONFIG, NEW);
  t.equal(committed(rule, { 3: 12, 4: 12 }, RECONFIG), 12, 'nobody of the others may be left to answer');
  t.equal(committed(rule, { 1: 12, 2: 12, 3: 12 }, RECONFIG), RECONFIG);
});

await t.test('whatever the acks, it is what a count of each txn comes to', async (t) => {
  for (let seed = 0; seed < 300; seed++) {
    const prng = new Prng(seed);
    const rule = new CommitRule(1 as Zxid, [OLD]);
    rule.propose(RECONFIG, [OLD, NEW]);
    const through = Object.fromEntries([1, 2, 3, 4, 5].map((server) => [server, prng.below(16)]));
    const has = (zxid: number) =>
      new Set(
        acks(through)
          .filter((ack) => ack.zxid >= zxid)
          .map((ack) => ack.id),
      );
    let expected = 0;
    while (expected < 15) {
      const voters = has(expected + 1);
      const isNew = expected + 1 < RECONFIG || NEW.containsQuorum(voters);
      if (!OLD.containsQuorum(voters) || !isNew) break;
      expected++;
    }
    t.equal(committed(rule, through), expected, `seed ${seed}`);
  }
});
