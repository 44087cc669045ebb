import t from 'tap';
import type { Zxid } from '../base/zxid.ts';
import { FakeSocket } from '../base/testing/fake-socket.ts';
import { StorageError } from '../storage/storage-error.ts';
import { MajorityQuorums } from './majority.ts';
import { INIT_MS, z, OLD, Bench } from './testing/leader-bench.ts';
import { ackEpochPacket, infoPacket, joined, names, packet, PacketReader } from './testing/packets.ts';
import { id } from './testing/test-membership.ts';

await t.test(
  'a snapshot is sent as the network takes it, and what is broadcast meanwhile comes behind it (B09, ZOOKEEPER-3104)',
  async (t) => {
    const bench = new Bench({ windowCountMin: 1 });
    bench.replica.nodeBytes = 100_000;
    bench.replica.nodeCount = 40;
    const follower = bench.established();
    const fresh = bench.connect().info(3);
    fresh.socket.isStalled = true;
    fresh.send(ackEpochPacket(0, 4));
    t.ok(fresh.socket.queuedBytes < 1 << 20, 'not all at once');
    const zxid = bench.propose();
    bench.flush();
    follower.send(packet('ack', zxid));
    const heard = fresh.heard();
    for (let turns = 0; turns < 100 && !heard.includes('newLeader 0x500000000'); turns++) {
      fresh.handler.onDrain();
      bench.endTurn();
      heard.push(...fresh.heard());
    }
    t.same(heard, [
      'leaderInfo 0x500000000',
      'snap 0x400000003',
      'newLeader 0x500000000',
      'proposal 0x500000001',
      'commit 0x500000001',
    ]);
    t.equal(fresh.reader.snapshotPaths.length, 41);
  },
);

await t.test(
  'a snapshot goes on where the network takes everything at once and has nothing to say about it',
  async (t) => {
    const bench = new Bench({ windowCountMin: 1 });
    bench.replica.nodeBytes = 100_000;
    bench.replica.nodeCount = 40;
    bench.established();
    const socket = new FakeSocket('10.0.0.3');
    const reader = new PacketReader();
    const handler = bench.leader.onConnection(socket);
    handler.onBytes(infoPacket(3, { accepted: 4 }));
    // As in the shell: a turn ends because somebody has begun it.
    bench.isTurnBegun = false;
    handler.onBytes(ackEpochPacket(0, 4));
    let turns = 0;
    while (bench.takeTurn() && turns < 100) turns++;
    t.ok(names(reader.read(socket.take())).includes('newLeader 0x500000000'), `after ${turns} turns`);
  },
);

await t.test('one snapshot at a time, and who goes away in between holds up nobody', async (t) => {
  const bench = new Bench({ windowCountMin: 1, verifier: new MajorityQuorums([1, 2, 3, 4, 5].map(id)) });
  bench.replica.nodeBytes = 100_000;
  bench.replica.nodeCount = 40;
  bench.accepting(2, 3);
  const first = bench.connect().info(4);
  first.socket.isStalled = true;
  first.send(ackEpochPacket(0, 4));
  const waiting = bench.connect().info(5).send(ackEpochPacket(0, 4));
  const anew = bench.connect().info(5).send(ackEpochPacket(0, 4));
  t.same(waiting.heard(), ['leaderInfo 0x500000000']);
  t.equal(waiting.socket.state, 'destroyed', 'it came anew');
  t.same(anew.heard(), ['leaderInfo 0x500000000']);
  first.drop();
  t.equal(bench.replica.viewsCancelled, 1);
  for (let i = 0; i < 10; i++) bench.endTurn();
  t.same(anew.heard().slice(0, 2), ['snap 0x400000003', 'newLeader 0x500000000']);
});

await t.test(
  'a server that connects a second time is counted once, and its first connection is dead',
  async (t) => {
    const bench = new Bench({ verifier: new MajorityQuorums([1, 2, 3, 4, 5].map(id)) });
    const first = bench.connect().info(2);
    const second = bench.connect().info(2);
    t.equal(first.socket.state, 'destroyed');
    t.same(bench.replica.steps, [], 'two of five');
    bench.connect().info(3);
    second.send(ackEpochPacket(OLD.at(-1) as Zxid, 4));
    first.handler.onBytes(ackEpochPacket(OLD.at(-1) as Zxid, 4));
    first.handler.onClosed();
    t.same(bench.replica.steps, ['acceptedEpoch 5']);
  },
);

await t.test(
  'who may not follow here is closed with one line that names it, and the rest goes on',
  async (t) => {
    const bench = new Bench({ observers: [7], version: 3 });
    const follower = bench.established();
    const strangers: readonly (readonly [string, Uint8Array, RegExp])[] = [
      ['our own id', infoPacket(1), /says it is server 1, which is this one/],
      ['nobody’s id', infoPacket(9), /server 9, which is in no configuration here/],
      ['nobody’s id, as an observer', infoPacket(9, { isObserver: true }), /in no configuration here/],
      ['a voter’s id as an observer', infoPacket(3, { isObserver: true }), /server 3 and an observer/],
      ['an observer’s id as a voter', infoPacket(7), /server 7 and a voter/],
      ['a later configuration', infoPacket(3, { configVersion: 4 }), /configuration 4, this leader only 3/],
      ['an old protocol', infoPacket(3, { protocolVersion: null }), /protocol unknown/],
      ['a packet out of turn', packet('ack', z(1)), /from who has not said who it is/],
      ['garbage', new Uint8Array(64).fill(0x81), /./],
      [
        'a first packet that would be long',
        joined(infoPacket(3).slice(0, 12), Uint8Array.of(0, 0, 8, 0), new Uint8Array(4)),
        /packet of \d+ bytes/,
      ],
    ];
    for (const [what, bytes, why] of strangers) {
      bench.log.length = 0;
      const stranger = bench.connect().send(bytes);
      t.equal(stranger.socket.state, 'destroyed', what);
      t.equal(bench.log.length, 1, `${what}: ${bench.log.join(' | ')}`);
      t.match(bench.log[0], /^warn 10\.0\.0\.9 /, what);
      t.match(bench.log[0], why, what);
    }
    t.equal(follower.socket.state, 'open');
    const zxid = bench.propose();
    bench.flush();
    follower.send(packet('ack', zxid));
    t.same(bench.events, ['committed 0x500000001']);
  },
);

await t.test(
  'connections that say nothing make room for those that come, and are closed in time',
  async (t) => {
    const bench = new Bench();
    bench.established();
    const silent = Array.from({ length: 64 }, () => bench.connect());
    const follower = bench.join(3);
    t.equal(follower.socket.state, 'open');
    t.equal(silent[0]?.socket.state, 'destroyed');
    t.equal(silent.filter(({ socket }) => socket.state === 'open').length, 63);
    bench.pass(INIT_MS + 200, () => follower.send(packet('ping', z(0), new Uint8Array(0))));
    t.ok(silent.every(({ socket }) => socket.state === 'destroyed'));
  },
);

await t.test('an error of its disk is fatal', async (t) => {
  const bench = new Bench();
  bench.replica.failure = new StorageError('io', '/x', 'it is broken');
  bench.connect().info(2);
  t.same(bench.events, ['fatal: it is broken']);
});

await t.test('stopped, it closes every connection and says nothing more', async (t) => {
  const bench = new Bench();
  const follower = bench.established();
  const stranger = bench.connect();
  bench.propose();
  bench.leader.stop(() => bench.events.push('stopped'));
  t.equal(follower.socket.state, 'destroyed');
  t.equal(stranger.socket.state, 'destroyed');
  follower.handler.onBytes(packet('ack', z(1)));
  follower.handler.onClosed();
  bench.flush();
  bench.time.runUntil(100_000);
  t.same(bench.events, ['stopped']);
});
