import t from 'tap';
import type { SessionId } from '../base/session-id.ts';
import { JuteReader } from '../wire/jute-reader.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { readForwardedRequest } from '../wire/quorum/forwarded-request.ts';
import { writeRevalidateReply } from '../wire/quorum/revalidate.ts';
import { readSessionTouches } from '../wire/quorum/session-touch.ts';
import { entryOf } from './testing/fake-replica.ts';
import { EPOCH, z, Bench, proposal, committed } from './testing/learner-bench.ts';
import { joined, leaderInfoPacket, newLeaderPacket, packet } from './testing/packets.ts';

await t.test('each phase takes its own packets and no others', async (t) => {
  const header = packet('diff', z(4, 1));
  const cases: readonly (readonly [string, readonly Uint8Array[], RegExp])[] = [
    ['no LEADERINFO', [packet('diff', z(4, 1))], /LEADERINFO expected/],
    ['no header', [leaderInfoPacket(EPOCH), proposal(z(5, 1))], /DIFF, TRUNC or SNAP expected/],
    ['a gap', [leaderInfoPacket(EPOCH), header, proposal(z(6, 1))], /does not follow/],
    ['one twice', [leaderInfoPacket(EPOCH), header, proposal(z(5, 1)), proposal(z(5, 1))], /does not follow/],
    ['an epoch that begins with 2', [leaderInfoPacket(EPOCH), header, proposal(z(2, 3))], /does not follow/],
    [
      'COMMIT of nothing',
      [leaderInfoPacket(EPOCH), header, packet('commit', z(5, 1))],
      /COMMIT of 0x100000005/,
    ],
    [
      'COMMIT that passes one over',
      [leaderInfoPacket(EPOCH), header, proposal(z(5, 1)), proposal(z(6, 1)), packet('commit', z(6, 1))],
      /COMMIT of 0x100000006/,
    ],
    [
      'COMMIT of another epoch that passes one over',
      [leaderInfoPacket(EPOCH), header, proposal(z(5, 1)), proposal(z(1, 2)), packet('commit', z(1, 2))],
      /COMMIT of 0x200000001/,
    ],
    [
      'NEWLEADER of another epoch',
      [leaderInfoPacket(EPOCH), header, newLeaderPacket(EPOCH - 1)],
      /NEWLEADER of/,
    ],
    ['garbage', [new Uint8Array(200).fill(0xee)], /./],
  ];
  for (const [what, parts, why] of cases) {
    const bench = new Bench();
    bench.open();
    bench.send(...parts);
    bench.flush();
    t.equal(bench.events.length, 1, what);
    t.match(bench.events[0], why, what);
    t.equal(bench.socket.state, 'destroyed');
    bench.send(...parts);
    t.equal(bench.events.length, 1, 'and nothing more is listened to');
  }
});

await t.test('in the broadcast: ack when durable, apply when committed and durable', async (t) => {
  const bench = new Bench();
  bench.serve();
  bench.send(proposal(z(1)), proposal(z(2)), packet('commit', z(1)));
  t.same(bench.said(), []);
  t.equal(bench.replica.lastApplied, z(4, 1), 'memory is never ahead of the disk, whatever others have');
  bench.flush();
  t.same(bench.said(), ['ack 0x500000001', 'ack 0x500000002']);
  t.equal(bench.replica.lastApplied, z(1));
  bench.send(packet('commit', z(2)));
  t.equal(bench.replica.lastApplied, z(2));
  bench.send(packet('inform', z(3), entryOf(z(3))));
  t.equal(bench.replica.lastLogged, z(2), 'an INFORM is not for a follower');
  bench.send(packet('commit', z(3)));
  t.match(bench.events, [/^ended: COMMIT of 0x500000003/]);
});

await t.test('an active observer takes INFORMs, and acknowledges nothing', async (t) => {
  const bench = new Bench({ isObserver: true });
  bench.serve();
  bench.send(proposal(z(1)), packet('commit', z(1)), packet('inform', z(1), entryOf(z(1))));
  bench.flush();
  t.same(bench.replica.steps, ['append 0x500000001', 'flush 0x500000001', 'apply 0x500000001']);
  t.same(bench.said(), []);
});

await t.test('a sync is passed on when all that came before it is applied', async (t) => {
  const bench = new Bench();
  bench.serve();
  bench.send(packet('sync', 0));
  t.same(bench.events, ['sync'], 'at once if there is nothing');
  bench.send(proposal(z(1)), packet('commit', z(1)), packet('sync', 0), packet('sync', 0));
  t.equal(bench.events.length, 1);
  bench.flush();
  t.same(bench.events, ['sync', 'sync', 'sync']);
});

await t.test('and before anything that came after it is applied (seed 50000123)', async (t) => {
  const bench = new Bench();
  bench.serve();
  bench.replica.onApplied = (zxid) => bench.events.push(`applied ${zxid - z(0)}`);
  bench.send(proposal(z(1)), proposal(z(2)), proposal(z(3)));
  bench.send(packet('commit', z(1)), packet('sync', 0), packet('commit', z(2)), packet('commit', z(3)));
  bench.flush();
  t.same(bench.events, ['applied 1', 'sync', 'applied 3']);
});

await t.test('a ping is answered with the sessions that were heard from', async (t) => {
  const bench = new Bench();
  bench.serve();
  bench.touched = [
    [7n as SessionId, 4000],
    [8n as SessionId, 5000],
  ];
  bench.send(packet('ping', z(0)));
  const [pong] = bench.received();
  const touches: string[] = [];
  readSessionTouches(new JuteReader(pong?.data as Uint8Array), (id, ms) => touches.push(`${id} ${ms}`));
  t.same(touches, ['7 4000', '8 5000']);
  t.equal(pong?.zxid, z(0));
});

await t.test(
  'requests go to the leader, answers about sessions come back, and what is unknown is passed over',
  async (t) => {
    const bench = new Bench();
    bench.serve();
    bench.learner.forward({ sessionId: 7n as SessionId, cxid: 3, type: 1, body: Uint8Array.of(9) }, [
      { scheme: 'ip', id: '::1' },
    ]);
    bench.learner.revalidate(7n as SessionId, 6000);
    const [request, revalidate] = bench.received();
    t.same(readForwardedRequest(new JuteReader(request?.data as Uint8Array)).cxid, 3);
    t.equal(revalidate?.type, 'revalidate');
    const writer = new JuteWriter();
    writeRevalidateReply(writer, { sessionId: 7n as SessionId, isValid: true });
    bench.send(
      packet('revalidate', -1, writer.bytes()),
      packet('informAndActivate', z(1)),
      packet('upToDate', -1),
    );
    t.same(bench.events, ['session 7 true']);
  },
);

await t.test('whatever the segmentation, the same comes of it', async (t) => {
  const bytes = joined(
    leaderInfoPacket(EPOCH),
    packet('diff', z(6, 1)),
    committed(z(5, 1), z(6, 1)),
    proposal(z(1)),
    newLeaderPacket(EPOCH),
    proposal(z(2)),
    packet('commit', z(1)),
    packet('upToDate', -1),
    proposal(z(3)),
    packet('commit', z(2)),
    packet('ping', z(3)),
  );
  const outcomes = [1, 3, 11, 64, 5000].map((pieceBytes) => {
    const bench = new Bench();
    bench.open();
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      bench.send(bytes.slice(at, at + pieceBytes));
      bench.flush();
    }
    for (let flushes = 0; flushes < 3; flushes++) bench.flush();
    const acks = bench.said().filter((each) => each !== 'ack 0x500000000');
    return JSON.stringify([acks.sort(), bench.events, bench.replica.history, bench.replica.lastApplied]);
  });
  t.equal(new Set(outcomes).size, 1, outcomes.join('\n'));
  t.match(outcomes[0], /serves in 5/);
});
