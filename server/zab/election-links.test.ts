import t from 'tap';
import { type Log, SILENT_LOG } from '../base/log.ts';
import type { Accept, ByteStream, Dialer, Endpoint, StreamHandler } from '../base/ports.ts';
import { Prng } from '../base/prng.ts';
import { makeZxid } from '../base/zxid.ts';
import {
  type InitialMessage,
  initialMessageLength,
  readInitialMessage,
  writeInitialMessage,
} from '../wire/election/initial-message.ts';
import {
  type Notification,
  NOTIFICATION_BYTES_MAX,
  PeerState,
  readNotification,
  writeNotification,
} from '../wire/election/notification.ts';
import { JuteReader } from '../wire/jute-reader.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { ElectionLinks, type ElectionLinksOptions } from './election-links.ts';
import type { LinkLimits } from './election-peer.ts';
import { hostOf, id, majority, membershipOf } from './testing/test-membership.ts';
import { VirtualTime } from './testing/virtual-time.ts';

const MEMBERSHIP = membershipOf(majority([1, 2, 3, 4]), { observers: [5] });
const LIMITS: LinkLimits = {
  dialTimeoutMs: 5000,
  handshakeTimeoutMs: 5000,
  retryMinMs: 10,
  retryMaxMs: 1000,
  connectBackMs: 250,
  freshMs: 100,
  unidentifiedMax: 3,
  guestsMax: 2,
};

/** The other side of one connection. */
class FakeStream implements ByteStream {
  readonly remoteAddress = '10.0.0.9';
  readonly remotePort = 777;
  readonly queuedBytes = 0;
  state: 'open' | 'ended' | 'destroyed' | 'closed' = 'open';
  /** The network takes nothing: what is written stays. */
  isStalled = false;
  handler!: StreamHandler;
  #output = Buffer.alloc(0);

  write(bytes: Uint8Array): boolean {
    if (this.state !== 'open') throw new Error('written to after the end');
    this.#output = Buffer.concat([this.#output, bytes]);
    return !this.isStalled;
  }

  end(): void {
    if (this.state === 'open') this.state = 'ended';
  }

  destroy(): void {
    this.state = 'destroyed';
  }

  pause(): void {}

  resume(): void {}

  say(bytes: Uint8Array): this {
    this.handler.onBytes(bytes);
    return this;
  }

  /** The other side, or the network, closes it. */
  close(): void {
    this.state = 'closed';
    this.handler.onClosed();
  }

  takeInitial(): InitialMessage {
    const length = initialMessageLength(this.#output);
    const message = readInitialMessage(new JuteReader(this.#output.subarray(0, length)));
    this.#output = this.#output.subarray(initialMessageLength(this.#output));
    return message;
  }

  /** The rounds of the notifications that were written: enough to tell them apart. */
  takeRounds(): number[] {
    const rounds: number[] = [];
    while (this.#output.length > 0) {
      const end = 4 + this.#output.readInt32BE(0);
      rounds.push(readNotification(new JuteReader(this.#output.subarray(4, end))).electionEpoch);
      this.#output = this.#output.subarray(end);
    }
    return rounds;
  }
}

interface Dial {
  readonly to: Endpoint;
  readonly timeoutMs: number;
  readonly onOpen: Accept;
  readonly onFailed: (why: string) => void;
  isCancelled: boolean;
}

/** Server 2 of four and an observer, its connections, and everything they do. */
class Bench {
  readonly time = new VirtualTime();
  readonly links: ElectionLinks;
  dials: Dial[] = [];
  readonly events: string[] = [];
  readonly log: string[] = [];

  constructor(options: Partial<ElectionLinksOptions> = {}) {
    const dialer: Dialer = {
      dial: (to, { timeoutMs, onOpen, onFailed }) => {
        const dial = { to, timeoutMs, onOpen, onFailed, isCancelled: false };
        this.dials.push(dial);
        return () => {
          dial.isCancelled = true;
        };
      },
    };
    const warn = (_component: string, message: string): void => void this.log.push(message);
    const log: Log = { ...SILENT_LOG, warn, error: warn };
    const note = (what: string) => (peer: number) => void this.events.push(`${what} ${peer}`);
    this.links = new ElectionLinks({
      self: id(2),
      membership: MEMBERSHIP,
      dialer,
      timers: this.time,
      log,
      prng: new Prng(1),
      limits: LIMITS,
      events: {
        onNotification: (from, { electionEpoch }) => this.events.push(`heard ${from}: ${electionEpoch}`),
        onPeerConnected: note('connected'),
        onPeerLost: note('lost'),
        onPeerDown: note('down'),
      },
      ...options,
    });
  }

  take(): string {
    return this.events.splice(0).join(', ');
  }

  send(to: number, round: number, state: PeerState = PeerState.looking): this {
    this.links.send(id(to), notification(round, state));
    return this;
  }

  pass(ms: number): this {
    this.time.runUntil(this.time.nowMs + ms);
    return this;
  }

  /** The one dial that is under way. */
  dial(): Dial {
    const underway = this.dials.splice(0).filter(({ isCancelled }) => !isCancelled);
    const [dial] = underway;
    if (dial === undefined || underway.length > 1) throw new Error(`${underway.length} dials`);
    return dial;
  }

  open(): FakeStream {
    const stream = new FakeStream();
    stream.handler = this.dial().onOpen(stream);
    return stream;
  }

  accept(): FakeStream {
    const stream = new FakeStream();
    stream.handler = this.links.accept(stream);
    return stream;
  }

  /** A connection that is up: accepted from a larger id, opened to a smaller one. */
  connected(peer: number): FakeStream {
    let stream: FakeStream;
    if (peer > 2) stream = this.accept().say(initial(peer));
    else {
      this.send(peer, 0);
      stream = this.open();
      stream.takeInitial();
      stream.takeRounds();
    }
    stream.say(frame(1));
    this.events.length = 0;
    return stream;
  }
}

function notification(
  round: number,
  state: PeerState = PeerState.looking,
  config = 'version=0',
): Notification {
  return {
    state,
    leader: id(3),
    zxid: makeZxid(1, 1),
    electionEpoch: round,
    peerEpoch: 1,
    version: 2,
    config,
  };
}

function frame(round: number): Uint8Array {
  const writer = new JuteWriter();
  const at = writer.reserveInt();
  writeNotification(writer, notification(round));
  writer.endFrame(at);
  return writer.take();
}

function initial(sid: number | null, host = hostOf(sid ?? 0), port = 3888): Uint8Array {
  const writer = new JuteWriter();
  const addresses = [{ host, port }];
  writeInitialMessage(writer, { version: 'one-address', sid: sid === null ? null : id(sid), addresses });
  return writer.take();
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

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
    t.strictSame(bench.log, ['closed a connection from 10.0.0.9:777: it claims our own id 2']);
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
      t.match(bench.log[0], /^closed a connection from 10\.0\.0\.9:777: ./);
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
      t.match(bench.log, [/^closed the connection of server 3 at 10\.0\.0\.9:777: ./]);
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
