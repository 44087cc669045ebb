import t from 'tap';
import { NOTIFICATION_BYTES_MAX, PeerState, writeNotification } from '../wire/election/notification.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { Bench, notification, frame, initial, bytes } from './testing/election-links-bench.ts';

await t.test('what is sent', async (t) => {
  await t.test('while it waits for a connection, the newest replaces what waits', async (t) => {
    const bench = new Bench().send(1, 7).send(1, 8).send(1, 9);
    t.equal(bench.dials.length, 1);
    const stream = bench.open();
    stream.takeInitial();
    t.strictSame(stream.takeRounds(), [9]);
  });

  await t.test('while the network is full, the newest replaces what waits', async (t) => {
    const bench = new Bench();
    const stream = bench.connected(3);
    stream.isStalled = true;
    bench.send(3, 7).send(3, 8).send(3, 9);
    t.strictSame(stream.takeRounds(), [7]);
    stream.isStalled = false;
    stream.handler.onDrain();
    t.strictSame(stream.takeRounds(), [9]);
    bench.send(3, 10);
    t.strictSame(stream.takeRounds(), [10]);
  });

  await t.test('and may not have arrived is sent again on the next connection', async (t) => {
    const bench = new Bench();
    const stream = bench.connected(3);
    bench.send(3, 7);
    stream.close();
    t.equal(bench.take(), 'lost 3');
    t.strictSame(bench.accept().say(initial(3)).takeRounds(), [7]);
    const answered = bench.connected(4);
    bench.send(4, 7);
    answered.say(frame(8));
    answered.close();
    bench.take();
    const next = bench.accept().say(initial(4));
    t.strictSame(next.takeRounds(), [], 'what it has answered has arrived');
    t.equal(bench.take(), 'connected 4');
  });

  await t.test('and is no question any more when the election is over is not sent', async (t) => {
    const bench = new Bench().send(1, 7).send(3, 7);
    bench.links.withdraw();
    for (const dial of bench.dials) dial.onFailed('refused');
    bench.take();
    t.equal(bench.pass(60_000).dials.length, 2);
    t.strictSame(bench.accept().say(initial(3)).takeRounds(), []);
    const stream = bench.connected(4);
    bench.send(4, 7);
    stream.takeRounds();
    bench.links.withdraw();
    stream.close();
    t.strictSame(bench.accept().say(initial(4)).takeRounds(), []);
  });

  await t.test('only the members are dialled', async (t) => {
    t.equal(new Bench().send(9, 7).send(-1, 7).dials.length, 0);
    t.equal(new Bench().send(5, 7).dials.length, 1, 'observers are members');
  });
});

await t.test('who speaks something else', async (t) => {
  const garbage: readonly [string, Uint8Array][] = [
    ['a version of no election', bytes('fffffffffffffff0')],
    ['a client', bytes('0000002d 00000000 0000000000000000 00002710')],
    ['an address of no length', bytes('ffffffffffff0000 0000000000000003 00000000')],
    ['an endless address', bytes('ffffffffffff0000 0000000000000003 7fffffff')],
    ['an address that is none', initial(3, 'a]')],
    ['a port that is none', initial(3, 'a', 0)],
  ];
  for (const [what, said] of garbage) {
    await t.test(`${what} at first: closed, with a line`, async (t) => {
      const bench = new Bench();
      const other = bench.connected(4);
      const stream = bench.accept().say(said);
      t.equal(stream.state, 'destroyed');
      t.equal(bench.log.length, 1);
      t.match(bench.log[0], /^closed a connection from 10\.0\.0\.9:1234: ./);
      t.equal(other.state, 'open');
      other.say(frame(5));
      t.equal(bench.take(), 'heard 4: 5', 'the others are heard as before');
    });
  }

  const later: readonly [string, Uint8Array][] = [
    ['an empty body', bytes('00000000')],
    ['a negative length', bytes('ffffffff')],
    ['a length beyond the limit', bytes((NOTIFICATION_BYTES_MAX + 1).toString(16).padStart(8, '0'))],
    ['a body that is too short', bytes('0000001b' + '00'.repeat(27))],
    ['an unknown state', bytes('0000001c 00000009' + '00'.repeat(24))],
  ];
  for (const [what, said] of later) {
    await t.test(`${what} later on: closed, with a line; it may come back`, async (t) => {
      const bench = new Bench();
      const stream = bench.connected(3).say(said);
      t.equal(stream.state, 'destroyed');
      t.match(bench.log, [/^closed the connection of server 3 at 10\.0\.0\.9:1234: ./]);
      stream.handler.onClosed();
      t.equal(bench.take(), '', 'this says nothing about the peer');
      bench.accept().say(initial(3)).say(frame(6));
      t.equal(bench.take(), 'connected 3, heard 3: 6');
    });
  }
});

await t.test('messages in pieces', async (t) => {
  await t.test('the longest body that is allowed is read, in whatever pieces it comes', async (t) => {
    const writer = new JuteWriter();
    const at = writer.reserveInt();
    writeNotification(writer, notification(7, PeerState.looking, 'x'.repeat(NOTIFICATION_BYTES_MAX - 44)));
    writer.endFrame(at);
    const whole = Buffer.concat([initial(3), writer.take(), frame(8)]);
    for (const size of [1, 7, 4096, whole.length]) {
      const bench = new Bench();
      const stream = bench.accept();
      const from = size === 1 ? whole.length - frame(8).length : 0;
      if (from > 0) stream.say(whole.subarray(0, from));
      for (let at = from; at < whole.length; at += size) {
        // The memory is the stream's: what is still needed must have been copied.
        const chunk = Buffer.from(whole.subarray(at, at + size));
        stream.say(chunk);
        chunk.fill(0xee);
      }
      t.equal(bench.take(), 'connected 3, heard 3: 7, heard 3: 8', `pieces of ${size}`);
    }
  });

  await t.test(
    'who dies in the middle of a message costs one connection (B39, ZOOKEEPER-3769, 4787)',
    async (t) => {
      const whole = Buffer.concat([initial(3), frame(5)]);
      for (let said = 0; said < whole.length; said++) {
        const bench = new Bench();
        const other = bench.connected(4);
        bench.accept().say(whole.subarray(0, said)).close();
        bench.take();
        other.say(frame(6));
        bench.accept().say(initial(3)).say(frame(7));
        t.equal(bench.take(), 'heard 4: 6, connected 3, heard 3: 7', `after ${said} bytes`);
      }
    },
  );

  await t.test('an initial message may come byte by byte, with a notification behind it', async (t) => {
    const bench = new Bench();
    const stream = bench.accept();
    for (const byte of Buffer.concat([initial(3), frame(5)])) stream.say(Uint8Array.of(byte));
    t.equal(bench.take(), 'connected 3, heard 3: 5');
  });
});

await t.test('after close nothing happens any more', async (t) => {
  const bench = new Bench().send(1, 7);
  const [known, unknown] = [bench.connected(3), bench.accept()];
  bench.links.close();
  t.equal(known.state, 'destroyed');
  t.equal(unknown.state, 'destroyed');
  t.ok(bench.dials.every(({ isCancelled }) => isCancelled));
  bench.dials.length = 0;
  t.equal(bench.accept().state, 'destroyed');
  t.equal(bench.send(1, 8).send(3, 8).pass(60_000).dials.length, 0);
  t.equal(bench.take(), '');
});
