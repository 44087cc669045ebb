import t from 'tap';
import { JuteReader } from '../wire/jute-reader.ts';
import { readCommitAndActivate, readInformAndActivate } from '../wire/quorum/activate.ts';
import { Bench, OLD, z, type ScriptedLearner } from './testing/leader-bench.ts';
import { ackEpochPacket, names, packet, type Packet } from './testing/packets.ts';
import { ensembleOf, reconfigEntry } from './testing/reconfig-entry.ts';

const THREE = ensembleOf([1, 2, 3], { version: 7 });

function textOf({ data }: Packet): string {
  return String.fromCharCode(...(data ?? []));
}

function designatedIn(packets: readonly Packet[]): number | undefined {
  const found = packets.find(({ type }) => type === 'commitAndActivate');
  return found && readCommitAndActivate(new JuteReader(found.data as Uint8Array)).designatedLeader;
}

/** Proposes to be these from now on. */
function reconfigure(bench: Bench, voters: readonly number[], observers: readonly number[] = []): Uint8Array {
  const zxid = z(bench.replica.history.filter((each) => each > z(0)).length + 1);
  const entry = reconfigEntry(zxid, ensembleOf(voters, { observers, version: zxid }));
  bench.propose(zxid, entry);
  return entry;
}

function established(): { bench: Bench; follower: ScriptedLearner } {
  const bench = new Bench({ membership: THREE, isChangeable: true });
  const follower = bench.established();
  bench.replica.steps.length = 0;
  return { bench, follower };
}

await t.test('the first configuration gets a version, kept before NEWLEADER is sent', async (t) => {
  const bench = new Bench({ membership: ensembleOf([1, 2, 3]), isChangeable: true });
  const [follower] = bench.accepting(2) as [ScriptedLearner];
  const newLeader = follower.received().at(-1) as Packet;
  t.match(textOf(newLeader), /\nversion=500000000$/);
  t.same(bench.replica.steps, ['acceptedEpoch 5', 'currentEpoch 5', 'next 500000000']);
  follower.send(packet('ack', z(0)));
  t.same(bench.replica.steps.slice(3), ['configuration 500000000', 'no next']);
  t.same(follower.heard(), ['upToDate -']);
});

await t.test('a change is committed by both quorums, and kept before anybody is told', async (t) => {
  const { bench, follower } = established();
  const joiner = bench.join(4);
  joiner.received();
  bench.replica.holdsJobs = true;
  reconfigure(bench, [1, 2, 3, 4]);
  bench.flush();
  for (const each of [follower, joiner]) each.send(packet('ack', z(1)));
  t.same(bench.events, [], 'what it proposes is not kept yet, so it has not acknowledged it itself');
  bench.replica.finishJob();
  t.same(bench.replica.steps.slice(-1), ['next 500000001']);
  bench.endTurn();
  t.same(bench.events, []);
  t.same(names(follower.received()), ['proposal 0x500000001'], 'nobody is told before it is durable');
  bench.replica.finishJob();
  bench.replica.finishJob();
  bench.endTurn();
  t.same(bench.replica.steps.slice(-3), ['configuration 500000001', 'no next', 'apply 0x500000001']);
  t.same(bench.events, ['committed 0x500000001']);
  const told = follower.received();
  t.same(names(told), ['commitAndActivate 0x500000001']);
  t.equal(designatedIn(told), 1);
});

await t.test('from the proposal on a quorum of each has to have what is written', async (t) => {
  const { bench, follower } = established();
  const [four, five] = [bench.join(4), bench.join(5)];
  reconfigure(bench, [1, 4, 5]);
  bench.propose();
  bench.flush();
  for (const each of [four, five]) each.send(packet('ack', z(2)));
  t.same(bench.events, [], 'the new one alone is not enough');
  follower.send(packet('ack', z(1)));
  t.same(
    bench.events,
    ['committed 0x500000001', 'committed 0x500000002'],
    'what is behind it takes the new one',
  );
});

await t.test('observers are told with the txn', async (t) => {
  const bench = new Bench({
    membership: ensembleOf([1, 2, 3], { observers: [7], version: 7 }),
    isChangeable: true,
  });
  const follower = bench.established();
  const observer = bench.join(7, undefined, { isObserver: true });
  observer.received();
  const entry = reconfigure(bench, [1, 2], [7]);
  bench.flush();
  follower.send(packet('ack', z(1)));
  const [told] = observer.received() as [Packet];
  t.same(names([told]), ['informAndActivate 0x500000001']);
  const { designatedLeader, entry: informed } = readInformAndActivate(
    new JuteReader(told.data as Uint8Array),
  );
  t.equal(designatedLeader, 1);
  t.same(informed, entry);
});

await t.test('a leader that is taken out names who has most, and decides nothing more', async (t) => {
  const { bench, follower } = established();
  const third = bench.join(3);
  reconfigure(bench, [2, 3]);
  bench.propose();
  bench.flush();
  third.send(packet('ack', z(2)));
  follower.send(packet('ack', z(1)));
  t.same(bench.events, ['committed 0x500000001']);
  t.equal(designatedIn(follower.received()), 3);
  follower.send(packet('ack', z(2)));
  t.equal(bench.events.length, 1, 'another leads, and it is for that one to commit');
  follower.drop();
  t.same(bench.events.slice(1), ['ended: server 3 leads from now on (3 leads)']);
});

await t.test(
  'who comes while a change is under way is brought up to date when it is committed',
  async (t) => {
    const { bench, follower } = established();
    reconfigure(bench, [1, 2, 3, 4]);
    const late = bench
      .connect()
      .info(3)
      .send(ackEpochPacket(OLD.at(-1) as number, 4));
    t.same(late.heard(), ['leaderInfo 0x500000000'], 'it would take what is proposed for committed');
    const four = bench
      .connect()
      .info(4)
      .send(ackEpochPacket(OLD.at(-1) as number, 4));
    four.received();
    bench.flush();
    follower.send(packet('ack', z(1)));
    t.same(bench.events, [], 'three of four are a quorum, and only two have it');
  },
);

await t.test('and the leader goes when those who are here are not enough', async (t) => {
  const { bench, follower } = established();
  const third = bench.join(3);
  const four = bench.join(4);
  reconfigure(bench, [1, 2, 3, 4]);
  four.drop();
  t.same(bench.events, []);
  third.drop();
  t.match(bench.events[0], /^ended: it has no quorum/);
  t.ok(follower);
});

await t.test('it counts what a server is to be, also while it observes', async (t) => {
  const bench = new Bench({
    membership: ensembleOf([1, 2, 3], { observers: [4, 5], version: 7 }),
    lastSeen: ensembleOf([1, 4, 5], { version: 8 }),
    isChangeable: true,
  });
  const follower = bench.connect().info(2);
  const observer = bench.connect().info(4, { isObserver: true });
  const both = [follower, observer];
  for (const each of both) {
    t.same(each.heard(), ['leaderInfo 0x500000000'], 'of each configuration a quorum has come');
    each.send(ackEpochPacket(OLD.at(-1) as number, 4));
  }
  for (const each of both) t.same(each.heard().at(-1), 'newLeader 0x500000000');
  for (const each of both) each.send(packet('ack', z(0)));
  t.same(bench.events, ['leads in 5']);
  t.same(observer.heard(), ['upToDate -'], 'and it goes over to what it is by that');
});

await t.test('nobody leads whom a quorum has left while the configuration was written', async (t) => {
  const bench = new Bench({ membership: ensembleOf([1, 2, 3]), isChangeable: true });
  const [follower] = bench.accepting(2) as [ScriptedLearner];
  bench.replica.holdsJobs = true;
  follower.send(packet('ack', z(0)));
  follower.drop();
  bench.replica.finishJob();
  bench.replica.finishJob();
  t.same(bench.events, [], 'it waits for another');
  bench.replica.holdsJobs = false;
  bench.join(3);
  t.same(bench.events, ['leads in 5']);
});

await t.test('who belongs nowhere has no say in epochs', async (t) => {
  const { bench, follower } = established();
  const stranger = bench.connect().info(9, { accepted: 1000 });
  t.same(bench.events, [], 'the leader stays');
  stranger.drop();
  follower.drop();
  t.match(bench.events[0], /^ended/);
  const next = new Bench({ membership: THREE, isChangeable: true });
  next.connect().info(9, { accepted: 1000 });
  t.same(next.connect().info(2).heard(), ['leaderInfo 0x500000000'], 'nor in which comes next');
});

await t.test('who belongs nowhere may follow where members change, and only there', async (t) => {
  const { bench } = established();
  const joiner = bench.join(9);
  t.same(joiner.heard().at(-1), 'upToDate -');
  t.ok(bench.leader.isQuorumSynced(ensembleOf([1, 9])));
  t.notOk(bench.leader.isQuorumSynced(ensembleOf([1, 8])));
  const strangers = Array.from({ length: 100 }, (_, i) => bench.connect().info(100 + i));
  t.equal(strangers.filter(({ socket }) => socket.state !== 'destroyed').length, 64, 'so many of them');
  const other = new Bench({ membership: THREE });
  other.established();
  t.equal(other.connect().info(9).socket.state, 'destroyed');
});
