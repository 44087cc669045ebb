import { readFileSync } from 'node:fs';
import t from 'tap';
import { Prng } from '../../base/prng.ts';
import type { SessionId } from '../../base/session-id.ts';
import { JuteReader } from '../jute-reader.ts';
import { JuteWriter } from '../jute-writer.ts';
import { OpCode } from '../opcode.ts';
import { type Acl, writeAcl } from '../records/acl.ts';
import { type StatPersisted, writeStatPersisted } from '../records/stat-persisted.ts';
import type { SnapshotBodySource, SnapshotSink } from '../snapshot/snapshot-body.ts';
import { readTxnEntry, writeTxnEntry } from '../txns/txn-entry.ts';
import { WireError } from '../wire-error.ts';
import { readAckEpoch, writeAckEpoch } from './ack-epoch.ts';
import { readCommitAndActivate, writeCommitAndActivate } from './activate.ts';
import { readInformAndActivate, writeInformAndActivate } from './activate.ts';
import { readForwardedRequest, writeForwardedRequest } from './forwarded-request.ts';
import { readLeaderInfo, writeLeaderInfo } from './leader-info.ts';
import { PROTOCOL_VERSION, readLearnerInfo, writeLearnerInfo } from './learner-info.ts';
import { readConfigText, writeNewLeader } from './new-leader.ts';
import { PacketDecoder } from './packet-decoder.ts';
import { beginPacket, endPacket, NO_ZXID, PacketType, writeEmptyPacket } from './quorum-packet.ts';
import { readRevalidateReply, readRevalidateRequest } from './revalidate.ts';
import { writeRevalidateReply, writeRevalidateRequest } from './revalidate.ts';
import { readSessionTouches, writeSessionTouch } from './session-touch.ts';
import { SnapshotStreamReader, SnapshotStreamWriter } from './snapshot-stream.ts';

const LIMIT = 1 << 20;
const VERSIONS = ['3.8.0', '3.9.5'] as const;

/** `>` from the learner, `<` from the leader. */
type Direction = '>' | '<';

/** A packet, or what follows a SNAP, as the recorder's own parser has cut it. */
interface Piece {
  readonly place: string;
  readonly direction: Direction;
  readonly isSnapshot: boolean;
  readonly bytes: Buffer;
}

interface Connection {
  /** FOLLOWERINFO or OBSERVERINFO, the learner's id, the scene. */
  readonly name: string;
  readonly pieces: Piece[];
}

/** Reads a packet's data and writes what it has read. */
type Copy = (reader: JuteReader, writer: JuteWriter) => void;

function copy<T>(read: (reader: JuteReader) => T, write: (writer: JuteWriter, record: T) => void): Copy {
  return (reader, writer) => write(writer, read(reader));
}

const entry = copy(readTxnEntry, writeTxnEntry);
const learnerInfo = copy(readLearnerInfo, writeLearnerInfo);
const touches: Copy = (reader, writer) =>
  readSessionTouches(reader, (sessionId, timeoutMs) => writeSessionTouch(writer, sessionId, timeoutMs));
const informAndActivate: Copy = (reader, writer) => {
  const { designatedLeader, entry: bytes } = readInformAndActivate(reader);
  const copied = new JuteWriter();
  entry(new JuteReader(bytes), copied);
  writeInformAndActivate(writer, { designatedLeader, entry: copied.bytes() });
};

/** The data of every packet that has some, by where it goes and its type. NEWLEADER's is a text. */
const DATA: Readonly<Record<Direction, ReadonlyMap<number, Copy>>> = {
  '>': new Map([
    [PacketType.request, copy(readForwardedRequest, writeForwardedRequest)],
    [PacketType.ping, touches],
    [PacketType.revalidate, copy(readRevalidateRequest, writeRevalidateRequest)],
    [PacketType.followerInfo, learnerInfo],
    [PacketType.observerInfo, learnerInfo],
    [PacketType.ackEpoch, copy(readAckEpoch, writeAckEpoch)],
  ]),
  '<': new Map([
    [PacketType.proposal, entry],
    [PacketType.revalidate, copy(readRevalidateReply, writeRevalidateReply)],
    [PacketType.inform, entry],
    [PacketType.commitAndActivate, copy(readCommitAndActivate, writeCommitAndActivate)],
    [PacketType.leaderInfo, copy(readLeaderInfo, writeLeaderInfo)],
    [PacketType.informAndActivate, informAndActivate],
  ]),
};

const WITHOUT_DATA: Readonly<Record<Direction, readonly number[]>> = {
  '>': [PacketType.ack],
  '<': [
    PacketType.commit,
    PacketType.ping,
    PacketType.sync,
    PacketType.upToDate,
    PacketType.diff,
    PacketType.trunc,
    PacketType.snap,
  ],
};

/** Writes again, from what it means, the packet a decoder stands at. */
function copyPacket(decoder: PacketDecoder, direction: Direction, writer: JuteWriter): void {
  const type = decoder.type as PacketType;
  const reader = new JuteReader();
  decoder.openData(reader);
  if (type === PacketType.newLeader) {
    writeNewLeader(writer, decoder.zxid, readConfigText(reader));
    return;
  }
  const copyData = DATA[direction].get(type);
  if (copyData === undefined) {
    writeEmptyPacket(writer, type, decoder.zxid);
    return;
  }
  const begun = beginPacket(writer, type, decoder.zxid);
  copyData(reader, writer);
  endPacket(writer, begun, decoder.authinfo());
}

/** Keeps a snapshot's records as they come, to write them again. */
class Tape implements SnapshotSink, SnapshotBodySource {
  readonly #sessions: [SessionId, number][] = [];
  readonly #acls: [number, readonly Acl[]][] = [];
  readonly nodes: [string, Buffer | null, number, StatPersisted][] = [];
  #next = 0;

  onSnapshotSession(sessionId: SessionId, timeoutMs: number): void {
    this.#sessions.push([sessionId, timeoutMs]);
  }

  onSnapshotAcl(aclId: number, acl: readonly Acl[]): void {
    this.#acls.push([aclId, acl]);
  }

  onSnapshotNode(path: string, data: Uint8Array | null, aclId: number, stat: StatPersisted): void {
    this.nodes.push([path, data === null ? null : Buffer.from(data), aclId, stat]);
  }

  get sizes(): readonly number[] {
    return [this.#sessions.length, this.#acls.length, this.nodes.length];
  }

  writeHead(writer: JuteWriter): void {
    writer.int(this.#sessions.length);
    for (const [sessionId, timeoutMs] of this.#sessions) {
      writer.bigLong(sessionId);
      writer.int(timeoutMs);
    }
    writer.vector(this.#acls, (writer, [aclId, acl]) => {
      writer.long(aclId);
      writer.vector(acl, writeAcl);
    });
  }

  writeNodes(writer: JuteWriter): boolean {
    const node = this.nodes[this.#next++];
    if (node === undefined) return true;
    writer.string(node[0]);
    writer.buffer(node[1]);
    writer.long(node[2]);
    writeStatPersisted(writer, node[3]);
    return false;
  }
}

/** Reads one direction of a connection, in whatever segments it comes, and writes all of it again. */
class StreamCopy {
  readonly writer = new JuteWriter();
  readonly #direction: Direction;
  readonly #decoder = new PacketDecoder(LIMIT);
  #snapshot: { readonly tape: Tape; readonly reader: SnapshotStreamReader } | null = null;

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  get buffered(): number {
    return this.#decoder.buffered;
  }

  push(chunk: Uint8Array): void {
    if (this.#snapshot === null) {
      this.#decoder.push(chunk);
      this.#readPackets();
    } else {
      this.#readSnapshot(this.#snapshot, chunk);
    }
  }

  #readPackets(): void {
    const decoder = this.#decoder;
    while (decoder.next()) {
      copyPacket(decoder, this.#direction, this.writer);
      if (decoder.type !== PacketType.snap) continue;
      const tape = new Tape();
      this.#snapshot = { tape, reader: new SnapshotStreamReader(tape, LIMIT) };
      this.#readSnapshot(this.#snapshot, decoder.takeRest());
      return;
    }
  }

  #readSnapshot(
    snapshot: { readonly tape: Tape; readonly reader: SnapshotStreamReader },
    chunk: Uint8Array,
  ): void {
    const rest = snapshot.reader.push(chunk);
    if (rest === null) return;
    this.#snapshot = null;
    const stream = new SnapshotStreamWriter(snapshot.tape);
    while (!stream.writeSlice(this.writer, 100));
    this.#decoder.push(rest);
    this.#readPackets();
  }
}

for (const version of VERSIONS) {
  const connections = parse(readFileSync(`server/wire/testdata/apache-${version}.packets`, 'utf8'));
  const pieces = connections.flatMap((connection) => connection.pieces);
  const packets = pieces.filter((piece) => !piece.isSnapshot);

  await t.test(`the recording of ${version} holds every packet a server sends, and a scene for each`, (t) => {
    for (const direction of ['>', '<'] as const) {
      const newLeader = direction === '<' ? [PacketType.newLeader] : [];
      const expected = [...DATA[direction].keys(), ...WITHOUT_DATA[direction], ...newLeader];
      const seen = new Set(
        packets.filter((packet) => packet.direction === direction).map(({ bytes }) => bytes.readInt32BE(0)),
      );
      t.same(seen, new Set(expected), direction);
    }
    const scenes = new Set(connections.map(({ name }) => name.split(' ')[2]));
    t.same([...scenes], ['start', 'diff', 'trunc', 'snap', 'reconfig']);
    t.end();
  });

  await t.test(`every packet of ${version} is read to its end and written back as it was`, (t) => {
    const faults: string[] = [];
    for (const { place, direction, bytes } of packets) {
      const decoder = new PacketDecoder(LIMIT);
      decoder.push(bytes);
      const writer = new JuteWriter(1);
      if (!decoder.next()) faults.push(`${place} is not whole`);
      copyPacket(decoder, direction, writer);
      if (decoder.buffered > 0) faults.push(`${place} leaves ${decoder.buffered} bytes`);
      if (Buffer.compare(writer.bytes(), bytes) !== 0) t.equal(hexOf(writer), bytes.toString('hex'), place);
    }
    t.same(faults, []);
    t.ok(packets.length > 500);
    t.end();
  });

  await t.test(`no part of a packet of ${version} is taken for one, nor refused`, (t) => {
    const faults: string[] = [];
    for (const { place, bytes } of packets) {
      const decoder = new PacketDecoder(LIMIT);
      for (let at = 0; at < bytes.length; at++) {
        if (decoder.next()) faults.push(`${place} after ${at} bytes`);
        decoder.push(bytes.subarray(at, at + 1));
      }
      if (!decoder.next()) faults.push(place);
    }
    t.same(faults, []);
    t.end();
  });

  await t.test(
    `both directions of every connection of ${version}, cut anyhow, are written back as they were`,
    (t) => {
      const faults: string[] = [];
      let copied = 0;
      for (const { name, pieces } of connections) {
        for (const direction of ['>', '<'] as const) {
          const own = pieces.filter((piece) => piece.direction === direction);
          const stream = Buffer.concat(own.map(({ bytes }) => bytes));
          copied += stream.length;
          for (const [seed, sizeMax] of [1, 2, 3, 19, 21, 100, 1500, 70_000].entries()) {
            const prng = new Prng(seed);
            const streamCopy = new StreamCopy(direction);
            for (let at = 0; at < stream.length;) {
              const size = 1 + prng.below(sizeMax);
              const chunk = Buffer.from(stream.subarray(at, at + size));
              streamCopy.push(chunk);
              chunk.fill(0xee);
              at += size;
            }
            if (streamCopy.buffered > 0 || Buffer.compare(streamCopy.writer.bytes(), stream) !== 0) {
              faults.push(`${name} ${direction} in pieces of up to ${sizeMax} bytes`);
            }
          }
        }
      }
      t.same(faults, []);
      t.ok(copied > 10_000, `${copied} bytes`);
      t.end();
    },
  );

  await t.test(`the snapshots of ${version} hold a session, ACLs, and every kind of node`, (t) => {
    const snapshots = connections
      .filter(({ name }) => name.endsWith('snap'))
      .flatMap(({ pieces }) => pieces.filter((piece) => piece.isSnapshot));
    t.ok(snapshots.length >= 2);
    const tape = new Tape();
    t.equal(new SnapshotStreamReader(tape, LIMIT).push(snapshots[0]?.bytes ?? Buffer.alloc(0))?.length, 0);
    const [sessions = 0, acls = 0] = tape.sizes;
    t.ok(sessions >= 2 && acls >= 2);
    t.same(tape.nodes[0]?.[0], '', 'the root comes first');
    const paths = tape.nodes.map(([path]) => path);
    for (const path of paths.slice(1))
      t.ok(paths.indexOf(path.replace(/\/[^/]*$/, '')) < paths.indexOf(path), path);
    t.ok(tape.nodes.some(([path, data]) => path === '/null' && data === null));
    t.ok(tape.nodes.some(([, , , stat]) => stat.ephemeralOwner !== 0n));
    t.end();
  });

  await t.test(`what the packets of ${version} say fits together`, (t) => {
    const requests: number[] = [];
    for (const { place, direction, bytes } of packets) {
      const decoder = new PacketDecoder(LIMIT);
      decoder.push(bytes);
      decoder.next();
      const reader = new JuteReader();
      decoder.openData(reader);
      switch (decoder.type) {
        case PacketType.request: {
          const { type } = readForwardedRequest(reader);
          requests.push(type);
          t.equal(decoder.zxid, NO_ZXID, place);
          t.equal(decoder.authinfo() === null, type === OpCode.createSession, place);
          break;
        }
        case PacketType.proposal:
        case PacketType.inform:
          t.equal(readTxnEntry(reader).header.zxid, decoder.zxid, place);
          break;
        case PacketType.followerInfo:
        case PacketType.observerInfo:
          t.equal(readLearnerInfo(reader).protocolVersion, PROTOCOL_VERSION, place);
          break;
        case PacketType.newLeader:
          t.match(
            readConfigText(reader),
            /^server\.1=zoo1:\d+:\d+:participant;.*\nversion=[0-9a-f]+$/s,
            place,
          );
          break;
        case PacketType.ping:
          t.equal(decoder.hasData, direction === '>', place);
          break;
        default:
      }
    }
    const { create, create2, delete: remove, setData, setAcl, sync, multi, reconfig } = OpCode;
    const { createSession, closeSession } = OpCode;
    const expected = [
      create,
      create2,
      remove,
      setData,
      setAcl,
      sync,
      multi,
      reconfig,
      createSession,
      closeSession,
    ];
    t.same(
      expected.filter((type) => !requests.includes(type)),
      [],
      'requests of every kind',
    );
    t.end();
  });

  await t.test(
    `whatever is done to a connection of ${version}, reading it throws nothing but WireError`,
    (t) => {
      const faults: string[] = [];
      for (let seed = 1; seed <= 500; seed++) {
        const prng = new Prng(seed);
        const { pieces } = connections[prng.below(connections.length)] ?? { pieces: [] };
        const direction = prng.below(2) === 0 ? '>' : '<';
        const own = pieces.filter((piece) => piece.direction === direction);
        const stream = Buffer.concat(own.map(({ bytes }) => bytes));
        for (let n = 1 + prng.below(8); n > 0; n--) {
          stream[prng.below(stream.length)] = [0, 0x7f, 0x80, 0xff, prng.below(256)][prng.below(5)] ?? 0;
        }
        try {
          new StreamCopy(direction).push(stream);
        } catch (error) {
          if (!(error instanceof WireError)) faults.push(`seed ${seed}: ${String(error)}`);
        }
      }
      t.same(faults, []);
      t.end();
    },
  );
}

function hexOf(writer: JuteWriter): string {
  return Buffer.from(writer.bytes()).toString('hex');
}

function parse(text: string): Connection[] {
  const connections = new Map<string, Connection>();
  for (const [i, line] of text.split('\n').entries()) {
    const [number = '', kind = '', ...rest] = line.split(' ');
    if (number === 'connection') connections.set(kind, { name: rest.join(' '), pieces: [] });
    else if (number !== '#' && number !== '') {
      connections.get(number)?.pieces.push({
        place: `line ${i + 1}`,
        direction: kind === '>' ? '>' : '<',
        isSnapshot: kind === 'snapshot',
        bytes: Buffer.from(rest[0] ?? '', 'hex'),
      });
    }
  }
  return [...connections.values()];
}
