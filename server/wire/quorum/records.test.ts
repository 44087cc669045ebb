import t from 'tap';
import type { ServerId } from '../../base/server-id.ts';
import type { SessionId } from '../../base/session-id.ts';
import type { Epoch } from '../../base/zxid.ts';
import { JuteReader } from '../jute-reader.ts';
import { JuteWriter } from '../jute-writer.ts';
import { WireError } from '../wire-error.ts';
import { readAckEpoch, writeAckEpoch } from './ack-epoch.ts';
import { readCommitAndActivate, writeCommitAndActivate } from './activate.ts';
import { readInformAndActivate, writeInformAndActivate } from './activate.ts';
import { readAuthId, writeAuthId } from './auth-id.ts';
import { readForwardedRequest, writeForwardedRequest } from './forwarded-request.ts';
import { readLeaderInfo, writeLeaderInfo } from './leader-info.ts';
import { PROTOCOL_VERSION, readLearnerInfo, writeLearnerInfo } from './learner-info.ts';
import { readRevalidateReply, readRevalidateRequest } from './revalidate.ts';
import { writeRevalidateReply, writeRevalidateRequest } from './revalidate.ts';
import { readSessionTouches, writeSessionTouch } from './session-touch.ts';

interface Golden {
  readonly name: string;
  readonly hex: string;
  readonly record: unknown;
  readonly read: (reader: JuteReader) => unknown;
  readonly write: (writer: JuteWriter) => void;
  /** Where it may end before its end, in bytes. */
  readonly shorter: (length: number) => boolean;
}

function golden<T>(
  name: string,
  hex: string,
  record: T,
  codec: readonly [(reader: JuteReader) => T, (writer: JuteWriter, record: T) => void],
  shorter: (length: number) => boolean = () => false,
): Golden {
  const [read, write] = codec;
  return { name, hex: hex.replaceAll(' ', ''), record, read, write: (to) => write(to, record), shorter };
}

const server4 = 4 as ServerId;
const session = 0x100001234560000n as SessionId;
const negative = -0x7f00000000000001n as SessionId;
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

type Touch = readonly [SessionId, number];
const touches = [
  (reader: JuteReader): readonly Touch[] => {
    const read: Touch[] = [];
    readSessionTouches(reader, (sessionId, timeoutMs) => read.push([sessionId, timeoutMs]));
    return read;
  },
  (writer: JuteWriter, records: readonly Touch[]): void => {
    for (const [sessionId, timeoutMs] of records) writeSessionTouch(writer, sessionId, timeoutMs);
  },
] as const;

const learnerInfo = [readLearnerInfo, writeLearnerInfo] as const;
const request = [readForwardedRequest, writeForwardedRequest] as const;
const activation = [readCommitAndActivate, writeCommitAndActivate] as const;
const inform = [readInformAndActivate, writeInformAndActivate] as const;
const protocolVersion = PROTOCOL_VERSION;

const RECORDS: readonly Golden[] = [
  golden(
    'LearnerInfo of protocol §9',
    '0000000000000004 00010000 0000000000000000',
    { serverId: server4, protocolVersion, configVersion: 0 },
    learnerInfo,
    (length) => length === 8 || length === 12,
  ),
  golden(
    'LearnerInfo without a configuration',
    '0000000000000004 00010000',
    { serverId: server4, protocolVersion, configVersion: null },
    learnerInfo,
    (length) => length === 8,
  ),
  golden(
    'LearnerInfo of a server id alone',
    '0000000000000004',
    { serverId: server4, protocolVersion: null, configVersion: null },
    learnerInfo,
  ),
  golden('LeaderInfo', '00010000', { protocolVersion }, [readLeaderInfo, writeLeaderInfo]),
  golden('AckEpoch', '00000007', { currentEpoch: 7 as Epoch }, [readAckEpoch, writeAckEpoch]),
  golden('AckEpoch again', 'ffffffff', { currentEpoch: null }, [readAckEpoch, writeAckEpoch]),
  golden('no touches', '', [], touches),
  golden(
    'touches',
    '0100001234560000 00002710 80ffffffffffffff 7fffffff',
    [
      [session, 10_000],
      [negative, 0x7fffffff],
    ],
    touches,
    (length) => length % 12 === 0,
  ),
  golden('RevalidateRequest', '0100001234560000 00002710', { sessionId: session, timeoutMs: 10_000 }, [
    readRevalidateRequest,
    writeRevalidateRequest,
  ]),
  golden('RevalidateReply', '0100001234560000 01', { sessionId: session, isValid: true }, [
    readRevalidateReply,
    writeRevalidateReply,
  ]),
  golden('RevalidateReply refused', '80ffffffffffffff 00', { sessionId: negative, isValid: false }, [
    readRevalidateReply,
    writeRevalidateReply,
  ]),
  golden(
    'ForwardedRequest',
    '0100001234560000 fffffff8 fffffff6 00002710',
    { sessionId: session, cxid: -8, type: -10, body: bytes('00002710') },
    request,
    (length) => length >= 16,
  ),
  golden(
    'ForwardedRequest without a body',
    '0100001234560000 00000005 fffffff5',
    { sessionId: session, cxid: 5, type: -11, body: bytes('') },
    request,
  ),
  golden('CommitAndActivate', '0000000000000004', { designatedLeader: server4 }, activation),
  golden(
    'InformAndActivate',
    '0000000000000004 0102030405',
    { designatedLeader: server4, entry: bytes('0102030405') },
    inform,
    (length) => length >= 8,
  ),
  golden('AuthId', '00000002 6970 00000003 3a3a31', { scheme: 'ip', id: '::1' }, [readAuthId, writeAuthId]),
];

for (const { name, hex, record, read, write, shorter } of RECORDS) {
  await t.test(`${name} is read and written as it stands`, (t) => {
    t.same(read(new JuteReader(bytes(hex))), record);
    const writer = new JuteWriter(1);
    write(writer);
    t.equal(Buffer.from(writer.bytes()).toString('hex'), hex);
    t.end();
  });

  await t.test(`${name} cut short is a WireError`, (t) => {
    for (let length = 0; length < hex.length / 2; length++) {
      const cut = new JuteReader(bytes(hex.slice(0, 2 * length)));
      if (shorter(length)) t.doesNotThrow(() => read(cut));
      else t.throws(() => read(cut), { name: 'WireError', code: 'truncated' }, `${length} bytes`);
    }
    t.end();
  });
}

await t.test('a server id that no double holds is refused', (t) => {
  for (const hex of ['0020000000000000', '7fffffffffffffff', '8000000000000000']) {
    for (const read of [readLearnerInfo, readCommitAndActivate, readInformAndActivate]) {
      t.throws(() => read(new JuteReader(bytes(hex))), { name: 'WireError', code: 'value' });
    }
  }
  t.equal(readCommitAndActivate(new JuteReader(bytes('ffffffffffffffff'))).designatedLeader, -1);
  t.end();
});

await t.test('touches before one that is cut short have been handed out', (t) => {
  const seen: number[] = [];
  const cut = new JuteReader(bytes('01000012345600000000271001000012'));
  t.throws(() => readSessionTouches(cut, (_, timeoutMs) => seen.push(timeoutMs)), WireError);
  t.same(seen, [10_000]);
  t.end();
});
