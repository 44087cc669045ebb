import t, { type Test } from 'tap';
import type { Notification } from '../wire/election/notification.ts';
import type { ServerId } from '../base/server-id.ts';
import { makeZxid, type Zxid } from '../base/zxid.ts';
import { NO_VOTE } from '../wire/election/i64.ts';
import {
  looking,
  following,
  leading,
  THREE,
  FIVE,
  Bench,
  vote,
  established,
} from './testing/election-bench.ts';
import { hierarchical, id, majority, membershipOf } from './testing/test-membership.ts';

function adopts(t: Test, what: string, heard: Partial<Notification>, isAdopted: boolean): void {
  const bench = new Bench(2, FIVE).look();
  bench.take();
  bench.hear(4, heard);
  t.equal(bench.take() !== '', isAdopted, what);
  t.equal(bench.election.vote.leader === 2, !isAdopted, what);
}

await t.test('entering an election', async (t) => {
  await t.test('proposes itself to all other voters, in the next round', async (t) => {
    const bench = new Bench(2, THREE).look();
    t.equal(bench.role, 'looking 2@1');
    t.match(bench.sent, [
      { to: 1, notification: { ...vote(2), state: looking } },
      { to: 3, notification: { ...vote(2), state: looking } },
    ]);
    bench.take();
    bench.look(makeZxid(2, 1), 2);
    t.match(bench.sent[0]?.notification, { electionEpoch: 2, zxid: makeZxid(2, 1), peerEpoch: 2 });
  });

  await t.test('a server without a vote proposes nobody', async (t) => {
    const bench = new Bench(4, membershipOf(majority([1, 2, 3]), { observers: [4] })).look();
    t.equal(bench.sent.length, 3);
    t.match(bench.sent[0]?.notification, {
      leader: NO_VOTE,
      zxid: NO_VOTE,
      peerEpoch: NO_VOTE,
      electionEpoch: 1,
    });
  });

  await t.test('a voter of the next configuration only proposes nobody and is still asked', async (t) => {
    const next = membershipOf(majority([1, 2, 3, 4]), { version: 9 });
    const old = new Bench(1, THREE);
    old.election.setMembership(THREE, next);
    t.equal(old.look().take(), '2:1@1 3:1@1 4:1@1');
    const joiner = new Bench(4, THREE);
    joiner.election.setMembership(THREE, next);
    t.equal(joiner.look().take(), `1:${NO_VOTE}@1 2:${NO_VOTE}@1 3:${NO_VOTE}@1`);
  });

  await t.test('one voter alone is elected before look returns', async (t) => {
    const bench = new Bench(1, membershipOf(majority([1])));
    bench.onElected = () => t.equal(bench.role, 'leading 1@1');
    bench.look();
    t.equal(bench.electedCount, 1);
    t.equal(bench.pass(60_000).take(), '');
  });

  await t.test('nothing is said or heard before the first election and after the end', async (t) => {
    const bench = new Bench(2, THREE);
    bench.hear(3, {});
    bench.election.onPeerConnected(id(3));
    bench.election.onPeerDown(id(3));
    t.equal(bench.take(), '');
    bench.look().take();
    bench.election.stop();
    bench.hear(3, {}).hear(1, {});
    bench.election.onPeerConnected(id(3));
    t.equal(bench.pass(60_000).take(), '');
    t.equal(bench.electedCount, 0);
  });
});

await t.test('the order of votes', async (t) => {
  await t.test('the epoch comes first, then the zxid, then the id', async (t) => {
    adopts(t, 'a greater id', {}, true);
    adopts(t, 'a smaller id', { leader: id(1) }, false);
    adopts(t, 'a longer log', { leader: id(1), zxid: makeZxid(1, 8) }, true);
    adopts(t, 'a shorter log', { leader: id(5), zxid: makeZxid(1, 6) }, false);
    adopts(
      t,
      'a later epoch with a shorter log',
      { leader: id(1), zxid: makeZxid(0, 1), peerEpoch: 2 },
      true,
    );
    adopts(
      t,
      'an earlier epoch with a longer log',
      { leader: id(5), zxid: makeZxid(2, 9), peerEpoch: 0 },
      false,
    );
    adopts(t, 'the vote of somebody without one', { leader: id(1), zxid: NO_VOTE as Zxid }, false);
  });

  await t.test('what names nobody who may vote is not counted, whoever says it', async (t) => {
    adopts(t, 'an unknown leader', { leader: id(9), peerEpoch: 100 }, false);
    adopts(t, 'nobody', { leader: NO_VOTE as ServerId, peerEpoch: 100 }, false);
    adopts(t, 'a log nothing is known of', { zxid: -1 as Zxid, peerEpoch: 100 }, false);
    adopts(t, 'a round nobody can have come to', { electionEpoch: 2 ** 53 - 1, peerEpoch: 100 }, false);
    const bench = new Bench(2, FIVE).look(-1 as Zxid);
    bench.take();
    t.equal(bench.hear(4, {}).take(), '', 'while nothing is known of our own log');
  });

  await t.test(
    'a server of no weight is never elected, and supports others against its own log',
    async (t) => {
      const groups = hierarchical([
        [
          { id: 1, weight: 1 },
          { id: 2, weight: 1 },
          { id: 3, weight: 0 },
        ],
      ]);
      const able = new Bench(2, membershipOf(groups)).look();
      able.take();
      t.equal(able.hear(3, { zxid: makeZxid(1, 99) }).take(), '', 'its longer log is no reason');
      const unable = new Bench(3, membershipOf(groups)).look(makeZxid(1, 99));
      unable.take();
      t.equal(unable.hear(1, {}).take(), '1:1@1 2:1@1');
    },
  );
});

await t.test('LOOKING hears LOOKING', async (t) => {
  await t.test(
    'of a later round: takes it, forgets the votes of its own, proposes the better one',
    async (t) => {
      const bench = new Bench(2, FIVE).look();
      bench.hear(1, { leader: id(2) });
      bench.take();
      bench.hear(5, { electionEpoch: 4 });
      t.equal(bench.take(), '1:5@4 3:5@4 4:5@4 5:5@4');
      bench.hear(3, { leader: id(5), electionEpoch: 4 });
      t.equal(bench.pass(1000).electedCount, 1, 'with 5 and 3, not with 1');
      const own = new Bench(2, FIVE).look();
      own.take();
      own.hear(1, { electionEpoch: 4 });
      t.equal(own.take(), '1:2@4 3:2@4 4:2@4 5:2@4', 'its own is the better one');
    },
  );

  await t.test('of a later round: who was heard in the old one has not been heard in the new', async (t) => {
    const bench = new Bench(3, THREE)
      .look()
      .hear(1, {})
      .hear(2, { leader: id(3), electionEpoch: 2 });
    t.equal(bench.role, 'looking 3@2');
    t.equal(bench.pass(100).role, 'leading 3@2');
  });

  await t.test('of a later round: what it had adopted in its own round is no longer proposed', async (t) => {
    const bench = new Bench(2, FIVE).look().hear(5, {});
    t.equal(bench.role, 'looking 5@1');
    bench.hear(1, { electionEpoch: 2 });
    t.equal(bench.role, 'looking 2@2');
  });

  await t.test('of an earlier round: tells it and counts nothing', async (t) => {
    const bench = new Bench(2, THREE).look().look();
    bench.take();
    bench.hear(3, { electionEpoch: 1 }).hear(1, { electionEpoch: 1, leader: id(2) });
    t.equal(bench.take(), '3:2@2 1:2@2');
    t.equal(bench.pass(150).electedCount, 0);
  });

  await t.test('of its own round: adopts what is better and says so once', async (t) => {
    const bench = new Bench(1, FIVE).look();
    bench.take();
    t.equal(bench.hear(3, {}).take(), '2:3@1 3:3@1 4:3@1 5:3@1');
    t.equal(
      bench
        .hear(3, {})
        .hear(2, {})
        .hear(2, { leader: id(3) })
        .take(),
      '',
    );
  });

  await t.test('a vote is the last one its server gave', async (t) => {
    const bench = new Bench(5, FIVE).look();
    bench.hear(4, { leader: id(5) }).hear(3, { leader: id(5) });
    t.equal(bench.time.runUntil(bench.time.nowMs + 50), false);
    bench.hear(3, { leader: id(3), peerEpoch: 2 });
    t.equal(bench.pass(150).electedCount, 0, 'it is not elected by who has changed its mind');
    t.equal(bench.role, 'looking 3@1');
  });

  await t.test('no vote is counted of whom it does not know, nor its own from another', async (t) => {
    const bench = new Bench(3, FIVE).look();
    for (const from of [9, 10, -1, 3]) bench.hear(from, { leader: id(3) });
    t.equal(bench.pass(1000).electedCount, 0);
  });
});

await t.test('saying it again', async (t) => {
  await t.test('to all, after 200 ms, and then after twice the time each, up to five seconds', async (t) => {
    const bench = new Bench(1, THREE).look();
    bench.take();
    const times: number[] = [];
    let at = 0;
    while (at < 30_000) {
      bench.pass(50);
      at += 50;
      if (bench.take() !== '') times.push(at);
    }
    t.strictSame(times, [200, 600, 1400, 3000, 6200, 11_200, 16_200, 21_200, 26_200]);
  });

  await t.test('the times can be set as with Apache', async (t) => {
    const options = { notificationIntervalMinMs: 10, notificationIntervalMaxMs: 20 };
    const bench = new Bench(1, THREE, options).look();
    bench.take();
    t.equal(bench.pass(30).take(), '2:1@1 3:1@1 2:1@1 3:1@1');
  });

  await t.test('to whom a connection has come up: what is true now', async (t) => {
    const bench = new Bench(1, THREE).look();
    bench.hear(3, {});
    bench.take();
    bench.election.onPeerConnected(id(2));
    t.equal(bench.take(), '2:3@1');
    bench.hear(2, { leader: id(3) }).hear(3, {});
    bench.take();
    bench.election.onPeerConnected(id(2));
    t.match(bench.sent, [{ to: 2, notification: { state: following, leader: 3 } }]);
    bench.take();
    bench.election.onPeerConnected(id(9));
    t.equal(bench.take(), '', 'who has no vote asks');
  });
});

await t.test('configurations in notifications', async (t) => {
  const newer = membershipOf(majority([1, 2, 3]), { version: 0x1f });

  await t.test('each says the committed one', async (t) => {
    t.equal(new Bench(1, THREE).look().sent[0]?.notification.config, THREE.text);
  });

  await t.test('a newer one is reported while LOOKING, each version once in an election', async (t) => {
    const bench = new Bench(1, FIVE).look();
    bench.hear(2, { config: newer.text }).hear(3, { config: newer.text });
    t.strictSame(bench.newerConfigs, [newer.text]);
    for (const config of [THREE.text, 'version=0', 'version=xyz', '', null]) bench.hear(2, { config });
    t.equal(bench.newerConfigs.length, 1);
    bench.hear(9, { config: 'version=20\nserver.1=a:1:2' });
    t.equal(bench.newerConfigs.length, 2, 'by whomever, wherever the version stands');
    bench.look().hear(2, { config: newer.text });
    t.equal(bench.newerConfigs.length, 3);
    const settled = established(1, THREE, 3);
    settled.hear(2, { config: newer.text });
    t.equal(settled.newerConfigs.length, 0);
  });

  await t.test('who takes it starts again, and the message is forgotten', async (t) => {
    const bench = new Bench(1, THREE).look();
    bench.onNewerConfig = () => {
      bench.election.setMembership(newer, null);
      bench.take();
      bench.look();
    };
    bench.hear(3, { config: newer.text });
    t.equal(bench.take(), '2:1@2 3:1@2');
    t.equal(bench.election.vote.leader, 1);
  });

  await t.test('a voter of the next one has no vote of its own, and others come to its round', async (t) => {
    const bench = new Bench(1, membershipOf(majority([1])));
    bench.election.setMembership(membershipOf(majority([1])), membershipOf(majority([1, 2]), { version: 9 }));
    bench
      .look()
      .hear(2, { leader: NO_VOTE as ServerId, zxid: NO_VOTE as Zxid, peerEpoch: NO_VOTE, electionEpoch: 3 });
    t.equal(bench.election.round, 3);
    t.equal(bench.take().split(' ').at(-1), '2:1@3');
    bench.hear(2, { leader: id(1), electionEpoch: 3 });
    t.equal(bench.pass(300).electedCount, 1);
  });

  await t.test('nothing is decided while it is being taken', async (t) => {
    const bench = new Bench(1, THREE).look();
    bench.onNewerConfig = () => bench.election.stop();
    bench.hear(3, { config: newer.text, leader: id(3), state: leading });
    bench.hear(2, { leader: id(3), state: following });
    t.equal(bench.pass(300).electedCount, 0);
    bench.look().hear(3, { leader: id(3), state: leading });
    bench.hear(2, { leader: id(3), state: following });
    t.equal(bench.electedCount, 1);
  });

  await t.test('votes of who is in no configuration any more are forgotten', async (t) => {
    const bench = new Bench(5, FIVE).look().hear(1, { leader: id(5) });
    bench.election.setMembership(membershipOf(majority([3, 4, 5])), null);
    bench.hear(4, { leader: id(4) });
    t.equal(bench.pass(150).electedCount, 0);
    t.equal(bench.hear(4, { leader: id(5) }).pass(100).electedCount, 1);
  });
});
