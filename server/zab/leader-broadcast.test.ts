import t from 'tap';
import type { SessionId } from '../base/session-id.ts';
import type { Zxid } from '../base/zxid.ts';
import { JuteReader } from '../wire/jute-reader.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { OpCode } from '../wire/opcode.ts';
import { readRevalidateReply } from '../wire/quorum/revalidate.ts';
import { writeSessionTouch } from '../wire/quorum/session-touch.ts';
import { MajorityQuorums } from './majority.ts';
import { entryOf } from './testing/fake-replica.ts';
import { EPOCH, z, OLD, type ScriptedLearner, Bench, question } from './testing/leader-bench.ts';
import { ackEpochPacket, packet, requestPacket } from './testing/packets.ts';
import { hierarchical, id } from './testing/test-membership.ts';

await t.test('commits: the disk of a quorum, its own always among them, and in order', async (t) => {
  const bench = new Bench({ verifier: new MajorityQuorums([1, 2, 3, 4, 5].map(id)), observers: [7] });
  const followers = bench.accepting(2, 3, 4);
  for (const follower of followers) follower.send(packet('ack', z(0)));
  const observer = bench.join(7, undefined, { isObserver: true });
  const [a, b, c] = followers as [ScriptedLearner, ScriptedLearner, ScriptedLearner];
  for (const each of [...followers, observer]) each.received();
  bench.events.length = 0;
  for (let i = 0; i < 4; i++) bench.propose();
  t.same(
    a.heard(),
    [1, 2, 3, 4].map((i) => `proposal 0x50000000${i}`),
  );
  t.same(observer.heard(), [], 'an observer hears of what is committed');
  for (const each of followers) each.send(packet('ack', z(1)), packet('ack', z(2)));
  t.same(bench.events, [], 'not before it is durable here, whoever has it');
  bench.flush();
  t.same(bench.events, ['committed 0x500000002']);
  t.same(a.heard(), ['commit 0x500000001', 'commit 0x500000002']);
  t.same(observer.heard(), ['inform 0x500000001', 'inform 0x500000002']);
  a.send(packet('ack', z(4)));
  t.equal(bench.events.length, 1, 'one of five and itself are no quorum');
  a.send(packet('ack', z(3)), packet('ack', z(4)), packet('ack', z(4)));
  t.equal(bench.events.length, 1, 'nor is the same one twice');
  c.send(packet('ack', z(3)));
  t.same(bench.events.slice(1), ['committed 0x500000003']);
  b.send(packet('ack', z(4)), packet('ack', z(3)));
  t.same(bench.events.slice(2), ['committed 0x500000004'], 'acks that come the wrong way round lose nothing');
  t.same(observer.heard(), ['inform 0x500000003', 'inform 0x500000004']);
});

await t.test('an ack of what was never proposed counts for nothing', async (t) => {
  const bench = new Bench();
  const follower = bench.established();
  follower.send(packet('ack', z(1)), packet('ack', z(100)), packet('ack', z(1, EPOCH + 1)));
  bench.propose();
  bench.flush();
  t.same(bench.events, []);
  follower.send(packet('ack', z(1)));
  t.same(bench.events, ['committed 0x500000001']);
});

await t.test('in a hierarchy the groups decide', async (t) => {
  const groups = [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ];
  const verifier = hierarchical(groups.map((group) => group.map((server) => ({ id: server, weight: 1 }))));
  const bench = new Bench({ verifier });
  const acks = ackEpochPacket(OLD.at(-1) as Zxid, 4);
  const [two, three, four, seven] = [2, 3, 4, 7].map((server) => bench.connect().info(server));
  t.same(bench.replica.steps, [], 'five of nine, but most of one group only');
  const five = bench.connect().info(5);
  t.equal(bench.replica.steps.length, 1);
  for (const each of [two, four, seven]) each?.send(acks);
  t.equal(bench.replica.steps.length, 1);
  five.send(acks);
  t.equal(bench.replica.steps.length, 2);
  for (const each of [four, five]) each?.send(packet('ack', z(0)));
  t.same(bench.events, [], 'the leader is alone in its own group');
  two?.send(packet('ack', z(0)));
  t.same(bench.events, ['leads in 5']);
  const zxid = bench.propose();
  bench.flush();
  for (const each of [four, five]) each?.send(packet('ack', zxid));
  t.equal(bench.events.length, 1);
  two?.send(packet('ack', zxid));
  t.same(bench.events.slice(1), ['committed 0x500000001']);
  t.equal(three?.socket.state, 'open');
});

await t.test('a learner’s touches reach whoever keeps the sessions', async (t) => {
  const bench = new Bench();
  const follower = bench.established();
  const writer = new JuteWriter();
  writeSessionTouch(writer, 7n as SessionId, 4000);
  writeSessionTouch(writer, 8n as SessionId, 5000);
  follower.send(packet('ping', z(0), writer.bytes().slice()));
  t.same(bench.events, ['touch 7 4000', 'touch 8 5000']);
});

await t.test(
  'a sync is answered when everything proposed before it is committed, and after its COMMIT',
  async (t) => {
    const bench = new Bench();
    const follower = bench.established();
    const sync = requestPacket({
      sessionId: 7n as SessionId,
      cxid: 1,
      type: OpCode.sync,
      body: new Uint8Array(0),
    });
    follower.send(sync);
    t.same(follower.heard(), ['sync 0x0'], 'at once if there is nothing');
    bench.propose();
    follower.send(sync, sync);
    bench.propose();
    follower.send(sync);
    bench.flush();
    t.same(follower.heard(), ['proposal 0x500000001', 'proposal 0x500000002']);
    follower.send(packet('ack', z(1)));
    t.same(follower.heard(), ['commit 0x500000001', 'sync 0x0', 'sync 0x0']);
    follower.send(packet('ack', z(2)));
    t.same(follower.heard(), ['commit 0x500000002', 'sync 0x0']);
    bench.propose();
    follower.send(sync);
    bench.propose();
    bench.flush();
    follower.heard();
    follower.send(packet('ack', z(3)), packet('ack', z(4)));
    t.same(
      follower.heard(),
      ['commit 0x500000003', 'sync 0x0', 'commit 0x500000004'],
      'before the COMMIT of what its client may have asked for next (seed 50000123)',
    );
  },
);

await t.test('requests and questions about sessions go up, answers come back', async (t) => {
  const bench = new Bench();
  const follower = bench.established();
  bench.sessions.add(7n as SessionId);
  follower.send(
    requestPacket({ sessionId: 7n as SessionId, cxid: 3, type: OpCode.create, body: Uint8Array.of(1) }),
    question(7n),
    question(8n),
    packet('informAndActivate', z(0)),
  );
  t.same(bench.requests, ['1 3']);
  const answers = follower
    .received()
    .map(({ data }) => readRevalidateReply(new JuteReader(data as Uint8Array)));
  t.same(answers, [
    { sessionId: 7n, isValid: true },
    { sessionId: 8n, isValid: false },
  ]);
  bench.propose();
  bench.propose();
  bench.flush();
  follower.send(question(7n));
  t.same(follower.heard(), ['proposal 0x500000001', 'proposal 0x500000002']);
  follower.send(packet('ack', z(1)));
  t.same(follower.heard(), ['commit 0x500000001'], 'what was asked through another connection comes first');
  follower.send(packet('ack', z(2)));
  t.same(follower.heard(), ['commit 0x500000002', 'revalidate -']);
});

await t.test('nobody is asked for before there is a quorum', async (t) => {
  const bench = new Bench({ verifier: new MajorityQuorums([1, 2, 3, 4, 5].map(id)) });
  const followers = bench.accepting(2, 3);
  followers[0]?.send(
    packet('ack', z(0)),
    requestPacket({ sessionId: 7n as SessionId, cxid: 3, type: OpCode.create, body: Uint8Array.of(1) }),
  );
  t.same(bench.requests, []);
});

await t.test(
  'a learner that asks for more than can be answered is sent away, the rest goes on',
  async (t) => {
    const bench = new Bench();
    const follower = bench.established();
    const flood = bench.join(3);
    const request = requestPacket({
      sessionId: 7n as SessionId,
      cxid: 3,
      type: OpCode.create,
      body: new Uint8Array(900_000),
    });
    let count = 0;
    bench.onRequest = () => {
      bench.replica.append(z(++count), entryOf(z(count)));
      bench.leader.propose(z(count), entryOf(z(count)));
    };
    for (let i = 0; flood.socket.state === 'open' && i < 1000; i++) flood.send(request);
    t.ok(count > 100 && count < 400, `after ${count} of a megabyte`);
    t.equal(follower.socket.state, 'open');
    bench.flush();
    const again = bench
      .connect()
      .info(3)
      .send(ackEpochPacket(OLD.at(-1) as Zxid, 4))
      .send(packet('ack', z(0)));
    count = bench.replica.lastLogged - z(0);
    for (let i = 0; i < 500; i++) {
      again.send(request);
      bench.flush();
      follower.send(packet('ack', z(count)));
    }
    t.equal(again.socket.state, 'open', 'what is committed is done with');
  },
);
