import t from 'tap';
import { PeerState } from '../wire/election/notification.ts';
import { MEMBERSHIP, LIMITS, Bench, frame, initial, bytes } from './testing/election-links-bench.ts';
import { id, majority, membershipOf } from './testing/test-membership.ts';

await t.test('who keeps a connection', async (t) => {
  await t.test(
    'to a smaller id: ours, opened to speak; it says who we are, then what there is to say',
    async (t) => {
      const bench = new Bench().send(1, 7);
      t.match(bench.dials, [{ to: { host: 'server1', port: 3888 }, timeoutMs: 5000 }]);
      const stream = bench.open();
      t.strictSame(stream.takeInitial(), {
        version: 'one-address',
        sid: 2,
        addresses: [{ host: 'server2', port: 3888 }],
      });
      t.strictSame(stream.takeRounds(), [7]);
      t.equal(stream.state, 'open');
      bench.send(1, 8);
      t.strictSame(stream.takeRounds(), [8]);
      stream.say(frame(9));
      t.equal(bench.take(), 'heard 1: 9');
    },
  );

  await t.test('to a larger id: closed when it has said who we are; it connects back', async (t) => {
    const bench = new Bench().send(3, 7);
    const stream = bench.open();
    t.equal(stream.takeInitial().sid, 2);
    t.strictSame(stream.takeRounds(), []);
    t.equal(stream.state, 'ended');
    const back = bench.accept().say(initial(3));
    t.strictSame(back.takeRounds(), [7]);
    t.equal(bench.pass(10_000).dials.length, 0, 'and that is that');
  });

  await t.test('from a larger id: kept; nothing is answered to its first message', async (t) => {
    const bench = new Bench();
    const stream = bench.accept().say(initial(4));
    t.equal(bench.take(), 'connected 4');
    t.strictSame(stream.takeRounds(), []);
    t.equal(stream.state, 'open');
    stream.say(frame(3));
    t.equal(bench.take(), 'heard 4: 3');
  });

  await t.test('from a smaller id: closed, and connected to in return', async (t) => {
    const bench = new Bench();
    const stream = bench.accept().say(initial(1));
    t.equal(stream.state, 'ended');
    const back = bench.open();
    t.equal(back.takeInitial().sid, 2);
    t.equal(back.state, 'open');
    t.equal(bench.take(), 'connected 1');
  });

  await t.test(
    'from a smaller id that has a connection: the new one replaces it when it is there',
    async (t) => {
      const bench = new Bench();
      const old = bench.connected(1);
      bench.pass(LIMITS.freshMs);
      bench.accept().say(initial(1));
      t.equal(old.state, 'open', 'anybody can claim to be server 1');
      bench.open();
      t.equal(old.state, 'ended');
      t.equal(bench.take(), 'connected 1', 'and nothing was lost');
    },
  );
});

await t.test('who keeps a connection of two', async (t) => {
  await t.test('from a smaller id that was just given one: it has it already', async (t) => {
    const bench = new Bench();
    const stream = bench.connected(1);
    bench.accept().say(initial(1));
    t.equal(bench.dials.length, 0);
    t.equal(stream.state, 'open');
    const other = new Bench().send(1, 7);
    other.accept().say(initial(1));
    t.equal(other.dials.length, 1, 'nor a second one while one is on its way');
  });
  await t.test('a second one from a larger id replaces the first, whose bytes count no more', async (t) => {
    const bench = new Bench();
    const first = bench.connected(3);
    const second = bench.accept().say(initial(3));
    t.equal(first.state, 'ended');
    t.equal(bench.take(), 'connected 3');
    first.say(frame(5));
    second.say(frame(6));
    first.close();
    t.equal(bench.take(), 'heard 3: 6');
  });

  await t.test('our own attempt is given up when the other side was first', async (t) => {
    const bench = new Bench().send(3, 7);
    const stream = bench.accept().say(initial(3));
    t.ok(bench.dials[0]?.isCancelled);
    t.strictSame(stream.takeRounds(), [7]);
  });

  await t.test('with our own id: closed', async (t) => {
    const bench = new Bench();
    const stream = bench.accept().say(initial(2));
    t.equal(stream.state, 'destroyed');
    stream.say(initial(3)).say(frame(5));
    t.equal(bench.take(), '', 'whatever it goes on to say');
    t.strictSame(bench.log, ['closed a connection from 10.0.0.9:1234: it claims our own id 2']);
    t.equal(bench.send(2, 7).dials.length, 0, 'and to ourselves nothing is sent');
  });

  await t.test('an older peer says nothing but its id', async (t) => {
    const bench = new Bench();
    bench.accept().say(bytes('0000000000000003')).say(frame(4));
    t.equal(bench.take(), 'connected 3, heard 3: 4');
  });
});

await t.test('where a peer is', async (t) => {
  await t.test(
    'the configuration says; its own word only when that leads nowhere (B40, ZOOKEEPER-2164)',
    async (t) => {
      const bench = new Bench();
      bench.accept().say(initial(1, 'elsewhere', 99));
      const dial = bench.dial();
      t.strictSame(dial.to, { host: 'server1', port: 3888 });
      dial.onFailed('refused');
      t.equal(bench.take(), '');
      const second = bench.dial();
      t.strictSame(second.to, { host: 'elsewhere', port: 99 });
      second.onFailed('refused');
      t.equal(bench.take(), 'down 1');
    },
  );

  await t.test('a wildcard is not its word', async (t) => {
    for (const host of ['0.0.0.0', '::']) {
      const bench = new Bench();
      bench.accept().say(initial(1, host));
      bench.dial().onFailed('refused');
      t.equal(bench.dials.length, 0);
      t.equal(bench.take(), 'down 1');
    }
  });

  await t.test('a new configuration moves it, and takes away who is in it no more', async (t) => {
    const bench = new Bench().send(1, 7);
    const third = bench.connected(3);
    const moved = new Map(membershipOf(majority([1, 2])).members);
    const member = moved.get(id(1));
    if (member === undefined) throw new Error('no server 1');
    moved.set(id(1), { ...member, election: { host: 'moved', port: 1 } });
    bench.links.setMembership({ ...membershipOf(majority([1, 2])), members: moved }, null);
    t.equal(third.state, 'destroyed');
    bench.dial().onFailed('refused');
    t.equal(bench.pass(10).dial().to.host, 'moved');
    t.equal(bench.send(3, 7).dials.length, 0);
    bench.links.setMembership(membershipOf(majority([1, 2])), MEMBERSHIP);
    t.equal(bench.send(4, 7).dials.length, 1, 'who is in the next one is spoken to');
  });
});

await t.test('attempts', async (t) => {
  await t.test(
    'begin at once and come further apart, up to a second, as long as there is a question',
    async (t) => {
      const bench = new Bench().send(1, 7);
      const times: number[] = [];
      while (bench.time.nowMs < 10_000) {
        if (bench.dials.length > 0) {
          times.push(Math.round(bench.time.nowMs));
          bench.dial().onFailed('refused');
        }
        bench.pass(1);
      }
      const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
      t.ok((gaps[0] ?? 99) <= 11 && (gaps[1] ?? 99) <= 21, gaps.join());
      t.ok(gaps.every((gap) => gap >= 5 && gap <= 1001));
      t.ok(times.length > 14 && times.length < 35, `${times.length} attempts in 10 s`);
      t.equal(bench.take(), times.map(() => 'down 1').join(', '));
    },
  );

  await t.test('begin at once again for a new election', async (t) => {
    const bench = new Bench().send(1, 7);
    for (let i = 0; i < 8; i++) {
      bench.dial().onFailed('refused');
      bench.pass(1000);
    }
    bench.links.withdraw();
    bench.dial().onFailed('refused');
    bench.dials.length = 0;
    t.equal(bench.send(1, 8).dials.length, 1);
  });

  await t.test('are not repeated for an answer, which is asked for again', async (t) => {
    const bench = new Bench().send(1, 7, PeerState.following);
    bench.dial().onFailed('refused');
    t.equal(bench.pass(60_000).dials.length, 0);
    t.equal(bench.send(1, 8, PeerState.following).dials.length, 1);
  });

  await t.test('to a larger id are repeated when it has not connected back for a while', async (t) => {
    const bench = new Bench().send(3, 7);
    bench.open();
    t.equal(bench.pass(249).dials.length, 0);
    t.equal(bench.pass(1).dials.length, 1);
  });

  await t.test('come further apart where connections are accepted and closed again', async (t) => {
    const bench = new Bench().send(1, 7);
    let count = 0;
    while (bench.time.nowMs < 10_000) {
      if (bench.dials.length > 0) {
        bench.open().close();
        count++;
      }
      bench.pass(1);
    }
    t.ok(count > 14 && count < 35, `${count} attempts in 10 s`);
  });
});

await t.test('a connection that breaks', async (t) => {
  await t.test('is said at once, and whether the peer is down as soon as that is known', async (t) => {
    for (const peer of [1, 3]) {
      const bench = new Bench();
      bench.connected(peer).close();
      t.equal(bench.take(), `lost ${peer}`);
      bench.dial().onFailed('refused');
      t.equal(bench.take(), `down ${peer}`);
      t.equal(bench.pass(60_000).dials.length, 0, 'there is nothing to say to it');
    }
  });

  await t.test('is replaced at once', async (t) => {
    const bench = new Bench();
    bench.connected(1).close();
    const next = bench.open();
    t.equal(bench.take(), 'lost 1, connected 1');
    next.close();
    t.equal(bench.pass(60_000).dials.length, 0, 'once, until something comes');
  });

  await t.test('before anything came through it is not replaced for its own sake', async (t) => {
    const bench = new Bench();
    bench.accept().say(initial(3)).close();
    t.equal(bench.take(), 'connected 3, lost 3');
    t.equal(bench.pass(60_000).dials.length, 0);
    bench.connected(3).close();
    bench.dial().onFailed('refused');
    bench.accept().say(initial(3)).close();
    t.equal(bench.pass(60_000).dials.length, 0, 'not even if one before it was');
  });
});

await t.test('a question that nothing answers goes out through another connection', async (t) => {
  for (const isStalled of [false, true]) {
    const bench = new Bench();
    const dark = bench.connected(1);
    dark.isStalled = isStalled;
    bench.send(1, 7).pass(4999);
    t.equal(dark.state, 'open');
    bench.pass(2);
    t.equal(dark.state, 'destroyed');
    const next = bench.open();
    next.takeInitial();
    t.same(next.takeRounds(), [7], 'asked once more');
  }
  const bench = new Bench();
  const sound = bench.connected(1);
  bench.send(1, 7).pass(4000);
  sound.say(frame(7));
  bench.pass(60_000);
  t.equal(sound.state, 'open', 'who has answered is asked no more');
});
