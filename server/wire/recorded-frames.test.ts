import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { ErrorCode } from './error-code.ts';
import { JuteReader } from './jute-reader.ts';
import { JuteWriter } from './jute-writer.ts';
import { OpCode, SpecialXid } from './opcode.ts';
import * as auth from './records/auth.ts';
import * as connect from './records/connect.ts';
import * as create from './records/create.ts';
import * as deletion from './records/delete.ts';
import * as errorResponse from './records/error-response.ts';
import * as exists from './records/exists.ts';
import * as getAcl from './records/get-acl.ts';
import * as descendants from './records/get-all-children-number.ts';
import * as getChildren from './records/get-children.ts';
import * as getData from './records/get-data.ts';
import * as ephemerals from './records/get-ephemerals.ts';
import * as headers from './records/headers.ts';
import * as multiRequests from './records/multi-request.ts';
import * as multiResponses from './records/multi-response.ts';
import * as reconfig from './records/reconfig.ts';
import * as setAcl from './records/set-acl.ts';
import * as setData from './records/set-data.ts';
import * as setWatches from './records/set-watches.ts';
import * as sync from './records/sync.ts';
import * as watcherEvent from './records/watcher-event.ts';
import * as watches from './records/watches.ts';
import * as whoAmI from './records/who-am-i.ts';
import { WireError } from './wire-error.ts';

/** Reads a record and writes what it read. */
type Copy = (reader: JuteReader, writer: JuteWriter) => void;

function copy<T>(read: (reader: JuteReader) => T, write: (writer: JuteWriter, record: T) => void): Copy {
  return (reader, writer) => write(writer, read(reader));
}

const nothing: Copy = () => undefined;
const connectRequest = copy(connect.readConnectRequest, connect.writeConnectRequest);
const connectResponse = copy(connect.readConnectResponse, connect.writeConnectResponse);
const event = copy(watcherEvent.readWatcherEvent, watcherEvent.writeWatcherEvent);
const createRequest = copy(create.readCreateRequest, create.writeCreateRequest);
const create2Response = copy(create.readCreate2Response, create.writeCreate2Response);
const getDataResponse = copy(getData.readGetDataResponse, getData.writeGetDataResponse);
const getChildrenRequest = copy(getChildren.readGetChildrenRequest, getChildren.writeGetChildrenRequest);
const multiResponse = copy(multiResponses.readMultiResponse, multiResponses.writeMultiResponse);

/** What follows the request header, by opcode: everything a client may send. */
const REQUESTS = new Map<number, Copy>([
  [OpCode.create, createRequest],
  [OpCode.create2, createRequest],
  [OpCode.createContainer, createRequest],
  [OpCode.createTtl, copy(create.readCreateTtlRequest, create.writeCreateTtlRequest)],
  [OpCode.delete, copy(deletion.readDeleteRequest, deletion.writeDeleteRequest)],
  [OpCode.exists, copy(exists.readExistsRequest, exists.writeExistsRequest)],
  [OpCode.getData, copy(getData.readGetDataRequest, getData.writeGetDataRequest)],
  [OpCode.setData, copy(setData.readSetDataRequest, setData.writeSetDataRequest)],
  [OpCode.getAcl, copy(getAcl.readGetAclRequest, getAcl.writeGetAclRequest)],
  [OpCode.setAcl, copy(setAcl.readSetAclRequest, setAcl.writeSetAclRequest)],
  [OpCode.getChildren, getChildrenRequest],
  [OpCode.getChildren2, getChildrenRequest],
  [OpCode.sync, copy(sync.readSyncRequest, sync.writeSyncRequest)],
  [OpCode.ping, nothing],
  [OpCode.multi, copy(multiRequests.readMultiRequest, multiRequests.writeMultiRequest)],
  [OpCode.multiRead, copy(multiRequests.readMultiReadRequest, multiRequests.writeMultiReadRequest)],
  [OpCode.reconfig, copy(reconfig.readReconfigRequest, reconfig.writeReconfigRequest)],
  [OpCode.checkWatches, copy(watches.readCheckWatchesRequest, watches.writeCheckWatchesRequest)],
  [OpCode.removeWatches, copy(watches.readRemoveWatchesRequest, watches.writeRemoveWatchesRequest)],
  [OpCode.auth, copy(auth.readAuthPacket, auth.writeAuthPacket)],
  [OpCode.setWatches, copy(setWatches.readSetWatches, setWatches.writeSetWatches)],
  [OpCode.setWatches2, copy(setWatches.readSetWatches2, setWatches.writeSetWatches2)],
  [OpCode.sasl, copy(auth.readGetSaslRequest, auth.writeGetSaslRequest)],
  [OpCode.getEphemerals, copy(ephemerals.readGetEphemeralsRequest, ephemerals.writeGetEphemeralsRequest)],
  [
    OpCode.getAllChildrenNumber,
    copy(descendants.readGetAllChildrenNumberRequest, descendants.writeGetAllChildrenNumberRequest),
  ],
  [OpCode.addWatch, copy(watches.readAddWatchRequest, watches.writeAddWatchRequest)],
  [OpCode.whoAmI, nothing],
  [OpCode.closeSession, nothing],
]);

/** What follows the reply header if all went well; nothing where the opcode is not here. */
const RESPONSES = new Map<number, Copy>([
  [OpCode.create, copy(create.readCreateResponse, create.writeCreateResponse)],
  [OpCode.create2, create2Response],
  [OpCode.createContainer, create2Response],
  [OpCode.createTtl, create2Response],
  [OpCode.exists, copy(exists.readExistsResponse, exists.writeExistsResponse)],
  [OpCode.getData, getDataResponse],
  [OpCode.setData, copy(setData.readSetDataResponse, setData.writeSetDataResponse)],
  [OpCode.getAcl, copy(getAcl.readGetAclResponse, getAcl.writeGetAclResponse)],
  [OpCode.setAcl, copy(setAcl.readSetAclResponse, setAcl.writeSetAclResponse)],
  [OpCode.getChildren, copy(getChildren.readGetChildrenResponse, getChildren.writeGetChildrenResponse)],
  [OpCode.getChildren2, copy(getChildren.readGetChildren2Response, getChildren.writeGetChildren2Response)],
  [OpCode.sync, copy(sync.readSyncResponse, sync.writeSyncResponse)],
  [OpCode.multi, multiResponse],
  [OpCode.multiRead, multiResponse],
  [OpCode.reconfig, getDataResponse],
  [OpCode.sasl, copy(auth.readSetSaslResponse, auth.writeSetSaslResponse)],
  [OpCode.getEphemerals, copy(ephemerals.readGetEphemeralsResponse, ephemerals.writeGetEphemeralsResponse)],
  [
    OpCode.getAllChildrenNumber,
    copy(descendants.readGetAllChildrenNumberResponse, descendants.writeGetAllChildrenNumberResponse),
  ],
  [OpCode.addWatch, copy(errorResponse.readErrorResponse, errorResponse.writeErrorResponse)],
  [OpCode.whoAmI, copy(whoAmI.readWhoAmIResponse, whoAmI.writeWhoAmIResponse)],
]);

interface RecordedFrame {
  /** What it is, and in which line of the recording. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly copy: Copy;
}

const requests: number[] = [];
const failures = new Set<number>();
const frames = parse(readFileSync('server/wire/testdata/apache-3.8.0.frames', 'utf8'));

await t.test('the recording holds every request a client can make', (t) => {
  const missing = [...REQUESTS.keys()].filter((type) => !requests.includes(type));
  t.strictSame(missing, []);
  t.ok(frames.some((frame) => frame.name.startsWith('event')));
  const expected = [
    ErrorCode.noNode,
    ErrorCode.nodeExists,
    ErrorCode.badVersion,
    ErrorCode.notEmpty,
  ] as const;
  for (const err of [...expected, ErrorCode.invalidAcl, ErrorCode.noWatcher, ErrorCode.authFailed]) {
    t.ok(failures.has(err), `a reply with ${err}`);
  }
  t.ok(frames.length > 200);
  t.end();
});

await t.test('every recorded frame is read to its end and written back as it was', (t) => {
  for (const { name, bytes, copy } of frames) {
    const reader = new JuteReader(bytes);
    const writer = new JuteWriter(1);
    copy(reader, writer);
    t.equal(reader.remaining, 0, name);
    t.equal(Buffer.from(writer.bytes()).toString('hex'), Buffer.from(bytes).toString('hex'), name);
  }
  t.end();
});

await t.test('a recorded frame is read the same in the middle of other bytes', (t) => {
  for (const { name, bytes, copy } of frames) {
    const around = Buffer.concat([Buffer.alloc(3, 0xff), bytes, Buffer.alloc(5, 0xff)]);
    const reader = new JuteReader();
    const view = new DataView(around.buffer, around.byteOffset, around.byteLength);
    reader.reset(around, view, 3, 3 + bytes.length);
    const writer = new JuteWriter();
    copy(reader, writer);
    t.equal(Buffer.compare(writer.bytes(), bytes), 0, name);
  }
  t.end();
});

await t.test('every truncation of every recorded frame is a WireError', (t) => {
  let truncations = 0;
  for (const { name, bytes, copy } of frames) {
    for (let length = 0; length < bytes.length; length++) {
      // The one record with an end that may be left out.
      if (name.startsWith('connect') && length === bytes.length - 1 && !name.includes('old')) continue;
      const refusal = refusalOf(copy, bytes.subarray(0, length));
      if (refusal instanceof WireError) truncations++;
      else t.fail(`${name} cut to ${length} bytes`, { refusal });
    }
  }
  t.ok(truncations > 10_000);
  t.end();
});

await t.test('whatever is done to a recorded frame, reading it throws nothing but WireError', (t) => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 0x7f, 0x80, 0xff))), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(fc.constantFrom(...frames), damage, ({ bytes, copy }, damage) => {
      const damaged = new Uint8Array(bytes);
      for (const [at, byte] of damage) damaged[at % damaged.length] = byte;
      const refusal = refusalOf(copy, damaged);
      return refusal === undefined || refusal instanceof WireError;
    }),
    { numRuns: 5000 },
  );
  t.end();
});

function refusalOf(copy: Copy, bytes: Uint8Array): unknown {
  try {
    copy(new JuteReader(bytes), new JuteWriter());
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Follows each connection of the recording, so as to know which record a frame is. */
function parse(text: string): RecordedFrame[] {
  const frames: RecordedFrame[] = [];
  const clients = new Map<string, string>();
  const pending = new Map<string, number>();
  const begun = new Set<string>();
  for (const [i, line] of text.split('\n').entries()) {
    const [connection = '', direction = '', hex = ''] = line.split(' ');
    if (connection === 'connection') clients.set(direction, hex);
    if (direction !== '<' && direction !== '>') continue;
    const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
    const place = `line ${i + 1}`;
    if (!begun.has(`${connection}${direction}`)) {
      begun.add(`${connection}${direction}`);
      const age = clients.get(connection) === 'node-zookeeper-client' ? 'old' : 'present';
      const copy = direction === '>' ? connectRequest : connectResponse;
      frames.push({ name: `connect (${age}) ${direction} ${place}`, bytes, copy });
    } else if (direction === '>') {
      const header = headers.readRequestHeader(new JuteReader(bytes));
      requests.push(header.type);
      pending.set(`${connection} ${header.xid}`, header.type);
      frames.push({ name: `request ${header.type} ${place}`, bytes, copy: requestFrame(header.type) });
    } else {
      const header = headers.readReplyHeader(new JuteReader(bytes));
      failures.add(header.err);
      const type = pending.get(`${connection} ${header.xid}`) ?? OpCode.notification;
      const isEvent = header.xid === SpecialXid.notification;
      const name = isEvent ? `event ${place}` : `reply to ${type} ${place}`;
      frames.push({ name, bytes, copy: replyFrame(isEvent ? event : responseOf(type, header.err)) });
    }
  }
  return frames;
}

function requestFrame(type: number): Copy {
  const record = REQUESTS.get(type) ?? nothing;
  return (reader, writer) => {
    headers.writeRequestHeader(writer, headers.readRequestHeader(reader));
    record(reader, writer);
  };
}

function replyFrame(record: Copy): Copy {
  return (reader, writer) => {
    headers.writeReplyHeader(writer, headers.readReplyHeader(reader));
    record(reader, writer);
  };
}

/** A failed reply has no record, but for sasl's. */
function responseOf(type: number, err: number): Copy {
  if (err !== ErrorCode.ok && type !== OpCode.sasl) return nothing;
  return RESPONSES.get(type) ?? nothing;
}
