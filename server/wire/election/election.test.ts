import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import t from 'tap';
import type { ServerId } from '../../base/server-id.ts';
import type { Zxid } from '../../base/zxid.ts';
import { JuteReader } from '../jute-reader.ts';
import { JuteWriter } from '../jute-writer.ts';
import { WireError } from '../wire-error.ts';
import { NO_VOTE } from './i64.ts';
import {
  type InitialMessage,
  initialMessageLength,
  isWildcard,
  readInitialMessage,
  writeInitialMessage,
} from './initial-message.ts';
import { type Notification, PeerState, readNotification, writeNotification } from './notification.ts';

const recorded = readFileSync('server/wire/testdata/apache-3.8.0.election', 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [kind, what, hex] = line.split(' ') as [string, string, string];
    return { kind, what, hex };
  });

function hexOf(write: (writer: JuteWriter) => void): string {
  const writer = new JuteWriter(1);
  write(writer);
  return Buffer.from(writer.bytes()).toString('hex');
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

function readInitialHex(hex: string): InitialMessage {
  return readInitialMessage(new JuteReader(bytesOf(hex)));
}

function readNotificationHex(hex: string): Notification {
  return readNotification(new JuteReader(bytesOf(hex)));
}

function recordedHex(what: string): string {
  const line = recorded.find((line) => line.what === what);
  if (line === undefined) throw new Error(`nothing recorded for ${what}`);
  return line.hex;
}

const LONG = '0000000000000001';
const LEADER_ZXID_ROUND = '0000000000000003 0000000500000007 0000000000000009';

function initial(text: string, version = '0000'): string {
  const bytes = Buffer.from(text);
  return `ffffffffffff${version} ${LONG} ${bytes.length.toString(16).padStart(8, '0')} ${bytes.toString('hex')}`;
}

await t.test('what Apache says is read to its end and written as it was', (t) => {
  for (const { kind, what, hex } of recorded) {
    const reader = new JuteReader(bytesOf(hex));
    const written =
      kind === 'initial'
        ? hexOf((writer) => writeInitialMessage(writer, readInitialMessage(reader)))
        : hexOf((writer) => writeNotification(writer, readNotification(reader)));
    t.equal(reader.remaining, 0, what);
    t.equal(written, hex, what);
  }
  t.equal(recorded.length, 9);
  t.end();
});

await t.test('what Apache says means what it should', (t) => {
  const initial = { version: 'one-address', sid: 2, addresses: [{ host: '127.0.0.1', port: 31882 }] };
  t.strictSame(readInitialHex(recordedHex('to-a-smaller-id')), initial);
  t.strictSame(readInitialHex(recordedHex('to-a-larger-id')), initial);
  t.strictSame(readInitialHex(recordedHex('ipv6')).addresses, [{ host: '0:0:0:0:0:0:0:1', port: 31882 }]);
  t.match(readInitialHex(recordedHex('two-addresses')), {
    version: 'many-addresses',
    addresses: [
      { host: '127.0.0.1', port: 31882 },
      { host: '127.0.0.2', port: 31882 },
    ],
  });
  const elected = { leader: 3, zxid: 0x500000007, electionEpoch: 9, peerEpoch: 5, version: 2 };
  t.match(readNotificationHex(recordedHex('looking')), {
    state: PeerState.looking,
    leader: 2,
    electionEpoch: 1,
  });
  t.match(readNotificationHex(recordedHex('looking-for-another')), { ...elected, state: PeerState.looking });
  t.match(readNotificationHex(recordedHex('following')), { ...elected, state: PeerState.following });
  t.match(readNotificationHex(recordedHex('leading')), { state: PeerState.leading, leader: 2 });
  t.match(readNotificationHex(recordedHex('observer-looking')), {
    state: PeerState.looking,
    leader: NO_VOTE,
    zxid: NO_VOTE,
    peerEpoch: NO_VOTE,
    config: /^server\.1=.*:participant\nserver\.2=.*:observer\n.*\nversion=0$/s,
  });
  t.end();
});

await t.test('no beginning of an initial message is one, and its length is known as early as can be', (t) => {
  for (const { hex } of recorded.filter(({ kind }) => kind === 'initial')) {
    const bytes = bytesOf(hex);
    for (let length = 0; length < bytes.length; length++) {
      const beginning = bytes.slice(0, length);
      t.throws(() => readInitialMessage(new JuteReader(beginning)), WireError);
      t.equal(initialMessageLength(beginning), length < 8 ? 8 : length < 20 ? 20 : bytes.length);
    }
    t.equal(initialMessageLength(bytes), bytes.length);
  }
  t.end();
});

await t.test('no beginning of a notification is one, except where an older format ends', (t) => {
  for (const { hex } of recorded.filter(({ kind }) => kind === 'notification')) {
    const bytes = bytesOf(hex);
    for (let length = 0; length < bytes.length; length++) {
      const read = (): Notification => readNotification(new JuteReader(bytes.slice(0, length)));
      if (length === 28 || length === 40) t.match(read(), { version: 0, config: null });
      else t.throws(read, { name: 'WireError', code: 'truncated' }, String(length));
    }
  }
  t.end();
});

await t.test(
  'the older formats are read: without an epoch, without a version, without a configuration',
  (t) => {
    const vote = { state: PeerState.following, leader: 3, zxid: 0x500000007, electionEpoch: 9 };
    const withoutEpoch = readNotificationHex(`00000001 ${LEADER_ZXID_ROUND}`);
    t.strictSame(
      withoutEpoch,
      { ...vote, peerEpoch: 5, version: 0, config: null },
      '28: the epoch of the zxid',
    );
    const withoutVersion = readNotificationHex(`00000001 ${LEADER_ZXID_ROUND} ${LONG} 00000001`);
    t.strictSame(withoutVersion, { ...vote, peerEpoch: 1, version: 0, config: null }, '40: no version');
    t.throws(
      () => readNotificationHex(`00000001 ${LEADER_ZXID_ROUND} ${LONG}`),
      WireError,
      '36 is none of them',
    );
    const withoutConfig = readNotificationHex(`00000001 ${LEADER_ZXID_ROUND} ${LONG} 00000001 00000000`);
    t.strictSame(withoutConfig, { ...vote, peerEpoch: 1, version: 1, config: null });
    t.end();
  },
);

await t.test('an initial message of an older peer is its id', (t) => {
  for (const sid of [0, 1, 255, 2 ** 53 - 1]) {
    const hex = BigInt(sid).toString(16).padStart(16, '0');
    t.strictSame(readInitialHex(hex), { version: 'legacy', sid, addresses: [] });
    t.equal(
      hexOf((writer) => writeInitialMessage(writer, readInitialHex(hex))),
      hex,
    );
  }
  t.strictSame(readInitialHex('7fffffffffffffff').sid, null, 'an anonymous observer');
  t.throws(() => readInitialHex('0020000000000000'), WireError, 'no id that can be told from its neighbour');
  t.end();
});

await t.test('addresses that are none, or longer than 2048 bytes, are refused', (t) => {
  const longest = `${'h'.repeat(2048 - 5)}:3888`;
  t.equal(readInitialHex(initial(longest)).addresses[0]?.port, 3888);
  for (const text of [
    '',
    'h:0',
    'h:65536',
    'h:99999999999',
    'h',
    'h:',
    ':1',
    'h:x',
    'h:1:2',
    '::1:3888',
    '[::1]',
  ]) {
    t.throws(() => readInitialHex(initial(text)), WireError, text);
  }
  for (const text of ['[::1]3888', '[]:1', '[::1:1', `h${longest}`, 'a:1|b:1', 'a:1|', 'h:-1']) {
    t.throws(() => readInitialHex(initial(text)), WireError, text);
  }
  t.equal(readInitialHex(initial('a:1|[::1]:2|b:3', '0001')).addresses.length, 3);
  for (const length of ['00000000', 'ffffffff', '00000801', '7fffffff', '80000000']) {
    const bytes = bytesOf(`ffffffffffff0000 ${LONG} ${length}`);
    t.throws(() => initialMessageLength(bytes), { name: 'WireError', code: 'length' }, length);
  }
  for (const version of ['ffffffffffff0002', 'fffffffffffeffff', '8000000000000000', 'ffffffffffffffff']) {
    t.throws(() => initialMessageLength(bytesOf(version)), { name: 'WireError', code: 'value' }, version);
  }
  t.end();
});

await t.test('wildcards are known in every notation', (t) => {
  for (const host of [
    '0.0.0.0',
    '0',
    '::',
    '::0',
    '0:0:0:0:0:0:0:0',
    '0000:0000:0000:0000:0000:0000:0000:0000',
  ]) {
    t.ok(isWildcard({ host, port: 1 }), host);
  }
  for (const host of ['10.0.0.0', '0.0.0.1', '::1', 'zoo0', '0:0:0:0:0:0:0:1', '127.0.0.1']) {
    t.notOk(isWildcard({ host, port: 1 }), host);
  }
  t.end();
});

await t.test('states, lengths and numbers that cannot be are refused', (t) => {
  for (const state of ['00000004', 'ffffffff', '80000000']) {
    t.throws(() => readNotificationHex(`${state} ${LEADER_ZXID_ROUND} ${LONG}`), { code: 'value' }, state);
  }
  const before = `00000000 ${LEADER_ZXID_ROUND} ${LONG} 00000002`;
  t.throws(() => readNotificationHex(`${before} ffffffff`), { code: 'length' });
  t.throws(() => readNotificationHex(`${before} 80000000`), { code: 'length' });
  t.throws(() => readNotificationHex(`${before} 00000003 6162`), { code: 'truncated' });
  t.throws(() => readNotificationHex(`${before} 7fffffff 6162`), { code: 'truncated' });
  t.equal(
    readNotificationHex(`${before} 00000002 6162 63`).config,
    'ab',
    'what stands behind is not looked at',
  );
  // Read as doubles these would all be −2^63, or come out of it as something else.
  for (const long of ['8000000000000001', '7fffffffffffffff', '0020000000000000', 'ffdfffffffffffff']) {
    t.throws(() => readNotificationHex(`00000000 ${long} ${LONG} ${LONG}`), { code: 'value' }, long);
    t.throws(() => readNotificationHex(`00000000 ${LONG} ${LONG} ${LONG} ${long}00000000`), {
      code: 'value',
    });
  }
  t.equal(readNotificationHex(`00000000 8000000000000000 ${LONG} ${LONG}`).leader, NO_VOTE);
  t.end();
});

await t.test('every notification that can be comes back as it was', (t) => {
  const long = fc.oneof(fc.maxSafeInteger(), fc.constant(NO_VOTE), fc.integer());
  const notifications = fc.record(
    {
      state: fc.constantFrom(...Object.values(PeerState)),
      leader: long.map((id) => id as ServerId),
      zxid: long.map((zxid) => zxid as Zxid),
      electionEpoch: long,
      peerEpoch: long,
      version: fc.constant(2),
      config: fc.string(),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(notifications, (notification) => {
      const read = readNotificationHex(hexOf((writer) => writeNotification(writer, notification)));
      t.strictSame(read, notification);
    }),
    { numRuns: 300 },
  );
  t.end();
});

await t.test('whatever bytes come, they are read or refused', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      for (const read of [readNotification, readInitialMessage]) {
        try {
          read(new JuteReader(bytes));
        } catch (error) {
          if (!(error instanceof WireError)) throw error;
        }
      }
    }),
    { numRuns: 2000 },
  );
  t.end();
});
