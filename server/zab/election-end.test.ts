import t from 'tap';
import {
  following,
  leading,
  THREE,
  FIVE,
  Bench,
  established,
  orphan,
  elected,
} from './testing/election-bench.ts';
import { hierarchical, id, majority, membershipOf } from './testing/test-membership.ts';

await t.test('the end of an election', async (t) => {
  await t.test('comes at once when every voter has been heard and a quorum agrees', async (t) => {
    const bench = new Bench(3, THREE).look();
    bench.hear(1, {});
    t.equal(bench.electedCount, 0);
    bench.hear(2, {});
    t.equal(bench.electedCount, 0, 'both heard, and nobody agrees');
    bench.hear(1, { leader: id(3) });
    t.equal(bench.electedCount, 1, 'the one who still votes for itself will come round');
    t.equal(bench.role, 'leading 3@1');
    t.equal(bench.withdrawn, 1);
  });

  await t.test('waits for who has not been heard, and no longer than that', async (t) => {
    const bench = new Bench(3, THREE).look().hear(1, { leader: id(3) });
    t.equal(bench.pass(99).electedCount, 0);
    t.equal(bench.pass(1).electedCount, 1);
    const other = new Bench(3, THREE).look().hear(1, { leader: id(3) });
    // Apache waits again after each message that changes nothing.
    t.equal(
      other
        .pass(60)
        .hear(1, { leader: id(3) })
        .pass(40).electedCount,
      1,
    );
  });

  await t.test('the wait is over when a better vote comes, and starts again with it', async (t) => {
    const bench = new Bench(2, FIVE).look();
    bench.hear(1, { leader: id(2) }).hear(3, { leader: id(2) });
    bench.pass(90).hear(4, {}).pass(90);
    t.equal(bench.electedCount, 0);
    bench.hear(3, { leader: id(4) });
    t.equal(bench.pass(99).electedCount, 0);
    t.equal(bench.pass(1).role, 'following 4@1');
  });

  await t.test('the wait can be set, to what Apache waits or to nothing', async (t) => {
    const bench = new Bench(3, THREE, { finalizeWaitMs: 200 }).look().hear(1, { leader: id(3) });
    t.equal(bench.pass(199).electedCount, 0);
    t.equal(bench.pass(1).electedCount, 1);
    t.equal(
      new Bench(3, THREE, { finalizeWaitMs: 0 })
        .look()
        .hear(1, { leader: id(3) })
        .pass(0).electedCount,
      1,
    );
  });
});

await t.test('the end of an election: who has a say', async (t) => {
  await t.test('does not wait for whom no weight lets lead', async (t) => {
    const groups = [
      [
        { id: 1, weight: 1 },
        { id: 2, weight: 1 },
        { id: 3, weight: 0 },
      ],
    ];
    const bench = new Bench(2, membershipOf(hierarchical(groups))).look().hear(1, { leader: id(2) });
    t.equal(bench.electedCount, 1);
  });

  await t.test(
    'needs a quorum of the committed and of a newer configuration, not of an older one',
    async (t) => {
      const next = membershipOf(majority([1, 4, 5]), { version: 9 });
      const bench = new Bench(3, THREE);
      bench.election.setMembership(THREE, next);
      bench
        .look()
        .hear(1, { leader: id(3) })
        .hear(2, { leader: id(3) });
      t.equal(bench.pass(1000).electedCount, 0);
      t.equal(bench.hear(5, { leader: id(3) }).pass(100).electedCount, 1);
      const older = new Bench(3, membershipOf(majority([1, 2, 3]), { version: 9 }));
      older.election.setMembership(
        membershipOf(majority([1, 2, 3]), { version: 9 }),
        membershipOf(majority([4, 5])),
      );
      older.look().hear(1, { leader: id(3) });
      t.equal(older.pass(100).electedCount, 1);
    },
  );

  await t.test('is said by the leader to all who may still wait, when it had no need to', async (t) => {
    const early = new Bench(3, THREE).look();
    early.hear(1, { leader: id(3) });
    early.take();
    early.hear(2, { leader: id(3) });
    t.match(early.sent, [
      { to: 1, notification: { state: leading, leader: 3 } },
      { to: 2, notification: { state: leading, leader: 3 } },
    ]);
    // After a wait Apache's servers would wait once more because of it.
    const late = new Bench(3, THREE).look().hear(1, { leader: id(3) });
    late.take();
    t.equal(late.pass(100).take(), '');
    t.equal(late.electedCount, 1);
  });

  await t.test('is an occasion to look again', async (t) => {
    const bench = new Bench(3, THREE).look();
    bench.onElected = () => bench.electedCount === 1 && bench.look();
    bench.hear(1, { leader: id(3) }).hear(2, { leader: id(3) });
    t.equal(bench.role, 'looking 3@2');
    t.equal(bench.pass(1000).electedCount, 1);
  });
});

await t.test('who is down', async (t) => {
  await t.test('is not waited for after a leader was lost', async (t) => {
    const bench = orphan();
    bench.hear(1, { leader: id(2), electionEpoch: 2 });
    t.equal(bench.electedCount, 1, 'it might be there');
    bench.election.onPeerDown(id(3));
    t.equal(bench.electedCount, 2, 'it is not');
    t.equal(bench.role, 'leading 2@2');
    const before = orphan();
    before.election.onPeerDown(id(3));
    before.hear(1, { leader: id(2), electionEpoch: 2 });
    t.equal(before.electedCount, 2, 'in whichever order it becomes known');
  });

  await t.test('is waited for again when anything has come from it', async (t) => {
    const bench = orphan();
    bench.election.onPeerDown(id(3));
    bench.hear(3, { state: following, leader: id(1), electionEpoch: 1 });
    bench.hear(1, { leader: id(2), electionEpoch: 2 });
    t.equal(bench.electedCount, 1);
  });

  await t.test('is waited for at the first start, and after a decision that came to nothing', async (t) => {
    const first = new Bench(2, THREE).look();
    first.election.onPeerDown(id(3));
    t.equal(first.hear(1, { leader: id(2) }).electedCount, 0);
    const again = orphan();
    again.election.onPeerDown(id(3));
    again.hear(1, { leader: id(2), electionEpoch: 2 });
    t.equal(again.electedCount, 2);
    again.look().hear(1, { leader: id(2), electionEpoch: 3 });
    t.equal(again.electedCount, 2, 'not hurried a second time');
    t.equal(again.pass(100).electedCount, 3);
    again.election.updateVoteEpoch(3);
    again.election.onPeerDown(id(3));
    t.equal(again.look().hear(1, { leader: id(2), electionEpoch: 4 }).electedCount, 4, 'one was established');
  });

  await t.test(
    'is not elected in a hurry, and at first not at all: another round shows who is left',
    async (t) => {
      const bench = established(1, THREE, 3).look();
      bench.election.onPeerDown(id(3));
      bench.hear(2, { leader: id(3), electionEpoch: 2 });
      t.equal(bench.electedCount, 1, 'its vote came by way of another, who can still lose it');
      bench.take();
      t.equal(bench.pass(100).take(), '2:1@3 3:1@3');
      bench.hear(2, { electionEpoch: 3 }).hear(2, { electionEpoch: 3 });
      t.equal(bench.role, 'following 2@3');

      const alone = established(1, THREE, 3).look();
      alone.election.onPeerDown(id(3));
      alone.hear(2, { leader: id(3), electionEpoch: 2 }).pass(100);
      alone.hear(2, { leader: id(3), electionEpoch: 3 });
      t.equal(alone.pass(100).role, 'following 3@3', 'the other one insists, and must know');
    },
  );
});

await t.test(
  'doubts about a vote that was elected and is not established (B38, ZOOKEEPER-3109)',
  async (t) => {
    await t.test('the leader: too many have turned to another, or gone into the next round', async (t) => {
      const bench = elected(4)
        .hear(1, { leader: id(5), peerEpoch: 2 })
        .hear(2, { electionEpoch: 2 });
      t.strictSame(bench.doubts, []);
      bench.hear(3, { state: following, leader: id(5), electionEpoch: 1 });
      t.equal(bench.doubts.length, 1);
      bench.hear(3, { electionEpoch: 3 });
      t.equal(bench.doubts.length, 1, 'once');
    });

    await t.test('the leader: too many are down', async (t) => {
      const bench = elected(4);
      for (const other of [1, 2, 5]) bench.election.onPeerDown(id(other));
      t.equal(bench.doubts.length, 1);
    });

    await t.test('a follower: its leader has turned to another, or is down', async (t) => {
      t.equal(elected(1).hear(4, { leader: id(5), peerEpoch: 2 }).doubts.length, 1);
      t.equal(elected(1).hear(4, { state: following, leader: id(5) }).doubts.length, 1);
      const bench = elected(1);
      bench.election.onPeerDown(id(4));
      t.equal(bench.doubts.length, 1);
      const other = elected(1);
      for (const server of [2, 3, 5]) other.election.onPeerDown(id(server));
      t.equal(other.doubts.length, 0, 'whom it does not reach its leader may');
    });

    await t.test('not for who is only slow, nor for who comes round', async (t) => {
      const bench = elected(4);
      for (const other of [1, 2, 3]) bench.hear(other, {}).hear(other, { leader: id(4) });
      for (const other of [1, 2, 3]) bench.hear(other, { state: following, leader: id(1), electionEpoch: 0 });
      t.strictSame(bench.doubts, []);
      bench.hear(1, { electionEpoch: 2 }).hear(2, { electionEpoch: 2 });
      bench.hear(1, { state: following, leader: id(4) });
      t.strictSame(bench.hear(3, { electionEpoch: 2 }).doubts, []);
    });

    await t.test('not once the vote is established', async (t) => {
      const bench = elected(4);
      bench.election.updateVoteEpoch(2);
      for (const other of [1, 2, 3]) bench.hear(other, { electionEpoch: 9 });
      for (const other of [1, 2, 3]) bench.election.onPeerDown(id(other));
      t.strictSame(bench.doubts, []);
    });
  },
);
