import * as fc from 'fast-check';
import t from 'tap';
import type { Accept, ByteStream, Dialer, StreamHandler } from '../base/ports.ts';
import type { ServerId } from '../base/server-id.ts';
import { Secret } from '../secret.ts';
import { writeInitialMessage } from '../wire/election/initial-message.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { authPacket, AuthStatus } from '../wire/quorum/auth-packet.ts';
import { acceptBySasl } from './peer-sasl-accept.ts';
import type { Greeting } from './peer-sasl-config.ts';
import { PeerSaslDialer } from './peer-sasl-dialer.ts';

/** One end of a connection whose bytes come in pieces of a size that is drawn, when `Wire.run` brings them. */
class End implements ByteStream {
  readonly remoteAddress = 'peer';
  readonly remotePort = 1;
  readonly queuedBytes = 0;
  handler: StreamHandler | null = null;
  other: End | null = null;
  incoming: Buffer = Buffer.alloc(0);
  isClosed = false;
  isEnded = false;
  isDestroyed = false;

  write(bytes: Uint8Array): boolean {
    if (!this.isEnded && this.other !== null)
      this.other.incoming = Buffer.concat([this.other.incoming, bytes]);
    return true;
  }

  end(): void {
    this.isEnded = true;
  }

  destroy(): void {
    this.isEnded = true;
    this.incoming = Buffer.alloc(0);
    this.isDestroyed = true;
  }

  pause(): void {}

  resume(): void {}
}

/** What a side of the connection wants to say, and what it hears. */
class Side implements StreamHandler {
  heard = '';
  isClosed = false;
  stream: ByteStream | null = null;

  onBytes(chunk: Uint8Array): void {
    this.heard += Buffer.from(chunk).toString('latin1');
  }

  onDrain(): void {}

  onClosed(): void {
    this.isClosed = true;
  }
}

interface Case {
  readonly greeting?: Greeting;
  readonly password?: string;
  readonly isRequired?: boolean;
  /** What the one who connects says at once; the first of it is its greeting, where there is one. */
  readonly says: readonly Uint8Array[];
  readonly hangsUp?: boolean;
  /** Whether it authenticates. */
  readonly isDialed?: boolean;
  /** Bytes at a time. */
  readonly pieces?: readonly number[];
}

function play(options: Case) {
  const { greeting = 'none', password = 'hunter2', isRequired = true, says, isDialed = true } = options;
  const log: string[] = [];
  const write = (_component: string, line: string): void => void log.push(line);
  const sink = { debug: () => undefined, info: write, warn: write, error: write };
  const [near, far] = [new End(), new End()];
  [near.other, far.other] = [far, near];
  const [dialing, accepting] = [new Side(), new Side()];
  const accept = acceptBySasl(
    (stream) => {
      accepting.stream = stream;
      return accepting;
    },
    { config: { users: new Map([['zk', new Secret('hunter2')]]), isRequired }, greeting, log: sink },
  );
  const plain: Dialer = {
    dial: (_to, { onOpen }) => {
      near.handler = onOpen(near);
      return () => undefined;
    },
  };
  const dialer = isDialed
    ? new PeerSaslDialer(plain, {
        self: { user: 'zk', password: new Secret(password) },
        greeting,
        timers: { after: () => () => undefined },
        timeoutMs: 1000,
        log: sink,
      })
    : plain;
  far.handler = accept(far);
  const onOpen: Accept = (stream) => {
    dialing.stream = stream;
    for (const bytes of says) stream.write(bytes);
    if (options.hangsUp === true) stream.end();
    return dialing;
  };
  dialer.dial({ host: 'zoo2', port: 3888 }, { timeoutMs: 1000, onOpen, onFailed: () => undefined });

  const pieces = options.pieces ?? [1 << 16];
  let turn = 0;
  for (let isIdle = false; !isIdle;) {
    isIdle = true;
    for (const end of [near, far]) {
      const size = pieces[turn++ % pieces.length] as number;
      if (end.isClosed || end.handler === null) continue;
      if (end.incoming.length > 0) {
        const piece = end.incoming.subarray(0, size);
        end.incoming = end.incoming.subarray(size);
        end.handler.onBytes(piece);
        isIdle = false;
      } else if (end.isDestroyed || end.other?.isEnded === true) {
        end.isClosed = true;
        end.isEnded = true;
        end.handler.onClosed();
        isIdle = false;
      }
    }
  }
  return { log: log.join('\n'), accepting, dialing, isOver: near.isEnded || far.isEnded };
}

function initialMessage(): Uint8Array {
  const writer = new JuteWriter();
  const addresses = [{ host: 'zoo1', port: 3888 }];
  writeInitialMessage(writer, { version: 'one-address', sid: 1 as ServerId, addresses });
  return writer.bytes();
}

const GREETING = initialMessage();
const GREETING_TEXT = Buffer.from(GREETING).toString('latin1');

await t.test('what is said comes through once the exchange is over, however it is cut', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      fc.boolean(),
      (pieces, isFirst) => {
        const greeting = isFirst ? 'initial-message' : 'none';
        const says = [...(isFirst ? [GREETING] : []), Buffer.from('one'), Buffer.from('two')];
        const { accepting, log, isOver } = play({ greeting, says, pieces });
        return accepting.heard === `${isFirst ? GREETING_TEXT : ''}onetwo` && log === '' && !isOver;
      },
    ),
  );
  const { accepting, isOver } = play({ greeting: 'initial-message', says: [GREETING], hangsUp: true });
  t.equal(accepting.heard, GREETING_TEXT, 'one that only says who it is');
  t.ok(accepting.isClosed && isOver);
});

await t.test('another password lets nothing through, and neither does none', async (t) => {
  for (const isRequired of [true, false]) {
    const wrong = play({ password: 'hunter3', isRequired, says: [Buffer.from('one')] });
    t.equal(wrong.accepting.heard, '');
    t.ok(wrong.isOver && wrong.accepting.isClosed && wrong.dialing.isClosed);
    t.match(wrong.log, 'peer: it has authenticated as nobody whose password is known; closed');
    t.match(
      wrong.log,
      'no authentication at zoo2:3888: it does not take the name or the password of this server',
    );
    t.notMatch(wrong.log, /hunter/);
  }
  const none = play({
    isDialed: false,
    greeting: 'initial-message',
    says: [GREETING, Buffer.from('whatever')],
  });
  t.equal(none.accepting.heard, '');
  t.match(none.log, 'peer: it does not authenticate, and has to; closed');
  const garbage = play({ isDialed: false, greeting: 'initial-message', says: [Buffer.alloc(64, 0xff)] });
  t.equal(garbage.accepting.heard, '');
  t.match(garbage.log, /peer: unknown version .*; closed/);
  const replayed = [AuthStatus.inProgress, AuthStatus.inProgress, AuthStatus.success].map((status) =>
    authPacket({ status, token: Buffer.from('rspauth=0') }),
  );
  t.equal(play({ isDialed: false, says: [...replayed, Buffer.from('one')] }).accepting.heard, '');
});

await t.test('where nobody has to, whoever begins with something else is heard', async (t) => {
  const open = { isRequired: false, isDialed: false } as const;
  t.equal(play({ ...open, says: [Buffer.from('something else')] }).accepting.heard, 'something else');
  const election = { ...open, greeting: 'initial-message' } as const;
  t.equal(
    play({ ...election, says: [GREETING, Buffer.from('a vote, say')] }).accepting.heard,
    `${GREETING_TEXT}a vote, say`,
  );
  const short = play({ ...election, says: [GREETING], hangsUp: true });
  t.equal(short.accepting.heard, GREETING_TEXT);
  t.ok(short.accepting.isClosed);
});

await t.test('a server that cannot prove that it knows the password is not spoken to', async (t) => {
  const challenge = authPacket({
    status: AuthStatus.inProgress,
    token: Buffer.from('realm="zk-quorum-sasl-md5",nonce="x",charset=utf-8,algorithm=md5-sess'),
  });
  const proof = authPacket({ status: AuthStatus.success, token: Buffer.from('rspauth=00') });
  const elsewhere = authPacket({
    status: AuthStatus.inProgress,
    token: Buffer.from('realm="elsewhere",nonce="x"'),
  });
  for (const answers of [
    [proof],
    [challenge, proof],
    [challenge, challenge],
    [elsewhere],
    [Buffer.alloc(16)],
  ]) {
    const end = new End();
    end.other = new End();
    const side = new Side();
    const log: string[] = [];
    const write = (_component: string, line: string): void => void log.push(line);
    const dialer = new PeerSaslDialer(
      {
        dial: (_to, { onOpen }) => {
          end.handler = onOpen(end);
          return () => undefined;
        },
      },
      {
        self: { user: 'zk', password: new Secret('hunter2') },
        greeting: 'none',
        timers: { after: () => () => undefined },
        timeoutMs: 1000,
        log: { debug: write, info: write, warn: write, error: write },
      },
    );
    dialer.dial(
      { host: 'zoo2', port: 2888 },
      {
        timeoutMs: 1000,
        onOpen: (stream) => {
          stream.write(Buffer.from('secret things'));
          return side;
        },
        onFailed: () => undefined,
      },
    );
    for (const answer of answers) end.handler?.onBytes(answer);
    end.handler?.onBytes(Buffer.from('and so on'));
    t.ok(end.isDestroyed);
    t.equal(side.heard, '');
    t.notMatch(end.other.incoming.toString('latin1'), 'secret things');
    t.match(log, [/no authentication at zoo2:2888: /]);
  }
});
