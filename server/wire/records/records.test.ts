import t, { type Test } from 'tap';
import type { SessionId } from '../../base/session-id.ts';
import type { Zxid } from '../../base/zxid.ts';
import { JuteReader } from '../jute-reader.ts';
import { JuteWriter } from '../jute-writer.ts';
import { OpCode } from '../opcode.ts';
import { WireError } from '../wire-error.ts';
import { readCreateSessionTxn, writeCreateSessionTxn } from '../txns/session-txns.ts';
import { readCreateTtlTxn, writeCreateTtlTxn } from '../txns/create-txns.ts';
import { type SetDataTxn, readSetDataTxn, writeSetDataTxn } from '../txns/node-txns.ts';
import { readTxnDigest, writeTxnDigest } from '../txns/txn-digest.ts';
import { readTxnHeader, writeTxnHeader } from '../txns/txn-header.ts';
import { readAcl, writeAcl } from './acl.ts';
import { readAuthPacket, writeAuthPacket } from './auth.ts';
import {
  readConnectRequest,
  readConnectResponse,
  writeConnectRequest,
  writeConnectResponse,
} from './connect.ts';
import { readCreateTtlRequest, writeCreateTtlRequest } from './create.ts';
import { readDeleteContainerRequest, readDeleteRequest } from './delete.ts';
import { writeDeleteContainerRequest, writeDeleteRequest } from './delete.ts';
import { readMultiReadRequest, readMultiRequest } from './multi-request.ts';
import { readMultiResponse, writeMultiResponse } from './multi-response.ts';
import { readReconfigRequest, writeReconfigRequest } from './reconfig.ts';
import { readSetWatches2, writeSetWatches2 } from './set-watches.ts';
import { readStatPersisted, writeStatPersisted } from './stat-persisted.ts';
import { readStat, writeStat } from './stat.ts';
import { readWatcherEvent, writeWatcherEvent } from './watcher-event.ts';
import { readClientInfo, writeClientInfo } from './who-am-i.ts';

// Recordings show that bytes survive; here every field has a value of its own, so that two can't be swapped.

function long(value: number): string {
  return value.toString(16).padStart(16, '0');
}

function int(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

function string(text: string): string {
  return int(text.length) + Buffer.from(text).toString('hex');
}

const NULL = int(-1);

function readerOf(hex: string): JuteReader {
  return new JuteReader(Buffer.from(hex, 'hex'));
}

function readReconfigTxn(reader: JuteReader): SetDataTxn {
  return readSetDataTxn(reader, OpCode.reconfig);
}

/** That these bytes are this record, both ways, and none of their beginnings is one. */
function golden<T>(
  t: Test,
  hex: string,
  record: T,
  { read, write }: { read: (reader: JuteReader) => T; write: (writer: JuteWriter, record: T) => void },
): void {
  const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
  t.strictSame(read(new JuteReader(bytes)), record, hex);
  const writer = new JuteWriter(1);
  write(writer, record);
  t.equal(Buffer.from(writer.bytes()).toString('hex'), hex);
  for (let length = 0; length < bytes.length; length++) {
    t.throws(() => read(new JuteReader(bytes.subarray(0, length))), WireError);
  }
}

const zxid = (value: number): Zxid => value as Zxid;
const session = (value: bigint): SessionId => value as SessionId;

const STAT = {
  czxid: zxid(0x100000001),
  mzxid: zxid(0x100000002),
  ctime: 0x18f00000003,
  mtime: 0x18f00000004,
  version: 5,
  cversion: -6,
  aversion: 7,
  ephemeralOwner: session(0x1000014c6590008n),
  dataLength: 9,
  numChildren: 10,
  pzxid: zxid(0x10000000b),
};
const STAT_HEX =
  long(0x100000001) +
  long(0x100000002) +
  long(0x18f00000003) +
  long(0x18f00000004) +
  int(5) +
  int(-6) +
  int(7) +
  '01000014c6590008' +
  int(9) +
  int(10) +
  long(0x10000000b);

await t.test('a stat is 68 bytes, a persisted one 60', (t) => {
  golden(t, STAT_HEX, STAT, { read: readStat, write: writeStat });
  t.equal(STAT_HEX.length, 2 * 68);
  const { dataLength: _, numChildren: __, ...persisted } = STAT;
  const hex = STAT_HEX.replace(`${int(9)}${int(10)}`, '');
  golden(t, hex, { ...persisted }, { read: readStatPersisted, write: writeStatPersisted });
  t.equal(hex.length, 2 * 60);
  const container = hex.replace('01000014c6590008', '8000000000000000');
  t.equal(readStatPersisted(new JuteReader(Buffer.from(container, 'hex'))).ephemeralOwner, -(2n ** 63n));
  t.end();
});

await t.test('an ACL entry may hold nulls, and they are not empty strings', (t) => {
  const codec = { read: readAcl, write: writeAcl };
  golden(t, int(31) + string('ip') + string('::1'), { perms: 31, scheme: 'ip', id: '::1' }, codec);
  golden(t, int(1) + NULL + string(''), { perms: 1, scheme: null, id: '' }, codec);
  golden(t, int(1) + string('') + NULL, { perms: 1, scheme: '', id: null }, codec);
  t.end();
});

await t.test('the handshake', (t) => {
  const passwd = Uint8Array.of(0xaa, 0xbb);
  const request = { protocolVersion: 1, lastZxidSeen: zxid(2), timeOut: 3, sessionId: session(4n), passwd };
  const requestHex = `${int(1)}${long(2)}${int(3)}${long(4)}${int(2)}aabb`;
  t.strictSame(readConnectRequest(new JuteReader(Buffer.from(`${requestHex}01`, 'hex'))).readOnly, true);
  const present = new JuteWriter();
  writeConnectRequest(present, { ...request, readOnly: false });
  t.equal(Buffer.from(present.bytes()).toString('hex'), `${requestHex}00`);
  golden(
    t,
    requestHex,
    { ...request, readOnly: null },
    { read: readConnectRequest, write: writeConnectRequest },
  );

  const response = { protocolVersion: 1, timeOut: 2, sessionId: session(3n), passwd, readOnly: null };
  const responseHex = `${int(1)}${int(2)}${long(3)}${int(2)}aabb`;
  golden(t, responseHex, response, { read: readConnectResponse, write: writeConnectResponse });
  t.end();
});

await t.test('requests', (t) => {
  const ttl = { path: '/t', data: null, acl: [], flags: 5, ttl: 0xffffffffff };
  const ttlHex = string('/t') + NULL + int(0) + int(5) + long(0xffffffffff);
  golden(t, ttlHex, ttl, { read: readCreateTtlRequest, write: writeCreateTtlRequest });

  const deletion = { read: readDeleteRequest, write: writeDeleteRequest };
  golden(t, string('/d') + NULL, { path: '/d', version: -1 }, deletion);
  const container = { read: readDeleteContainerRequest, write: writeDeleteContainerRequest };
  golden(t, string('/c'), { path: '/c' }, container);

  const auth = { type: 1, scheme: 'digest', auth: Uint8Array.of(0x62) };
  golden(t, `${int(1)}${string('digest')}${int(1)}62`, auth, {
    read: readAuthPacket,
    write: writeAuthPacket,
  });

  const reconfig = { joiningServers: 'j', leavingServers: null, newMembers: 'n', curConfigId: -1 };
  const reconfigHex = string('j') + NULL + string('n') + 'ff'.repeat(8);
  golden(t, reconfigHex, reconfig, { read: readReconfigRequest, write: writeReconfigRequest });
  t.end();
});

await t.test('watches and identities', (t) => {
  const watches = {
    relativeZxid: zxid(1),
    dataWatches: ['d'],
    existWatches: null,
    childWatches: [],
    persistentWatches: ['p', 'q'],
    persistentRecursiveWatches: ['r'],
  };
  const lists = [
    int(1) + string('d'),
    NULL,
    int(0),
    int(2) + string('p') + string('q'),
    int(1) + string('r'),
  ];
  golden(t, long(1) + lists.join(''), watches, { read: readSetWatches2, write: writeSetWatches2 });

  const event = { read: readWatcherEvent, write: writeWatcherEvent };
  golden(t, int(4) + int(3) + string('/w'), { type: 4, state: 3, path: '/w' }, event);

  const info = { read: readClientInfo, write: writeClientInfo };
  golden(t, string('ip') + string('u'), { authScheme: 'ip', user: 'u' }, info);
  golden(t, string('x') + NULL, { authScheme: 'x', user: null }, info);
  t.end();
});

await t.test('transactions', (t) => {
  const header = { clientId: session(1n), cxid: 2, zxid: zxid(3), time: 4, type: 5 };
  const headerHex = long(1) + int(2) + long(3) + long(4) + int(5);
  golden(t, headerHex, header, { read: readTxnHeader, write: writeTxnHeader });
  t.equal(headerHex.length, 2 * 32);

  const digest = { version: 2, treeDigest: -2n };
  golden(t, `${int(2)}fffffffffffffffe`, digest, { read: readTxnDigest, write: writeTxnDigest });

  const ttl = { type: OpCode.createTtl, path: '/t', data: null, acl: null, parentCVersion: 3, ttl: 4 };
  const ttlHex = string('/t') + NULL + NULL + int(3) + long(4);
  golden(t, ttlHex, ttl, { read: readCreateTtlTxn, write: writeCreateTtlTxn });

  const reconfig = { type: OpCode.reconfig, path: '/c', data: Uint8Array.of(1), version: -1 } as const;
  golden(t, `${string('/c')}${int(1)}01${NULL}`, reconfig, { read: readReconfigTxn, write: writeSetDataTxn });

  const create = { type: OpCode.createSession, timeOut: 10_000 };
  golden(t, int(10_000), create, { read: readCreateSessionTxn, write: writeCreateSessionTxn });
  t.end();
});

const END = `${NULL}01${NULL}`;

await t.test('a failed multi: the header of each result carries its error, and so does its body', (t) => {
  const results = [0, -103, -2].map((err) => ({ type: OpCode.error, response: { err } }));
  const hex = [0, -103, -2].map((err) => `${NULL}00${int(err)}${int(err)}`).join('') + END;
  golden(t, hex, results, { read: readMultiResponse, write: writeMultiResponse });
  golden(t, END, [], { read: readMultiResponse, write: writeMultiResponse });
  t.end();
});

await t.test('a multi holds writes and a multiRead holds reads, and nothing else', (t) => {
  const read = `00${NULL}${string('/r')}00`;
  const write = `00${NULL}${string('/w')}${int(1)}`;
  t.strictSame(readMultiRequest(readerOf(`${int(OpCode.check)}${write}${END}`)), [
    { type: OpCode.check, request: { path: '/w', version: 1 } },
  ]);
  t.strictSame(readMultiReadRequest(readerOf(`${int(OpCode.getChildren)}${read}${END}`)), [
    { type: OpCode.getChildren, request: { path: '/r', watch: false } },
  ]);
  for (const type of [OpCode.getData, OpCode.getChildren, OpCode.setAcl, OpCode.multi, OpCode.exists, 99]) {
    t.throws(() => readMultiRequest(readerOf(`${int(type)}${read}${END}`)), {
      name: 'WireError',
      code: 'value',
    });
  }
  for (const type of [OpCode.check, OpCode.delete, OpCode.getChildren2, OpCode.multiRead, 99]) {
    t.throws(() => readMultiReadRequest(readerOf(`${int(type)}${write}${END}`)), {
      name: 'WireError',
      code: 'value',
    });
  }
  t.throws(() => readMultiResponse(readerOf(`${int(99)}00${int(0)}${END}`)), {
    name: 'WireError',
    code: 'value',
  });
  t.end();
});
