import t from 'tap';
import type { Zxid } from '../base/zxid.ts';
import { MajorityQuorums } from './majority.ts';
import { INIT_MS, SYNC_MS, EPOCH, z, OLD, Bench } from './testing/leader-bench.ts';
import { ackEpochPacket, packet } from './testing/packets.ts';
import { id } from './testing/test-membership.ts';

await t.test(
  'discovery, synchronisation, broadcast: each when there is a quorum, and the disk before the word',
  async (t) => {
    const bench = new Bench();
    bench.replica.holdsJobs = true;
    const follower = bench.connect();
    t.equal(bench.replica.heldJobs, 0, 'alone it proposes no epoch');
    follower.info(2);
    t.same(follower.heard(), [], 'its own promise first');
    bench.replica.finishJob();
    bench.endTurn();
    t.same(follower.heard(), ['leaderInfo 0x500000000']);
    follower.send(ackEpochPacket(OLD.at(-1) as Zxid, 4));
    t.same(follower.heard(), []);
    bench.replica.finishJob();
    bench.endTurn();
    t.same(bench.replica.steps, ['acceptedEpoch 5', 'currentEpoch 5']);
    t.same(follower.heard(), ['diff 0x400000003', 'newLeader 0x500000000']);
    t.same(bench.events, []);
    follower.send(packet('ack', z(0)));
    t.same(bench.events, ['leads in 5']);
    t.same(follower.heard(), ['upToDate -']);
    const late = bench.connect().info(3);
    t.same(late.heard(), ['leaderInfo 0x500000000'], 'who comes later waits for nobody');
    late.send(ackEpochPacket(OLD.at(-1) as Zxid, 4)).send(packet('ack', z(0)));
    t.same(late.heard(), ['diff 0x400000003', 'newLeader 0x500000000', 'upToDate -']);
  },
);

await t.test('the epoch is above every one that was accepted', async (t) => {
  const bench = new Bench();
  bench.replica.holdsJobs = true;
  const follower = bench.connect().info(2, { accepted: 7 });
  bench.replica.finishJob();
  bench.endTurn();
  t.same(follower.heard(), ['leaderInfo 0x800000000']);
});

await t.test('observers, and who is no voter, are never counted (B29, ZOOKEEPER-2959)', async (t) => {
  const bench = new Bench({ observers: [7, 8] });
  for (const server of [7, 8]) bench.connect().info(server, { isObserver: true });
  t.same(bench.replica.steps, [], 'not in discovery');
  const follower = bench.connect().info(2);
  t.same(bench.replica.steps, ['acceptedEpoch 5']);
  bench
    .connect()
    .info(7, { isObserver: true })
    .send(ackEpochPacket(OLD[0] as Zxid, 4));
  t.same(bench.replica.steps, ['acceptedEpoch 5'], 'not for the epoch');
  follower.send(ackEpochPacket(OLD.at(-1) as Zxid, 4));
  const observer = bench.join(7, OLD[0], { isObserver: true });
  t.same(bench.events, [], 'not for NEWLEADER');
  follower.send(packet('ack', z(0)));
  t.same(bench.events, ['leads in 5']);
  const zxid = bench.propose();
  bench.flush();
  observer.send(packet('ack', zxid));
  t.same(bench.events, ['leads in 5'], 'not for a proposal');
  follower.send(packet('ack', zxid));
  t.same(bench.events, ['leads in 5', 'committed 0x500000001']);
});

await t.test(
  'who accepted the epoch before does not count for it, and is synchronised all the same',
  async (t) => {
    const bench = new Bench();
    const first = bench
      .connect()
      .info(2)
      .send(ackEpochPacket(OLD.at(-1) as Zxid, null));
    t.same(bench.replica.steps, ['acceptedEpoch 5']);
    bench
      .connect()
      .info(3)
      .send(ackEpochPacket(OLD.at(-1) as Zxid, 4));
    t.same(bench.replica.steps, ['acceptedEpoch 5', 'currentEpoch 5']);
    t.same(first.heard(), ['leaderInfo 0x500000000', 'diff 0x400000003', 'newLeader 0x500000000']);
  },
);

await t.test(
  'in discovery a longer history is sent away: by its epoch first, then by its zxid',
  async (t) => {
    const cases: readonly (readonly [string, Zxid, number, boolean])[] = [
      ['the same', OLD.at(-1) as Zxid, 4, false],
      ['longer', z(4, 4), 4, true],
      ['shorter, of a later epoch', OLD[0] as Zxid, 5, true],
      ['longer, of an earlier epoch', z(9, 4), 3, false],
    ];
    for (const [what, last, current, isRefused] of cases) {
      const bench = new Bench();
      const follower = bench.connect().info(2).send(ackEpochPacket(last, current));
      t.equal(follower.socket.state, isRefused ? 'destroyed' : 'open', what);
      t.equal(bench.replica.steps.length, isRefused ? 1 : 2, what);
    }
  },
);

await t.test(
  'a voter that has accepted a later epoch could never come back: it must be another one’s turn',
  async (t) => {
    const bench = new Bench();
    bench.established();
    bench.connect().info(3, { accepted: EPOCH });
    t.same(bench.events, []);
    bench.connect().info(3, { accepted: EPOCH + 1 });
    t.match(bench.events, [/^ended: server 3 has accepted epoch 6/]);
  },
);

await t.test('DIFF, TRUNC or SNAP, and what is outstanding for voters alone', async (t) => {
  const bench = new Bench({ observers: [7], windowCountMin: 2 });
  bench.established();
  bench.propose();
  const behind = bench.join(3, OLD[1]);
  t.same(behind.heard(), [
    'leaderInfo 0x500000000',
    'diff 0x400000003',
    'proposal 0x400000003',
    'commit 0x400000003',
    'proposal 0x500000001',
    'newLeader 0x500000000',
    'upToDate -',
  ]);
  const observer = bench.join(7, OLD[1], { isObserver: true });
  t.same(observer.heard(), [
    'leaderInfo 0x500000000',
    'diff 0x400000003',
    'proposal 0x400000003',
    'commit 0x400000003',
    'newLeader 0x500000000',
    'upToDate -',
  ]);
  const ahead = bench.join(3, z(9, 4));
  t.same(ahead.heard(), [
    'leaderInfo 0x500000000',
    'trunc 0x400000003',
    'proposal 0x500000001',
    'newLeader 0x500000000',
    'upToDate -',
  ]);
  const empty = bench.join(3, 0);
  t.same(empty.heard().slice(0, 2), ['leaderInfo 0x500000000', 'snap 0x400000003']);
  t.same(empty.reader.snapshotPaths, ['', '/0']);
});

await t.test('who promises before it was asked to is sent away', async (t) => {
  const bench = new Bench({ verifier: new MajorityQuorums([1, 2, 3, 4, 5].map(id)) });
  const eager = bench
    .connect()
    .info(2)
    .send(ackEpochPacket(OLD.at(-1) as Zxid, 4));
  t.equal(eager.socket.state, 'destroyed');
  bench.connect().info(3);
  t.same(bench.replica.steps, [], 'and does not count');
});

await t.test(
  'before its ack of NEWLEADER a learner may say nothing else (B42, ZOOKEEPER-4685)',
  async (t) => {
    for (const bytes of [
      packet('ping', z(0), new Uint8Array(0)),
      packet('ack', z(1)),
      packet('ack', z(0, EPOCH - 1)),
    ]) {
      const bench = new Bench();
      const follower = bench
        .connect()
        .info(2)
        .send(ackEpochPacket(OLD.at(-1) as Zxid, 4))
        .send(bytes);
      t.equal(follower.socket.state, 'destroyed');
      t.same(bench.events, []);
    }
  },
);

await t.test(
  'who is synchronised waits for the quorum as long as it takes, and is told that we are there',
  async (t) => {
    const bench = new Bench({ verifier: new MajorityQuorums([1, 2, 3, 4, 5].map(id)) });
    const [early, late] = bench.accepting(2, 3);
    early?.send(packet('ack', z(0)));
    early?.received();
    bench.pass(SYNC_MS + 5000);
    t.equal(early?.socket.state, 'open', 'it has nothing to say meanwhile');
    const heard = early?.heard() ?? [];
    t.same(new Set(heard), new Set(['ping 0x500000000']), 'or it would give up after syncLimit');
    late?.send(packet('ack', z(0)));
    t.same(bench.events, ['leads in 5']);
  },
);

await t.test('each of the three quorums must come in time (B35, ZOOKEEPER-1270)', async (t) => {
  const alone = new Bench();
  alone.pass(INIT_MS + 200);
  t.match(alone.events, [/^ended: no quorum came to it in time, in discovery/]);
  const unaccepted = new Bench();
  unaccepted.connect().info(2);
  unaccepted.pass(INIT_MS + 200);
  t.match(unaccepted.events, [/in discovery/]);
  const unsynchronised = new Bench();
  unsynchronised.pass(INIT_MS - 1000);
  unsynchronised
    .connect()
    .info(2)
    .send(ackEpochPacket(OLD.at(-1) as Zxid, 4));
  unsynchronised.pass(INIT_MS - 1000);
  t.same(unsynchronised.events, [], 'each has its own time');
  unsynchronised.pass(2000);
  t.match(unsynchronised.events, [/in synchronisation/]);
});

await t.test('what comes back from the disk after its end begins nothing anew', async (t) => {
  for (const isStopped of [false, true]) {
    for (const jobs of [0, 1]) {
      const bench = new Bench();
      bench.replica.holdsJobs = true;
      const follower = bench.connect().info(2);
      if (jobs === 1) {
        bench.replica.finishJob();
        bench.endTurn();
        follower.send(ackEpochPacket(OLD.at(-1) as Zxid, 4));
      }
      bench.time.runUntil(INIT_MS);
      t.equal(bench.events.length, 1, 'it gave up');
      follower.received();
      if (isStopped) bench.leader.stop(() => bench.events.push('stopped'));
      t.equal(bench.events.length, 1, 'it is stopped when its job is done');
      bench.replica.finishJob();
      follower.handler.onBytes(ackEpochPacket(OLD.at(-1) as Zxid, 4));
      bench.leader.flush();
      t.same(follower.heard(), []);
      bench.time.runUntil(10 * INIT_MS);
      t.same(bench.events.slice(1), isStopped ? ['stopped'] : [], 'and does not end a second time');
    }
  }
});

await t.test('the last zxid of an epoch is never given out (B30, ZOOKEEPER-1277, 2789, 4883)', async (t) => {
  const bench = new Bench({ counterMax: 4 });
  const follower = bench.established();
  bench.propose();
  bench.propose();
  t.same(bench.events, []);
  t.equal(bench.propose(), z(3));
  t.same(bench.events, ['ended: its epoch has no zxid left']);
  bench.flush();
  follower.send(packet('ack', z(3)));
  t.same(bench.events.slice(1), [], 'and nothing is committed any more');
});
