import t from 'tap';
import { Prng } from '../../base/prng.ts';
import type { SessionId } from '../../base/session-id.ts';
import type { Zxid } from '../../base/zxid.ts';
import { JuteWriter } from '../jute-writer.ts';
import { type Acl, writeAcl } from '../records/acl.ts';
import { type StatPersisted, writeStatPersisted } from '../records/stat-persisted.ts';
import type { SnapshotBodySource, SnapshotSink } from '../snapshot/snapshot-body.ts';
import { WireError } from '../wire-error.ts';
import { SnapshotStreamReader, SnapshotStreamWriter } from './snapshot-stream.ts';

const RECORD_BYTES_MAX = 1 << 20;
const SEEDS = 30;

interface Content {
  readonly sessions: [SessionId, number][];
  readonly acls: [number, readonly Acl[]][];
  readonly nodes: [string, string | null, number, StatPersisted][];
}

function contentFrom(prng: Prng): Content {
  const number = (): number => prng.below(2 ** 21) * 2 ** 32 + prng.uint32();
  const count = (): number => prng.below(6);
  return {
    sessions: Array.from({ length: count() }, () => [BigInt(number()) as SessionId, prng.below(2 ** 31)]),
    acls: Array.from({ length: count() }, () => [
      number(),
      Array.from({ length: count() }, () => ({
        perms: prng.below(32),
        scheme: 'ip',
        id: 'é'.repeat(count()),
      })),
    ]),
    nodes: Array.from({ length: 1 + 3 * count() }, (_, i) => [
      i === 0 ? '' : `/${'node/'.repeat(count())}${i}`,
      prng.below(3) === 0 ? null : 'x'.repeat(prng.below(3) * prng.below(200)),
      prng.below(2) === 0 ? -1 : number(),
      {
        czxid: number() as Zxid,
        mzxid: number() as Zxid,
        ctime: number(),
        mtime: number(),
        version: count(),
        cversion: count(),
        aversion: -count(),
        ephemeralOwner: -BigInt(number()),
        pzxid: number() as Zxid,
      },
    ]),
  };
}

function sourceOf(content: Content): SnapshotBodySource {
  let next = 0;
  return {
    writeHead(writer) {
      writer.int(content.sessions.length);
      for (const [sessionId, timeoutMs] of content.sessions) {
        writer.bigLong(sessionId);
        writer.int(timeoutMs);
      }
      writer.int(content.acls.length);
      for (const [aclId, acl] of content.acls) {
        writer.long(aclId);
        writer.vector(acl, writeAcl);
      }
    },
    writeNodes(writer, budgetBytes) {
      const enough = writer.length + budgetBytes;
      while (writer.length < enough) {
        const node = content.nodes[next++];
        if (node === undefined) return true;
        writer.string(node[0]);
        writer.buffer(node[1] === null ? null : Buffer.from(node[1]));
        writer.long(node[2]);
        writeStatPersisted(writer, node[3]);
      }
      return next >= content.nodes.length;
    },
  };
}

function streamOf(content: Content, budgetBytes = 1 << 16): Buffer {
  const stream = new SnapshotStreamWriter(sourceOf(content));
  const writer = new JuteWriter();
  while (!stream.writeSlice(writer, budgetBytes));
  return Buffer.from(writer.bytes());
}

function textOf(content: Content): string {
  return JSON.stringify(content, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

class Collector implements SnapshotSink {
  readonly content: Content = { sessions: [], acls: [], nodes: [] };

  onSnapshotSession(sessionId: SessionId, timeoutMs: number): void {
    this.content.sessions.push([sessionId, timeoutMs]);
  }

  onSnapshotAcl(aclId: number, acl: readonly Acl[]): void {
    this.content.acls.push([aclId, acl]);
  }

  onSnapshotNode(path: string, data: Uint8Array | null, aclId: number, stat: StatPersisted): void {
    this.content.nodes.push([path, data === null ? null : Buffer.from(data).toString(), aclId, stat]);
  }
}

function pushAll(reader: SnapshotStreamReader, stream: Buffer, next: () => number): Buffer | null {
  for (let at = 0; at < stream.length;) {
    const chunk = Buffer.from(new Uint8Array(stream.subarray(at, at + next())));
    at += chunk.length;
    const rest = reader.push(chunk);
    if (rest !== null) return Buffer.concat([rest, stream.subarray(at)]);
    chunk.fill(0xee);
  }
  return null;
}

await t.test('every segmentation of a stream gives the same content, and what is behind it', (t) => {
  const faults: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const prng = new Prng(seed);
    const content = contentFrom(prng);
    const stream = streamOf(content);
    const behind = Buffer.from('packets go on'.slice(0, prng.below(14)));
    for (const sizeMax of [1, 10, 1000, 100_000]) {
      const sink = new Collector();
      const reader = new SnapshotStreamReader(sink, RECORD_BYTES_MAX);
      const rest = pushAll(reader, Buffer.concat([stream, behind]), () => 1 + prng.below(sizeMax));
      if (rest?.toString() !== behind.toString() || textOf(sink.content) !== textOf(content)) {
        faults.push(`seed ${seed}, up to ${sizeMax} bytes at a time`);
      }
    }
  }
  t.same(faults, []);
  t.end();
});

await t.test('slices of any size make the same stream', (t) => {
  const faults: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const content = contentFrom(new Prng(seed));
    const whole = streamOf(content).toString('hex');
    for (const budgetBytes of [1, 100, 1000]) {
      if (streamOf(content, budgetBytes).toString('hex') !== whole) faults.push(`seed ${seed}`);
    }
  }
  t.same(faults, []);
  t.end();
});

await t.test('a stream that is not whole is not taken for one, and nothing of it is lost', (t) => {
  const faults: string[] = [];
  const content = contentFrom(new Prng(7));
  const stream = streamOf(content);
  for (let length = 0; length < stream.length; length++) {
    const sink = new Collector();
    const reader = new SnapshotStreamReader(sink, RECORD_BYTES_MAX);
    if (reader.push(stream.subarray(0, length)) !== null) faults.push(`whole after ${length} bytes`);
    const rest = reader.push(stream.subarray(length));
    if (rest?.length !== 0 || textOf(sink.content) !== textOf(content)) faults.push(`cut at ${length}`);
  }
  t.same(faults, []);
  t.end();
});

await t.test('an empty tree is its root, and what is behind it is in the chunk that was pushed', (t) => {
  const root = contentFrom(new Prng(1)).nodes[0];
  const stream = streamOf({ sessions: [], acls: [], nodes: root === undefined ? [] : [root] });
  const chunk = Buffer.concat([stream, Buffer.from('behind')]);
  const rest = new SnapshotStreamReader(new Collector(), RECORD_BYTES_MAX).push(chunk);
  t.equal(rest?.buffer, chunk.buffer);
  t.equal(Buffer.from(rest ?? []).toString(), 'behind');
  t.end();
});

const TABLES = '00000000 00000000';
const MALFORMED = [
  ['a negative number of sessions', 'ffffffff', 'length'],
  ['a negative number of ACLs', '00000000 ffffffff', 'length'],
  ['an ACL of a negative number of entries', '00000000 00000001 0000000000000001 fffffffe', 'length'],
  ['a path of a negative length', `${TABLES} fffffffe`, 'length'],
  ['no path', `${TABLES} ffffffff`, 'value'],
  ['data of a negative length', `${TABLES} 00000000 fffffffe`, 'length'],
  ['another signature', `${TABLES} 00000001 2f 0000000a 42656e57617348657265`.replace(/65$/, '66'), 'value'],
  ['a signature of another length', `${TABLES} 00000001 2f 0000000b 42656e5761734865726565`, 'value'],
] as const;

await t.test('what is no snapshot is a WireError, however it comes', (t) => {
  for (const [what, hex, code] of MALFORMED) {
    for (const size of [1, 5, 100]) {
      const reader = new SnapshotStreamReader(new Collector(), RECORD_BYTES_MAX);
      const stream = Buffer.from(hex.replaceAll(' ', ''), 'hex');
      t.throws(() => pushAll(reader, stream, () => size), { name: 'WireError', code }, what);
    }
  }
  t.end();
});

await t.test('a record is waited for up to the limit, in memory that grows with what has come', (t) => {
  const limit = 10_000;
  const announced = Buffer.from(`${TABLES} 00000000 7fffffff`.replaceAll(' ', ''), 'hex');
  const reader = new SnapshotStreamReader(new Collector(), limit);
  t.equal(reader.push(announced), null);
  let pushed = announced.length;
  t.throws(
    () => {
      for (; pushed < 2 * limit; pushed += 100) reader.push(Buffer.alloc(100));
    },
    { name: 'WireError', code: 'frame-length' },
  );
  t.ok(pushed <= limit + 100, `${pushed} bytes were waited for`);
  t.end();
});

await t.test('a record of a megabyte in drips is copied a bounded number of times', (t) => {
  const content: Content = {
    sessions: [],
    acls: [],
    nodes: contentFrom(new Prng(1)).nodes.map(([path, , aclId, stat]) => [
      path,
      'x'.repeat(1 << 19),
      aclId,
      stat,
    ]),
  };
  const stream = streamOf(content);
  const sink = new Collector();
  const reader = new SnapshotStreamReader(sink, 2 << 20);
  const copied = bytesCopied(() => {
    for (let at = 0; at < stream.length; at += 1000) reader.push(stream.subarray(at, at + 1000));
  });
  t.equal(sink.content.nodes.length, content.nodes.length);
  t.ok(copied <= 4 * stream.length, `${copied} bytes copied for ${stream.length}`);
  t.end();
});

await t.test('whatever is done to a stream, reading it throws nothing but WireError', (t) => {
  const faults: string[] = [];
  for (let seed = 1; seed <= 20 * SEEDS; seed++) {
    const prng = new Prng(seed);
    const stream = streamOf(contentFrom(prng));
    for (let n = 1 + prng.below(4); n > 0; n--) {
      stream[prng.below(stream.length)] = [0, 0x7f, 0x80, 0xff, prng.below(256)][prng.below(5)] ?? 0;
    }
    try {
      pushAll(new SnapshotStreamReader(new Collector(), 4096), stream, () => 1 + prng.below(100));
    } catch (error) {
      if (!(error instanceof WireError)) faults.push(`seed ${seed}: ${String(error)}`);
    }
  }
  t.same(faults, []);
  t.end();
});

/** Counts what goes through `Uint8Array.set`, the one way the reader copies. */
function bytesCopied(run: () => void): number {
  const prototype: { set: (this: Uint8Array, source: ArrayLike<number>, offset?: number) => void } =
    Uint8Array.prototype;
  const original = prototype.set;
  let copied = 0;
  prototype.set = function (source, offset) {
    copied += source.length;
    original.call(this, source, offset);
  };
  try {
    run();
  } finally {
    prototype.set = original;
  }
  return copied;
}
