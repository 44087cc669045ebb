import * as fc from 'fast-check';
import t from 'tap';
import { JuteReader } from './jute-reader.ts';
import { JuteWriter } from './jute-writer.ts';
import { WireError } from './wire-error.ts';

function written(write: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter(1);
  write(writer);
  return writer.bytes();
}

function hexOf(write: (writer: JuteWriter) => void): string {
  return Buffer.from(written(write)).toString('hex');
}

function readerOf(hex: string): JuteReader {
  return new JuteReader(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

/** A long as it is read, which may not be exact. */
function rounded(value: bigint): number {
  return new JuteReader(written((writer) => writer.bigLong(value))).long();
}

function writeOfEverything(writer: JuteWriter): void {
  writer.byte(1);
  writer.bool(true);
  writer.int(-2);
  writer.long(-3);
  writer.bigLong(-4n);
  writer.buffer(Uint8Array.of(5, 6));
  writer.string('a\u00e9\u20ac\ud83d\ude00');
  writer.strings(['x', 'yz']);
  writer.vector([1, 2, 3], (writer, item) => writer.int(item));
  writer.raw(Uint8Array.of(7, 8, 9));
  const at = writer.reserveInt();
  writer.raw(new Uint8Array(100));
  writer.endFrame(at);
}

const readInt = (reader: JuteReader): number => reader.int();

await t.test('null, empty and absent are three things', (t) => {
  t.equal(
    hexOf((writer) => writer.buffer(null)),
    'ffffffff',
  );
  t.equal(
    hexOf((writer) => writer.buffer(new Uint8Array())),
    '00000000',
  );
  t.equal(
    hexOf((writer) => writer.string(null)),
    'ffffffff',
  );
  t.equal(
    hexOf((writer) => writer.string('')),
    '00000000',
  );
  t.equal(
    hexOf((writer) => writer.strings(null)),
    'ffffffff',
  );
  t.equal(
    hexOf((writer) => writer.strings([])),
    '00000000',
  );
  t.equal(
    hexOf((writer) => writer.vector<number>(null, () => undefined)),
    'ffffffff',
  );

  t.equal(readerOf('ffffffff').buffer(), null);
  t.strictSame(new Uint8Array(readerOf('00000000').buffer() ?? [1]), new Uint8Array());
  t.equal(readerOf('ffffffff').nullableString(), null);
  t.equal(readerOf('00000000').nullableString(), '');
  t.equal(readerOf('ffffffff').string(), '');
  t.equal(readerOf('ffffffff').strings(), null);
  t.strictSame(readerOf('00000000').strings(), []);
  t.equal(readerOf('ffffffff').vector(readInt), null);
  t.strictSame(readerOf('00000000').vector(readInt), []);
  t.throws(() => readerOf('').buffer(), { code: 'truncated' });
  t.end();
});

await t.test('a boolean is any byte but 0 when read, and 0 or 1 when written', (t) => {
  t.strictSame(
    [0, 1, 2, 0xff].map((byte) => new JuteReader(Uint8Array.of(byte)).bool()),
    [false, true, true, true],
  );
  t.equal(
    hexOf((writer) => writer.bool(true)),
    '01',
  );
  t.end();
});

await t.test('longs are exact up to 2^53 on both sides of 0, and written as a bigint would be', (t) => {
  const edges = [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53].flatMap((n) => [n, -n]);
  const longs = fc.oneof(fc.constantFrom(...edges), fc.maxSafeInteger());
  fc.assert(
    fc.property(longs, (value) => {
      const bytes = written((writer) => writer.long(value));
      const expected = written((writer) => writer.bigLong(BigInt(value)));
      return Buffer.compare(bytes, expected) === 0 && new JuteReader(bytes).long() === value + 0;
    }),
    { numRuns: 2000, examples: edges.map((edge) => [edge] as [number]) },
  );
  t.end();
});

await t.test('beyond 2^53 a long rounds without changing an order', (t) => {
  fc.assert(
    fc.property(
      fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
      fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
      (left, right) => {
        return left <= right ? rounded(left) <= rounded(right) : rounded(left) >= rounded(right);
      },
    ),
  );
  t.equal(readerOf('7fffffffffffffff').bigLong(), 2n ** 63n - 1n);
  t.equal(readerOf('8000000000000000').sessionId(), -(2n ** 63n));
  t.equal(readerOf('0000000100000000').zxid(), 2 ** 32);
  t.end();
});

await t.test('a count is refused before anything is made of it', (t) => {
  for (const [count, code] of [
    ['fffffffe', 'length'],
    ['80000000', 'length'],
    ['7fffffff', 'truncated'],
    ['00000009', 'truncated'],
  ] as const) {
    const hex = `${count}${'00'.repeat(8)}`;
    t.throws(() => readerOf(hex).vector(readInt), { name: 'WireError', code }, count);
    t.throws(() => readerOf(hex).strings(), { name: 'WireError', code }, count);
  }
  t.throws(() => readerOf('00000003 00000001 00000002').vector(readInt), { code: 'truncated' });
  t.strictSame(readerOf('00000002 00000001 00000002').vector(readInt), [1, 2]);
  t.end();
});

await t.test('a length is refused if negative or beyond the end', (t) => {
  for (const [length, code] of [
    ['fffffffe', 'length'],
    ['80000000', 'length'],
    ['00000003', 'truncated'],
    ['7fffffff', 'truncated'],
  ] as const) {
    t.throws(() => readerOf(`${length}6162`).buffer(), { name: 'WireError', code });
    t.throws(() => readerOf(`${length}6162`).string(), { name: 'WireError', code });
    t.throws(() => readerOf(`${length}6162`).enterBuffer(), { name: 'WireError', code });
  }
  t.end();
});

await t.test('a field that is refused is not consumed', (t) => {
  const reader = readerOf('0000');
  t.throws(() => reader.int(), WireError);
  t.equal(reader.offset, 0);
  t.equal(reader.byte(), 0);
  t.equal(reader.remaining, 1);
  t.end();
});

await t.test('a buffer is a view of what it was read from, and the rest too', (t) => {
  const bytes = Buffer.from('00000001aabbcc', 'hex');
  const reader = new JuteReader(bytes);
  const buffer = reader.buffer();
  bytes.fill(0x11);
  t.strictSame([...(buffer ?? [])], [0x11]);
  t.strictSame([...reader.rest()], [0x11, 0x11]);
  t.equal(reader.remaining, 2);
  t.end();
});

await t.test('a look at the next int leaves it unread', (t) => {
  const reader = readerOf('0000000700000008');
  t.equal(reader.peekInt(), 7);
  t.equal(reader.int(), 7);
  t.equal(reader.int(), 8);
  t.throws(() => reader.peekInt(), WireError);
  t.end();
});

await t.test('inside a buffer the reader ends where the buffer does, outside it goes on behind it', (t) => {
  const reader = readerOf('00000005 00000001 ff 00000002');
  const outerEnd = reader.enterBuffer();
  t.equal(reader.int(), 1);
  t.throws(() => reader.int(), { code: 'truncated' });
  reader.leaveBuffer(outerEnd);
  t.equal(reader.int(), 2);
  t.equal(reader.remaining, 0);
  t.end();
});

await t.test('a reader sees only the range it is pointed at', (t) => {
  const bytes = Buffer.from('ffffffff0000000700000008ffffffff', 'hex').subarray(4);
  const reader = new JuteReader();
  reader.reset(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 4, 8);
  t.equal(reader.int(), 8);
  t.throws(() => reader.byte(), WireError);
  t.end();
});

await t.test('what is written does not depend on when the writer had to grow', (t) => {
  const roomy = new JuteWriter(4096);
  writeOfEverything(roomy);
  for (let capacity = 0; capacity <= roomy.length; capacity++) {
    const writer = new JuteWriter(capacity);
    writeOfEverything(writer);
    t.equal(Buffer.compare(writer.bytes(), roomy.bytes()), 0, `capacity ${capacity}`);
  }
  t.end();
});

await t.test('a frame gets its length, a checksum its zeros, and an int its place', (t) => {
  const writer = new JuteWriter(4);
  const checksum = writer.reserve(8);
  const frame = writer.reserveInt();
  const count = writer.reserveInt();
  writer.string('abc');
  writer.patchInt(count, -7);
  writer.endFrame(frame);
  writer.patchUnsignedLong(checksum, 0xfedcba98);
  t.equal(Buffer.from(writer.bytes()).toString('hex'), '00000000fedcba980000000bfffffff900000003616263');
  t.end();
});

await t.test('clear and truncate forget, take hands over', (t) => {
  const writer = new JuteWriter(8);
  writer.int(1);
  writer.int(2);
  writer.truncate(4);
  t.equal(Buffer.from(writer.bytes()).toString('hex'), '00000001');
  const taken = writer.take();
  t.equal(writer.length, 0);
  writer.int(3);
  t.equal(Buffer.from(taken).toString('hex'), '00000001');
  const before = writer.memory;
  writer.clear();
  t.equal(writer.length, 0);
  writer.int(4);
  t.equal(writer.memory, before, 'the memory is used again');
  t.equal(Buffer.from(writer.bytes()).toString('hex'), '00000004');
  t.end();
});
