import t from 'tap';
import { entryOf } from './testing/fake-replica.ts';
import { TICK_MS, SYNC_MS, z, Bench } from './testing/leader-bench.ts';
import { packet } from './testing/packets.ts';

await t.test('who loses its quorum leads no more', async (t) => {
  const bench = new Bench();
  const follower = bench.established();
  const other = bench.join(3);
  other.drop();
  t.same(bench.events, []);
  follower.drop();
  t.same(bench.events, ['ended: it has no quorum any more']);
});

await t.test('pings, and who does not answer them in time is lost', async (t) => {
  const bench = new Bench();
  const follower = bench.established();
  const silent = bench.join(3);
  silent.received();
  let pings = 0;
  bench.pass(SYNC_MS + 200, () => {
    const heard = follower.heard().length;
    pings += heard;
    if (heard > 0) follower.send(packet('ping', z(0), new Uint8Array(0)));
  });
  t.equal(pings, (2 * SYNC_MS) / TICK_MS, 'two in a tick');
  t.equal(silent.socket.state, 'destroyed');
  t.equal(follower.socket.state, 'open');
  t.ok(bench.log.some((line) => line.includes('lost server 3 at 10.0.0.9: nothing was heard')));
});

await t.test('who takes proposals and pings and acknowledges nothing is sent away', async (t) => {
  const bench = new Bench();
  const follower = bench.established();
  const stuck = bench.join(3);
  bench.pass(2 * SYNC_MS, () => {
    for (const each of [follower, stuck]) {
      if (each.socket.state === 'open') each.send(packet('ping', z(0), new Uint8Array(0)));
    }
    const zxid = bench.propose();
    bench.flush();
    follower.send(packet('ack', zxid));
  });
  t.equal(stuck.socket.state, 'destroyed');
  t.equal(follower.socket.state, 'open');
});

await t.test(
  'what a learner was synchronised with as committed it is not waited for to acknowledge',
  async (t) => {
    const bench = new Bench();
    const follower = bench.established();
    follower.send(packet('ack', bench.propose()));
    bench.flush();
    const late = bench.join(3);
    bench.pass(3 * SYNC_MS, () => {
      for (const each of [follower, late]) each.send(packet('ping', z(0), new Uint8Array(0)));
    });
    t.equal(late.socket.state, 'open');
    bench.propose();
    bench.pass(SYNC_MS + 2 * TICK_MS, () => {
      bench.flush();
      for (const each of [follower, late]) {
        if (each.socket.state === 'open') each.send(packet('ping', z(0), new Uint8Array(0)));
      }
      follower.send(packet('ack', bench.replica.lastLogged));
    });
    t.equal(late.socket.state, 'destroyed', 'what is proposed from then on is another matter');
  },
);

await t.test('a leader that has nothing to propose goes on leading', async (t) => {
  for (const proposals of [0, 1]) {
    const bench = new Bench();
    const follower = bench.established();
    for (let i = 0; i < proposals; i++) follower.send(packet('ack', bench.propose()));
    bench.flush();
    bench.pass(6 * SYNC_MS, () => follower.send(packet('ping', z(0), new Uint8Array(0))));
    t.same(bench.events, proposals === 0 ? [] : ['committed 0x500000001']);
    t.equal(follower.socket.state, 'open');
  }
});

await t.test('a leader whose own disk hangs steps down (B45, ZOOKEEPER-2247, 2380, 2687)', async (t) => {
  const bench = new Bench();
  const follower = bench.established();
  const zxid = bench.propose();
  follower.send(packet('ack', zxid));
  bench.pass(SYNC_MS + 2 * TICK_MS, () => follower.send(packet('ping', z(0), new Uint8Array(0))));
  t.same(bench.events, ['ended: its own disk takes too long']);
});

await t.test(
  'a learner that takes nothing is sent away, and keeps nobody waiting (B44, ZOOKEEPER-2201, 3531, 4858)',
  async (t) => {
    const bench = new Bench();
    const follower = bench.established();
    const slow = bench.join(3);
    slow.received();
    slow.socket.isStalled = true;
    const large = new Uint8Array(1 << 20);
    for (let i = 1; i <= 300 && slow.socket.state === 'open'; i++) {
      bench.replica.append(z(i), entryOf(z(i)));
      bench.leader.propose(z(i), large);
      bench.endTurn();
      bench.flush();
      follower.socket.take();
      follower.send(packet('ack', z(i)));
    }
    t.equal(slow.socket.state, 'destroyed');
    t.ok(slow.socket.queuedBytes < 260 << 20);
    t.ok(bench.events.length > 250, 'commits went on');
  },
);
