import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { JuteReader } from '../jute-reader.ts';
import { JuteWriter } from '../jute-writer.ts';
import { OpCode } from '../opcode.ts';
import { WireError } from '../wire-error.ts';
import { PARENT_CVERSION_UNKNOWN } from './create-txns.ts';
import { type TxnEntry, readTxnEntry, writeTxnEntry } from './txn-entry.ts';
import { readTxn, writeTxn } from './txn.ts';

const HEADER_BYTES = 32;
const DIGEST_BYTES = 12;

interface RecordedTxn {
  readonly line: number;
  /** The flags of the server that logged it. */
  readonly flags: string;
  readonly bytes: Uint8Array;
}

const recorded = parse(readFileSync('server/wire/testdata/apache-3.8.0.txns', 'utf8'));

await t.test('the recording holds every kind of transaction', (t) => {
  const types = new Set(recorded.map(({ bytes }) => read(bytes).header.type));
  const expected = [
    OpCode.createSession,
    OpCode.closeSession,
    OpCode.create,
    OpCode.create2,
    OpCode.createContainer,
    OpCode.createTtl,
    OpCode.delete,
    OpCode.setData,
    OpCode.setAcl,
    OpCode.reconfig,
    OpCode.multi,
    OpCode.error,
  ];
  t.strictSame(
    expected.filter((type) => !types.has(type)),
    [],
  );
  t.end();
});

await t.test('every logged transaction is read to its end and written back as it was', (t) => {
  for (const { line, bytes } of recorded) {
    const reader = new JuteReader(bytes);
    const entry = readTxnEntry(reader);
    t.equal(reader.remaining, 0, `line ${line}`);
    t.equal(hexOf(entry), Buffer.from(bytes).toString('hex'), `line ${line}`);
    t.equal(entry.txn.type, entry.header.type);
  }
  t.end();
});

await t.test('a digest stands behind everything but errors, unless the server was told not to', (t) => {
  for (const { line, bytes, flags } of recorded) {
    const { header, digest } = read(bytes);
    const isExpected = header.type !== OpCode.error && !flags.includes('digest.enabled=false');
    t.equal(digest?.version, isExpected ? 2 : undefined, `line ${line}`);
  }
  t.end();
});

await t.test('a closeSession without its record is told from one with paths, digest or not', (t) => {
  const closes = recorded.filter(({ bytes }) => read(bytes).header.type === OpCode.closeSession);
  for (const { line, bytes, flags } of closes) {
    const { txn } = read(bytes);
    const hasPaths = txn.type === OpCode.closeSession && txn.paths2Delete !== null;
    t.equal(hasPaths, !flags.includes('closeSessionTxn.enabled=false'), `line ${line}`);
  }
  const paths = closes
    .map(({ bytes }) => read(bytes).txn)
    .map((txn) => ('paths2Delete' in txn ? txn.paths2Delete : []));
  t.ok(paths.some((list) => list?.length === 0));
  t.ok(paths.some((list) => list !== null && list.length > 1));
  t.end();
});

await t.test('a failed multi is logged as errors behind what would have succeeded', (t) => {
  const multis = recorded.flatMap(({ bytes }) => {
    const { txn } = read(bytes);
    return txn.type === OpCode.multi ? [txn.txns.map((sub) => sub.type)] : [];
  });
  const { check, create, createContainer, createTtl, error, setData } = OpCode;
  t.strictSame(multis[0], [check, create, createContainer, createTtl, create, setData, OpCode.delete]);
  t.strictSame(multis[1], [create, error, error]);
  t.end();
});

await t.test('every truncation is a WireError, but where an older layout ends', (t) => {
  const faults: string[] = [];
  for (const { line, bytes } of recorded) {
    const whole = read(bytes);
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      const isOlder = olderLengths(whole, bytes).includes(length);
      try {
        const entry = read(cut);
        if (!isOlder) faults.push(`line ${line} cut to ${length} bytes is ${JSON.stringify(entry.header)}`);
      } catch (error) {
        if (isOlder || !(error instanceof WireError))
          faults.push(`line ${line} cut to ${length} bytes: ${String(error)}`);
      }
    }
  }
  t.same(faults, []);
  t.ok(recorded.length > 20, `${recorded.length} entries`);
  t.end();
});

await t.test('a create of an old log has no parentCVersion, and is written in the present layout', (t) => {
  const entry = recorded.map(({ bytes }) => bytes).find((bytes) => read(bytes).header.type === OpCode.create);
  const old = entry?.subarray(HEADER_BYTES, entry.length - DIGEST_BYTES - 4) ?? new Uint8Array();
  const txn = readTxn(new JuteReader(old), OpCode.create);
  t.match(txn, { type: OpCode.create, parentCVersion: PARENT_CVERSION_UNKNOWN });
  const writer = new JuteWriter();
  writeTxn(writer, txn);
  t.strictSame(Buffer.from(writer.bytes()), Buffer.concat([old, Buffer.alloc(4, 0xff)]));
  t.end();
});

await t.test('bytes behind a nested record are passed over, and the one after it is read', (t) => {
  const writer = new JuteWriter();
  writer.int(2);
  writer.int(OpCode.error);
  writer.buffer(Uint8Array.of(0xff, 0xff, 0xff, 0xfe, 1, 2, 3));
  writer.int(OpCode.delete);
  writer.buffer(Uint8Array.of(0, 0, 0, 2, 0x2f, 0x61));
  const txn = readTxn(new JuteReader(writer.bytes()), OpCode.multi);
  t.strictSame(txn, {
    type: OpCode.multi,
    txns: [
      { type: OpCode.error, err: -2 },
      { type: OpCode.delete, path: '/a' },
    ],
  });
  t.end();
});

await t.test(
  'a nested record does not read past its buffer, and a multi holds no multi and no session',
  (t) => {
    const short = new JuteWriter();
    short.int(1);
    short.int(OpCode.delete);
    short.buffer(Uint8Array.of(0, 0, 0, 2));
    short.raw(Uint8Array.of(0x2f, 0x61));
    t.throws(() => readTxn(new JuteReader(short.bytes()), OpCode.multi), WireError);
    for (const type of [OpCode.multi, OpCode.createSession, OpCode.closeSession, OpCode.getData]) {
      const writer = new JuteWriter();
      writer.int(1);
      writer.int(type);
      writer.buffer(new Uint8Array(8));
      t.throws(() => readTxn(new JuteReader(writer.bytes()), OpCode.multi), { code: 'value' });
    }
    t.throws(() => readTxn(new JuteReader(new Uint8Array(8)), OpCode.getData), { code: 'value' });
    t.end();
  },
);

await t.test('whatever is done to a transaction, reading it throws nothing but WireError', (t) => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 0x7f, 0x80, 0xff))), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(fc.constantFrom(...recorded), damage, ({ bytes }, damage) => {
      const damaged = new Uint8Array(bytes);
      for (const [at, byte] of damage) damaged[at % damaged.length] = byte;
      try {
        writeTxnEntry(new JuteWriter(), read(damaged));
        return true;
      } catch (error) {
        return error instanceof WireError;
      }
    }),
    { numRuns: 5000 },
  );
  t.end();
});

/** Where a shorter layout of the same type ends: no digest, no parentCVersion, no closeSession record. */
function olderLengths({ txn, digest }: TxnEntry, bytes: Uint8Array): number[] {
  const end = bytes.length - (digest === null ? 0 : DIGEST_BYTES);
  const lengths = [end];
  if (txn.type === OpCode.create || txn.type === OpCode.create2) lengths.push(end - 4);
  if (txn.type === OpCode.closeSession) {
    lengths.push(HEADER_BYTES);
    // Two paths, cut so that they look like a digest: the log's checksum stands before that.
    if (txn.paths2Delete?.length === 2) lengths.push(HEADER_BYTES + DIGEST_BYTES);
  }
  return lengths;
}

function read(bytes: Uint8Array): TxnEntry {
  return readTxnEntry(new JuteReader(bytes));
}

function hexOf(entry: TxnEntry): string {
  const writer = new JuteWriter(1);
  writeTxnEntry(writer, entry);
  return Buffer.from(writer.bytes()).toString('hex');
}

function parse(text: string): RecordedTxn[] {
  let flags = '';
  const txns: RecordedTxn[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.startsWith('# server')) flags = line;
    else if (/^[0-9a-f]+$/.test(line)) {
      txns.push({ line: i + 1, flags, bytes: new Uint8Array(Buffer.from(line, 'hex')) });
    }
  }
  return txns;
}
