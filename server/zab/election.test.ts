import t, { type Test } from 'tap';
import { SILENT_LOG } from '../base/log.ts';
import type { ServerId } from '../base/server-id.ts';
import { makeZxid, type Zxid } from '../base/zxid.ts';
import { NO_VOTE } from '../wire/election/i64.ts';
import { type Notification, PeerState } from '../wire/election/notification.ts';
import { Election, type ElectionOptions } from './election.ts';
import type { Membership } from './membership.ts';
import { hierarchical, id, majority, membershipOf } from './testing/test-membership.ts';
import { VirtualTime } from './testing/virtual-time.ts';

const { looking, following, leading, observing } = PeerState;
const THREE = membershipOf(majority([1, 2, 3]));
const FIVE = membershipOf(majority([1, 2, 3, 4, 5]));
const ZXID = makeZxid(1, 7);
const EPOCH = 1;

/** One server's election, and everything it does. */
class Bench {
  readonly time = new VirtualTime();
  readonly self: number;
  readonly election: Election;
  sent: { readonly to: number; readonly notification: Notification }[] = [];
  electedCount = 0;
  doubts: string[] = [];
  newerConfigs: string[] = [];
  withdrawn = 0;
  onElected: () => void = () => {};
  onNewerConfig: () => void = () => {};

  constructor(self: number, membership: Membership, options: Partial<ElectionOptions> = {}) {
    this.self = self;
    this.election = new Election({
      self: id(self),
      membership,
      timers: this.time,
      log: SILENT_LOG,
      effects: {
        send: (to, notification) => this.sent.push({ to, notification }),
        withdraw: () => this.withdrawn++,
        onElected: () => {
          this.electedCount++;
          this.onElected();
        },
        onDoubt: (why) => this.doubts.push(why),
        onNewerConfig: (text) => {
          this.newerConfigs.push(text);
          this.onNewerConfig();
        },
      },
      ...options,
    });
  }

  look(zxid: Zxid = ZXID, peerEpoch = EPOCH): this {
    this.election.look({ zxid, peerEpoch });
    return this;
  }

  /** What was sent since the last call, each recipient with its vote: `2:1@1` is a vote for 1 in round 1. */
  take(): string {
    const lines = this.sent.map(
      ({ to, notification }) => `${to}:${notification.leader}@${notification.electionEpoch}`,
    );
    this.sent = [];
    return lines.join(' ');
  }

  hear(from: number, notification: Partial<Notification>): this {
    this.election.onNotification(id(from), { ...vote(from), ...notification });
    return this;
  }

  pass(ms: number): this {
    this.time.runUntil(this.time.nowMs + ms);
    return this;
  }

  get role(): string {
    const name = ['looking', 'following', 'leading', 'observing'][this.election.state];
    return `${name} ${this.election.vote.leader}@${this.election.round}`;
  }
}

/** A LOOKING server's vote for this leader, in round 1, whose log is as long as ours. */
function vote(leader: number, other: Partial<Notification> = {}): Notification {
  return {
    state: looking,
    leader: id(leader),
    zxid: ZXID,
    electionEpoch: 1,
    peerEpoch: EPOCH,
    version: 2,
    config: THREE.text,
    ...other,
  };
}

function established(self: number, membership: Membership, leader: number): Bench {
  const bench = new Bench(self, membership).look();
  for (const server of membership.verifier.voters)
    if (server !== self) bench.hear(server, { leader: id(leader) });
  bench.election.updateVoteEpoch(2);
  bench.take();
  return bench;
}

function adopts(t: Test, what: string, heard: Partial<Notification>, isAdopted: boolean): void {
  const bench = new Bench(2, FIVE).look();
  bench.take();
  bench.hear(4, heard);
  t.equal(bench.take() !== '', isAdopted, what);
  t.equal(bench.election.vote.leader === 2, !isAdopted, what);
}

/** The leader of an established ensemble of three, 3, has died; the bench is 2, and 1 is left. */
function orphan(): Bench {
  return established(2, THREE, 3).look();
}

/** Five servers have elected 4, and nothing has come of it yet. */
function elected(self: number): Bench {
  const bench = new Bench(self, FIVE).look();
  for (const other of [1, 2, 3, 4, 5]) if (other !== self) bench.hear(other, { leader: id(4) });
  return bench;
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
    const designated = { leader: id(2), zxid: ZXID, electionEpoch: -1, peerEpoch: -1 };
    bench.election.settle(designated, following);
    bench.hear(2, {});
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

  await t.test('votes of who is in no configuration any more are forgotten', async (t) => {
    const bench = new Bench(5, FIVE).look().hear(1, { leader: id(5) });
    bench.election.setMembership(membershipOf(majority([3, 4, 5])), null);
    bench.hear(4, { leader: id(4) });
    t.equal(bench.pass(150).electedCount, 0);
    t.equal(bench.hear(4, { leader: id(5) }).pass(100).electedCount, 1);
  });
});
