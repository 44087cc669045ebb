import t from 'tap';
import { NO_SESSION, type SessionId } from '../base/session-id.ts';
import type { Zxid } from '../base/zxid.ts';
import { JuteReader } from './jute-reader.ts';
import { JuteWriter } from './jute-writer.ts';
import { OpCode, SpecialXid } from './opcode.ts';
import {
  readConnectRequest,
  readConnectResponse,
  writeConnectRequest,
  writeConnectResponse,
} from './records/connect.ts';
import { writeCreateRequest } from './records/create.ts';
import { writeErrorResponse } from './records/error-response.ts';
import { readGetChildrenResponse, writeGetChildrenResponse } from './records/get-children.ts';
import { readReplyHeader, writeReplyHeader, writeRequestHeader } from './records/headers.ts';
import { readTxnEntry, writeTxnEntry } from './txns/txn-entry.ts';

// The frames of protocol §9, as servers sent them.
const OPEN_ACL = [{ perms: 31, scheme: 'world', id: 'anyone' }];

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

function hexOf(write: (writer: JuteWriter) => void): string {
  const writer = new JuteWriter(1);
  write(writer);
  return Buffer.from(writer.bytes()).toString('hex');
}

function frameOf(write: (writer: JuteWriter) => void): string {
  return hexOf((writer) => {
    const at = writer.reserveInt();
    write(writer);
    writer.endFrame(at);
  });
}

await t.test('a connect response reads and writes as recorded, with readOnly and without', async (t) => {
  const hex = '00000000 00002710 01000014c6590007 00000010 66dc594b961a500233d1ed7a6a003ae1 00';
  const response = readConnectResponse(new JuteReader(bytesOf(hex)));
  t.match(response, { protocolVersion: 0, timeOut: 10000, sessionId: 0x1000014c6590007n, readOnly: false });
  t.equal(
    frameOf((writer) => writeConnectResponse(writer, response)),
    `00000025${hex.replaceAll(' ', '')}`,
  );

  const old = readConnectResponse(new JuteReader(bytesOf(hex.slice(0, -3))));
  t.equal(old.readOnly, null);
  t.equal(
    hexOf((writer) => writeConnectResponse(writer, old)),
    hex.slice(0, -3).replaceAll(' ', ''),
  );
});

await t.test('a connect request keeps apart readOnly false and absent, passwd empty and null', async (t) => {
  for (const readOnly of [true, false, null]) {
    for (const passwd of [new Uint8Array(16), new Uint8Array(0), null]) {
      const request = {
        protocolVersion: 0,
        lastZxidSeen: 0x100000007 as Zxid,
        timeOut: 4000,
        sessionId: NO_SESSION,
        passwd,
        readOnly,
      };
      const bytes = bytesOf(hexOf((writer) => writeConnectRequest(writer, request)));
      t.equal(bytes.length, 28 + (passwd?.length ?? 0) + (readOnly === null ? 0 : 1));
      t.strictSame(readConnectRequest(new JuteReader(bytes)), request);
    }
  }
});

await t.test('ping, auth, addWatch and getChildren frames are the recorded ones', async (t) => {
  const ping = frameOf((writer) => writeRequestHeader(writer, { xid: SpecialXid.ping, type: OpCode.ping }));
  t.equal(ping, '00000008fffffffe0000000b');

  const auth = { xid: SpecialXid.auth, zxid: 0 as Zxid, err: 0 };
  t.equal(
    frameOf((writer) => writeReplyHeader(writer, auth)),
    '00000010fffffffc000000000000000000000000',
  );

  const addWatch = frameOf((writer) => {
    writeReplyHeader(writer, { xid: 5, zxid: 8 as Zxid, err: 0 });
    writeErrorResponse(writer, { err: 0 });
  });
  t.equal(addWatch, '000000140000000500000000000000080000000000000000');

  const hex = '00000021000000010000000000000008000000000000000100000009 7a6f6f6b6565706572'.replace(' ', '');
  const reader = new JuteReader(bytesOf(hex.slice(8)));
  const header = readReplyHeader(reader);
  const response = readGetChildrenResponse(reader);
  t.strictSame(header, { xid: 1, zxid: 8, err: 0 });
  t.strictSame(response, { children: ['zookeeper'] });
  const written = frameOf((writer) => {
    writeReplyHeader(writer, header);
    writeGetChildrenResponse(writer, response);
  });
  t.equal(written, hex);
});

await t.test('a create request is the recorded one', async (t) => {
  const written = frameOf((writer) => {
    writeRequestHeader(writer, { xid: 2, type: OpCode.create });
    writeCreateRequest(writer, { path: '/a', data: Buffer.from('x'), acl: OPEN_ACL, flags: 0 });
  });
  const expected =
    '00000032 00000002 00000001 00000002 2f61 00000001 78 00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65 00000000';
  t.equal(written, expected.replaceAll(' ', ''));
});

await t.test('txn entries read and write as recorded, with a digest and without', async (t) => {
  const create =
    '010000171c240000 00000002 0000000000000002 0000018f00000000 00000001 ' +
    '00000002 2f61 00000001 78 00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65 00 00000001';
  const digest = '00000002 0000000051c6d660';
  for (const hex of [create, `${create} ${digest}`]) {
    const entry = readTxnEntry(new JuteReader(bytesOf(hex)));
    t.strictSame(entry.txn, {
      type: OpCode.create,
      path: '/a',
      data: bytesOf('78'),
      acl: OPEN_ACL,
      ephemeral: false,
      parentCVersion: 1,
    });
    t.strictSame(entry.digest, hex === create ? null : { version: 2, treeDigest: 1371985504n });
    t.equal(
      hexOf((writer) => writeTxnEntry(writer, entry)),
      hex.replaceAll(' ', ''),
    );
  }
});

await t.test('a session id with its top bit set is negative and comes back as it was', async (t) => {
  const header = {
    clientId: -0x7f00000000000000n as SessionId,
    cxid: 0,
    zxid: 1 as Zxid,
    time: 2,
    type: -11,
  };
  const hex = hexOf((writer) =>
    writeTxnEntry(writer, { header, txn: { type: -11, paths2Delete: [] }, digest: null }),
  );
  t.equal(hex.slice(0, 16), '8100000000000000');
  t.equal(readTxnEntry(new JuteReader(bytesOf(hex))).header.clientId, header.clientId);
});
