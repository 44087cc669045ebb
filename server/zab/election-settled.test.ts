import t from 'tap';
import type { ServerId } from '../base/server-id.ts';
import type { Zxid } from '../base/zxid.ts';
import { NO_VOTE } from '../wire/election/i64.ts';
import { PeerState } from '../wire/election/notification.ts';
import {
  following,
  leading,
  observing,
  THREE,
  FIVE,
  ZXID,
  EPOCH,
  Bench,
  established,
} from './testing/election-bench.ts';
import { id, majority, membershipOf } from './testing/test-membership.ts';

await t.test('LOOKING hears FOLLOWING and LEADING', async (t) => {
  const standing = { state: following, leader: id(5), electionEpoch: 7, peerEpoch: 3 };

  await t.test(
    'a quorum that follows, and its leader says so: joins, in the round of that election',
    async (t) => {
      const bench = new Bench(1, FIVE).look();
      bench.hear(2, standing).hear(3, standing).hear(4, standing);
      t.equal(bench.pass(100).electedCount, 0, 'not without the leader: it may have crashed');
      bench.hear(5, { ...standing, state: leading });
      t.equal(bench.role, 'following 5@7');
      t.match(bench.election.vote, { zxid: ZXID, peerEpoch: 3 });
      t.equal(bench.electedCount, 1);
    },
  );

  await t.test('a leader without a quorum is not joined', async (t) => {
    const bench = new Bench(1, FIVE).look();
    bench.hear(5, { ...standing, state: leading }).hear(4, standing);
    t.equal(bench.pass(10_000).electedCount, 0);
  });

  await t.test(
    'whatever round it is in itself, and whatever rounds and epochs they report (B36, B37, ZOOKEEPER-1419, 1514, 1818, 1732)',
    async (t) => {
      for (const round of [1, 7, 20]) {
        const bench = new Bench(1, FIVE);
        for (let i = 0; i < round; i++) bench.look();
        // Some have heard of the new epoch, some not yet; one joined by way of an older election.
        bench.hear(2, { ...standing, peerEpoch: 2 }).hear(3, { ...standing, electionEpoch: 6 });
        bench.hear(5, { ...standing, state: leading });
        t.equal(bench.role, 'following 5@7', `round ${round}`);
      }
    },
  );

  await t.test('who has logged a configuration that the others left behind comes back to them', async (t) => {
    const bench = new Bench(1, THREE);
    // Nobody but this server has heard of 4 and 5, and they may not exist.
    bench.election.setMembership(THREE, membershipOf(majority([1, 4, 5]), { version: 9 }));
    bench.look();
    const settled = { leader: id(3), electionEpoch: 7, peerEpoch: 2 };
    bench.hear(2, { ...settled, state: following });
    t.equal(bench.role, 'looking 1@1');
    bench.hear(3, { ...settled, state: leading });
    t.equal(bench.role, 'following 3@7');
  });

  await t.test(
    'a leader by the committed configuration alone is not what it would take to lead',
    async (t) => {
      const bench = new Bench(1, THREE);
      bench.election.setMembership(THREE, membershipOf(majority([1, 4, 5]), { version: 9 }));
      bench.look();
      for (const from of [2, 3]) bench.hear(from, { leader: id(1), state: following });
      t.equal(bench.role, 'looking 1@1');
    },
  );

  await t.test('who follows an earlier life of the leader is not counted for this one', async (t) => {
    const bench = new Bench(1, FIVE).look();
    bench.hear(2, { ...standing, electionEpoch: 5, peerEpoch: 1 });
    bench.hear(3, { ...standing, electionEpoch: 5, peerEpoch: 1 });
    bench.hear(5, { ...standing, state: leading });
    t.equal(bench.electedCount, 0);
    bench.hear(2, standing).hear(3, standing);
    t.equal(bench.electedCount, 1);
  });
});

await t.test('LOOKING hears FOLLOWING and LEADING: the finer points', async (t) => {
  const standing = { state: following, leader: id(5), electionEpoch: 7, peerEpoch: 3 };

  await t.test('a server before 3.4.6 does not know the new epoch, and is counted', async (t) => {
    const old = { ...standing, version: 0, peerEpoch: 1, electionEpoch: 2, config: null };
    const bench = new Bench(1, FIVE)
      .look()
      .hear(2, old)
      .hear(3, old)
      .hear(5, { ...standing, state: leading });
    t.equal(bench.electedCount, 1);
  });

  await t.test('of its own round: who has decided counts together with who still looks', async (t) => {
    const bench = new Bench(1, THREE).look();
    bench.hear(3, {});
    bench.hear(3, { state: leading });
    t.equal(bench.role, 'following 3@1', 'the leader and itself are a quorum');
  });

  await t.test('of its own round: what a leader says of itself is a vote, if a better one', async (t) => {
    const bench = new Bench(1, THREE).look();
    t.equal(bench.hear(3, { state: leading }).role, 'following 3@1', 'its vote had not come before that');
    const five = new Bench(1, FIVE).look();
    five.take();
    five.hear(3, { state: leading });
    t.equal(five.take(), '2:3@1 3:3@1 4:3@1 5:3@1');
    t.equal(five.hear(2, { leader: id(3) }).role, 'looking 3@1');
    const worse = new Bench(2, FIVE).look();
    worse.take();
    worse.hear(1, { state: leading });
    t.equal(worse.take(), '');
  });

  await t.test(
    'is itself the one they follow: leads if it is in that round, and not otherwise',
    async (t) => {
      const mine = { state: following, leader: id(3) } as const;
      t.equal(new Bench(3, THREE).look().hear(1, mine).hear(2, mine).role, 'leading 3@1');
      const later = new Bench(3, THREE).look().look().hear(1, mine).hear(2, mine);
      t.equal(later.pass(10_000).role, 'looking 3@2');
    },
  );

  await t.test('who looks again does not follow any more', async (t) => {
    const bench = new Bench(1, FIVE).look();
    bench.hear(2, standing).hear(3, standing).hear(3, { electionEpoch: 1 });
    bench.hear(5, { ...standing, state: leading });
    t.equal(bench.electedCount, 0);
  });

  await t.test('who had a leader when it was asked, and has lost it since, is asked again', async (t) => {
    const bench = new Bench(2, THREE).look().look();
    bench.take();
    bench.hear(1, { state: following, leader: id(3), electionEpoch: 1 });
    t.equal(bench.take(), '');
    bench.hear(1, { electionEpoch: 2 });
    t.equal(bench.take(), '1:2@2');
    t.equal(bench.hear(1, { electionEpoch: 2 }).take(), '', 'once');
  });

  await t.test('OBSERVING is nothing', async (t) => {
    const bench = new Bench(1, THREE).look();
    bench.take();
    bench.hear(2, { state: observing, leader: id(3) }).hear(3, { state: observing, leader: id(3) });
    t.equal(bench.take(), '');
    t.equal(bench.pass(150).electedCount, 0);
  });
});

await t.test('who is not LOOKING', async (t) => {
  await t.test('answers a voter that is, with the vote that won in its round', async (t) => {
    const bench = established(1, THREE, 3);
    bench.hear(2, { electionEpoch: 5 });
    t.match(bench.sent, [
      { to: 2, notification: { state: following, leader: 3, electionEpoch: 1, zxid: ZXID, peerEpoch: 2 } },
    ]);
    bench.take();
    bench.hear(2, { state: following, leader: id(3) });
    bench.hear(3, { state: leading, leader: id(3) });
    t.equal(bench.take(), '');
    t.equal(bench.role, 'following 3@1', 'its round is not moved by theirs');
  });

  await t.test('the epoch in its vote is the new one as soon as it is synchronised', async (t) => {
    const bench = new Bench(3, THREE)
      .look()
      .hear(1, { leader: id(3) })
      .hear(2, { leader: id(3) });
    bench.take();
    bench.hear(1, {});
    t.equal(bench.sent[0]?.notification.peerEpoch, EPOCH);
    bench.election.updateVoteEpoch(4);
    bench.hear(1, {});
    t.match(bench.sent[1]?.notification, { peerEpoch: 4, zxid: ZXID, electionEpoch: 1 });
  });

  await t.test('takes a vote from its owner without an election', async (t) => {
    const bench = established(1, THREE, 3);
    bench.election.settle(id(2), { zxid: ZXID, peerEpoch: EPOCH });
    bench.hear(2, {});
    const designated = { leader: id(2), zxid: ZXID, electionEpoch: bench.election.round, peerEpoch: EPOCH };
    t.match(bench.sent, [{ to: 2, notification: { state: following, ...designated } }]);
    t.equal(bench.electedCount, 1);
  });
});

await t.test('who has no vote', async (t) => {
  const withObserver = membershipOf(majority([1, 2, 3]), { observers: [4] });
  const nobody = { leader: NO_VOTE as ServerId, zxid: NO_VOTE as Zxid, peerEpoch: NO_VOTE };

  await t.test('is answered at once, in the current round, and told again how it ended', async (t) => {
    const bench = new Bench(3, withObserver).look().look();
    bench.take();
    bench.hear(4, nobody);
    t.equal(bench.take(), '4:3@2');
    bench.hear(1, { leader: id(3), electionEpoch: 2 }).hear(2, { leader: id(3), electionEpoch: 2 });
    t.match(
      bench.sent.filter(({ to }) => to === 4),
      [{ notification: { state: leading, leader: 3, electionEpoch: 2 } }],
    );
  });

  await t.test('is told of the next election too if it asked before the voters had begun it', async (t) => {
    const bench = established(2, withObserver, 3);
    t.equal(bench.hear(4, nobody).take(), '4:3@1');
    bench
      .look()
      .hear(1, { leader: id(2), electionEpoch: 2 })
      .hear(3, { leader: id(2), electionEpoch: 2 });
    t.equal(bench.role, 'leading 2@2');
    t.equal(bench.sent.filter(({ to }) => to === 4).length, 1);
  });

  await t.test(
    'is not answered when it does not ask, so that two cannot answer each other for ever',
    async (t) => {
      const bench = established(3, withObserver, 3);
      t.equal(bench.hear(9, { state: observing }).hear(9, { state: following }).take(), '');
    },
  );

  await t.test('changes nothing with its votes, however many of them there are', async (t) => {
    const bench = new Bench(3, withObserver).look();
    bench.take();
    for (let from = 10; from < 1010; from++)
      bench.hear(from, { peerEpoch: 9, electionEpoch: 9, leader: id(1) });
    t.equal(bench.role, 'looking 3@1');
    bench.take();
    bench.hear(1, { leader: id(3) }).hear(2, { leader: id(3) });
    t.equal(bench.sent.filter(({ to }) => to >= 10).length, 64, 'so many are remembered, the last ones');
  });

  await t.test('observes whom the others have elected, without a vote of its own', async (t) => {
    const bench = new Bench(4, withObserver).look();
    const standing = { leader: id(3), electionEpoch: 5, peerEpoch: 2 };
    bench.hear(1, { ...standing, state: following }).hear(3, { ...standing, state: leading });
    t.equal(bench.role, 'observing 3@5');
    const looking = new Bench(4, withObserver).look();
    looking
      .hear(1, { leader: id(3) })
      .hear(2, { leader: id(3) })
      .hear(3, {});
    t.equal(looking.role, 'observing 3@1');
    looking.election.onPeerConnected(id(3));
    t.equal(looking.sent.at(-1)?.notification.state, PeerState.looking, 'and then has nothing to tell');
  });
});
