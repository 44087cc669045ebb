import t from 'tap';
import { LIMITS, Bench, frame, initial } from './testing/election-links-bench.ts';

await t.test('who does not say who it is', async (t) => {
  await t.test('is closed after a while', async (t) => {
    const bench = new Bench();
    const silent = bench.accept();
    const slow = bench.accept().say(initial(3).subarray(0, 19));
    const known = bench.accept().say(initial(4));
    bench.pass(LIMITS.handshakeTimeoutMs);
    t.strictSame([silent.state, slow.state, known.state], ['destroyed', 'destroyed', 'open']);
    bench.take();
    silent.say(initial(3));
    t.equal(bench.take(), '', 'and has nothing to say any more');
    t.equal(bench.log.length, 2);
  });

  await t.test('is closed when there are too many of them, the oldest first', async (t) => {
    const bench = new Bench();
    const streams = Array.from({ length: 5 }, () => bench.accept());
    t.strictSame(
      streams.map(({ state }) => state),
      ['destroyed', 'destroyed', 'open', 'open', 'open'],
    );
    streams[2]?.close();
    bench.accept();
    t.equal(streams[3]?.state, 'open', 'who has gone does not count');
    t.equal(bench.accept().say(initial(3)).state, 'open', 'and who says it at once gets in');
  });
});

await t.test('servers of no configuration', async (t) => {
  await t.test('are closed', async (t) => {
    const bench = new Bench();
    t.equal(bench.accept().say(initial(9)).state, 'destroyed');
    t.equal(bench.accept().say(initial(0)).state, 'destroyed');
    t.match(bench.log[0], 'there is no server 9 in the configuration');
    t.equal(bench.take(), '');
  });

  await t.test('are answered where they may join: a larger id on its connection', async (t) => {
    const bench = new Bench({ acceptsUnknown: true });
    const stream = bench.accept().say(initial(9)).say(frame(5));
    t.equal(bench.take(), 'heard 9: 5', 'it is not spoken to before it asks');
    bench.send(9, 6);
    t.strictSame(stream.takeRounds(), [6]);
    stream.close();
    t.equal(bench.send(9, 7).pass(60_000).dials.length, 0, 'and is forgotten with it');
    t.equal(bench.take(), '');
  });

  await t.test('are answered where they may join: a smaller id at the address it gives', async (t) => {
    const bench = new Bench({ acceptsUnknown: true });
    bench.accept().say(initial(0, 'elsewhere', 99));
    t.strictSame(bench.dials[0]?.to, { host: 'elsewhere', port: 99 });
    bench.open().say(frame(5));
    t.equal(bench.take(), 'heard 0: 5');
    t.equal(bench.accept().say(initial(0, '0.0.0.0')).state, 'destroyed', 'if it gives one');
  });

  await t.test('anonymous observers are answered, each by a number of its own', async (t) => {
    const bench = new Bench();
    const first = bench.accept().say(initial(null)).say(frame(5));
    bench.accept().say(initial(null)).say(frame(6));
    t.equal(bench.take(), 'heard -1: 5, heard -2: 6');
    bench.send(-1, 7);
    t.strictSame(first.takeRounds(), [7]);
  });

  await t.test('are never many, and the newest are kept', async (t) => {
    const bench = new Bench({ acceptsUnknown: true });
    const member = bench.connected(3);
    const guests = [10, 11, 12, 13].map((guest) => bench.accept().say(initial(guest)));
    t.strictSame(
      guests.map(({ state }) => state),
      ['destroyed', 'destroyed', 'open', 'open'],
    );
    t.equal(member.state, 'open');
  });
});
