import t from 'tap';
import { makeZxid } from '../base/zxid.ts';
import { JuteReader } from '../wire/jute-reader.ts';
import { readAckEpoch } from '../wire/quorum/ack-epoch.ts';
import { readLearnerInfo } from '../wire/quorum/learner-info.ts';
import { EPOCH, z, Bench, stateAt, proposal, committed } from './testing/learner-bench.ts';
import { joined, leaderInfoPacket, newLeaderPacket, packet, snapPacket } from './testing/packets.ts';

await t.test('it says who it is, and promises on its disk before it does in words', async (t) => {
  const bench = new Bench();
  bench.replica.holdsJobs = true;
  bench.open();
  const [info] = bench.received();
  t.equal(info?.type, 'followerInfo');
  t.equal(info?.zxid, makeZxid(1, 0));
  t.same(readLearnerInfo(new JuteReader(info?.data as Uint8Array)), {
    serverId: 2,
    protocolVersion: 0x10000,
    configVersion: 0,
  });
  bench.send(leaderInfoPacket(EPOCH));
  t.same(bench.said(), [], 'nothing before it is durable');
  bench.replica.finishJob();
  const [ack] = bench.received();
  t.same(bench.replica.steps, ['acceptedEpoch 5']);
  t.equal(ack?.type, 'ackEpoch');
  t.equal(ack?.zxid, z(4, 1));
  t.equal(readAckEpoch(new JuteReader(ack?.data as Uint8Array)).currentEpoch, 1);
});

await t.test('an observer says that it is one', async (t) => {
  const bench = new Bench({ isObserver: true });
  bench.open();
  t.same(bench.said(), [`observerInfo 0x100000000`]);
});

await t.test('who had accepted the epoch says so and does not count', async (t) => {
  const bench = new Bench({ accepted: EPOCH });
  bench.open();
  bench.received();
  bench.send(leaderInfoPacket(EPOCH));
  const [ack] = bench.received();
  t.equal(readAckEpoch(new JuteReader(ack?.data as Uint8Array)).currentEpoch, null);
  t.same(bench.replica.steps, [], 'nothing is written');
});

await t.test('an epoch below the one it promised is refused', async (t) => {
  const bench = new Bench({ accepted: EPOCH + 1 });
  bench.open();
  bench.received();
  bench.send(leaderInfoPacket(EPOCH));
  t.match(bench.events, [/^ended: its epoch 5 is below 6/]);
  t.equal(bench.socket.state, 'destroyed');
  t.same(bench.said(), []);
});

await t.test('the history, its flush, the epoch, and only then the ack', async (t) => {
  const bench = new Bench();
  bench.discover();
  bench.replica.holdsJobs = true;
  bench.send(packet('diff', z(6, 1)), committed(z(5, 1), z(6, 1)), proposal(z(1)), newLeaderPacket(EPOCH));
  t.same(bench.said(), []);
  t.equal(bench.replica.heldJobs, 0, 'the epoch is not written before its history is durable');
  bench.flush();
  t.same(bench.said(), [], 'nor acknowledged before it is written');
  bench.replica.finishJob();
  t.same(bench.said(), ['ack 0x500000000']);
  t.same(bench.replica.steps, [
    'acceptedEpoch 5',
    'append 0x100000005',
    'append 0x100000006',
    'append 0x500000001',
    'flush 0x500000001',
    'apply 0x100000006',
    'currentEpoch 5',
  ]);
  t.equal(bench.replica.lastApplied, z(6, 1), 'what is not committed is not applied');
});

await t.test(
  'after NEWLEADER the broadcast is logged, and acknowledged after UPTODATE, when it is durable (B41, B43, ZOOKEEPER-4394, 3023)',
  async (t) => {
    const bench = new Bench();
    bench.discover();
    bench.send(packet('diff', z(4, 1)), newLeaderPacket(EPOCH));
    t.same(bench.said(), ['ack 0x500000000']);
    bench.send(proposal(z(1)), proposal(z(2)), packet('ping', z(2)), packet('commit', z(1)));
    bench.flush();
    t.same(bench.said(), [], 'nothing but the ack of NEWLEADER may come before UPTODATE');
    bench.send(proposal(z(3)), packet('upToDate', -1));
    t.same(bench.events, [], 'it does not serve before it has what the leader had');
    bench.flush();
    t.same(bench.said(), ['ack 0x500000000', 'ack 0x500000001', 'ack 0x500000002', 'ack 0x500000003']);
    t.same(bench.events, ['serves in 5']);
    t.equal(bench.replica.lastApplied, z(1));
  },
);

await t.test('TRUNC goes back first', async (t) => {
  const bench = new Bench();
  bench.discover();
  bench.replica.holdsJobs = true;
  bench.send(packet('trunc', z(2, 1)), committed(z(1, 4)), newLeaderPacket(EPOCH));
  t.ok(bench.socket.isPaused, 'nothing is read meanwhile');
  bench.replica.finishJob();
  bench.flush();
  bench.replica.finishJob();
  t.notOk(bench.socket.isPaused);
  t.same(bench.said(), ['ack 0x500000000']);
  t.same(bench.replica.steps.slice(1), [
    'truncate 0x100000002',
    'append 0x400000001',
    'flush 0x400000001',
    'apply 0x400000001',
    'currentEpoch 5',
  ]);
});

await t.test('who cannot go back to exactly that txn says so and comes again', async (t) => {
  const bench = new Bench();
  bench.discover();
  bench.send(packet('trunc', z(7, 0)));
  t.match(bench.events, [/^ended: there is no 0x7/]);
});

await t.test('SNAP in whatever pieces: installed first, then what came behind it', async (t) => {
  for (const pieceBytes of [1, 7, 100, 100_000]) {
    const bench = new Bench();
    bench.discover();
    bench.replica.holdsJobs = true;
    const bytes = joined(snapPacket(stateAt(z(9, 4), 20)), committed(z(10, 4)), newLeaderPacket(EPOCH));
    for (let at = 0; at < bytes.length; at += pieceBytes) bench.send(bytes.slice(at, at + pieceBytes));
    t.same(bench.replica.steps, ['acceptedEpoch 5', 'receive 0x400000009']);
    bench.replica.finishJob();
    bench.flush();
    bench.replica.finishJob();
    t.same(bench.said(), ['ack 0x500000000'], `pieces of ${pieceBytes}`);
    t.same(bench.replica.steps.slice(2), [
      'install 0x400000009',
      'append 0x40000000a',
      'flush 0x40000000a',
      'apply 0x40000000a',
      'currentEpoch 5',
    ]);
  }
});

await t.test('what an Apache leader repeats behind its snapshot is in it already', async (t) => {
  const bench = new Bench();
  bench.discover();
  bench.send(snapPacket(stateAt(z(2, 4))), committed(z(1, 4), z(2, 4), z(3, 4)), newLeaderPacket(EPOCH));
  bench.flush();
  t.same(bench.said(), ['ack 0x500000000']);
  t.same(bench.replica.history, [z(2, 4), z(3, 4)]);
});

await t.test('a snapshot that breaks off leaves everything as it was (B10, ZOOKEEPER-3642)', async (t) => {
  const bench = new Bench();
  bench.discover();
  const bytes = snapPacket(stateAt(z(9, 4)));
  bench.send(bytes.slice(0, bytes.length - 1));
  bench.handler.onClosed();
  t.match(bench.events, [/^ended: the leader closed/]);
  let isStopped = false;
  bench.learner.stop(() => {
    isStopped = true;
  });
  t.ok(isStopped);
  t.same(bench.replica.steps, ['acceptedEpoch 5', 'receive 0x400000009']);
  t.equal(bench.replica.lastLogged, z(4, 1));
});

/** It has promised, and is told to go back to where it has nothing any more. */
function strandedBench(): Bench {
  const bench = new Bench();
  bench.replica.canGoBackTo = z(3, 1);
  bench.open();
  bench.send(leaderInfoPacket(EPOCH));
  return bench;
}

await t.test(
  'who cannot go back has promised all the same, and asks the same leader for a snapshot',
  async (t) => {
    const bench = strandedBench();
    const [, first] = bench.received();
    t.equal(first?.zxid, z(4, 1), 'it says what it has');
    t.equal(readAckEpoch(new JuteReader(first?.data as Uint8Array)).currentEpoch, 1, 'and counts');
    const { socket } = bench;
    bench.send(packet('trunc', z(2, 1)));
    t.equal(socket.state, 'destroyed');
    t.same(bench.events, [], 'its role goes on');

    bench.open();
    bench.send(leaderInfoPacket(EPOCH));
    const [, second] = bench.received();
    t.equal(
      second?.zxid,
      makeZxid(EPOCH + 1, 0),
      'no leader can make a DIFF or a TRUNC of that; an Apache leader without a txn takes its own epoch’s for its end',
    );
    t.equal(readAckEpoch(new JuteReader(second?.data as Uint8Array)).currentEpoch, null);
    bench.send(snapPacket(stateAt(z(9, 4))), newLeaderPacket(EPOCH));
    t.same(bench.said(), ['ack 0x500000000']);
    t.equal(bench.replica.lastLogged, z(9, 4));
  },
);

await t.test(
  'who asks for a snapshot takes nothing else, and nothing of the connection before',
  async (t) => {
    const bench = strandedBench();
    const { handler } = bench;
    bench.send(packet('trunc', z(2, 1)));
    bench.open();
    handler.onBytes(packet('diff', z(4, 1)));
    handler.onClosed();
    t.same(bench.events, []);
    bench.send(leaderInfoPacket(EPOCH));
    bench.send(packet('diff', z(4, 1)));
    t.match(bench.events, [/^ended: SNAP expected/]);
  },
);
