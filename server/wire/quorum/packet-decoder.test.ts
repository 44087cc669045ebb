import t from 'tap';
import { Prng } from '../../base/prng.ts';
import type { Zxid } from '../../base/zxid.ts';
import { JuteReader } from '../jute-reader.ts';
import { JuteWriter } from '../jute-writer.ts';
import { WireError } from '../wire-error.ts';
import type { AuthId } from './auth-id.ts';
import { PacketDecoder } from './packet-decoder.ts';
import { PacketType, writeEmptyPacket, writePacket } from './quorum-packet.ts';

const LIMIT = 1 << 20;
const SEEDS = 200;

interface Packet {
  readonly type: number;
  readonly zxid: number;
  readonly data: string | null;
  readonly authinfo: readonly AuthId[] | null;
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

function packetsFrom(prng: Prng, count: number): Packet[] {
  return Array.from({ length: count }, () => ({
    type: 1 + prng.below(19),
    zxid: prng.below(4) === 0 ? -1 : prng.below(2 ** 21) * 2 ** 32 + prng.uint32(),
    data: prng.below(2) === 0 ? null : hexFrom(prng, prng.below(3) * prng.below(300)),
    authinfo: prng.below(3) > 0 ? null : Array.from({ length: prng.below(4) }, () => idFrom(prng)),
  }));
}

function idFrom(prng: Prng): AuthId {
  return { scheme: 'digest'.slice(0, prng.below(7)), id: 'é€-id:'.repeat(prng.below(20)) };
}

function hexFrom(prng: Prng, length: number): string {
  return Buffer.from(Array.from({ length }, () => prng.below(256))).toString('hex');
}

function encode(packets: readonly Packet[]): Buffer {
  const writer = new JuteWriter();
  for (const { type, zxid, data, authinfo } of packets) {
    const bytes = data === null ? null : Buffer.from(data, 'hex');
    writePacket(writer, type as PacketType, zxid as Zxid, bytes, authinfo);
  }
  return Buffer.from(writer.bytes());
}

function read(decoder: PacketDecoder): Packet {
  const { type, zxid, data } = decoder;
  const hex = data === null ? null : Buffer.from(data).toString('hex');
  return { type, zxid, data: hex, authinfo: decoder.authinfo() };
}

function same(left: readonly Packet[], right: readonly Packet[]): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** Copies of pieces of `stream`, of 1 to `sizeMax` bytes: Buffers, as sockets give. */
function segments(stream: Uint8Array, prng: Prng, sizeMax: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < stream.length;) {
    const size = 1 + prng.below(sizeMax);
    chunks.push(Buffer.from(stream.subarray(at, at + size)));
    at += size;
  }
  return chunks;
}

await t.test('every segmentation of a stream yields the same packets', (t) => {
  const faults: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const prng = new Prng(seed);
    const packets = packetsFrom(prng, 20);
    const decoder = new PacketDecoder(LIMIT);
    const seen: Packet[] = [];
    for (const chunk of segments(encode(packets), prng, [1, 7, 40, 3000][seed % 4] ?? 1)) {
      decoder.push(chunk);
      while (decoder.next()) {
        if (decoder.view.getUint8(decoder.end - 1) !== decoder.bytes[decoder.end - 1])
          faults.push(`seed ${seed}: view`);
        seen.push(read(decoder));
      }
      chunk.fill(0xee);
    }
    if (decoder.buffered !== 0 || !same(seen, packets)) faults.push(`seed ${seed}`);
  }
  t.same(faults, []);
  t.end();
});

await t.test('stopping anywhere, keeping and pushing more loses nothing', (t) => {
  const faults: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const prng = new Prng(seed);
    const packets = packetsFrom(prng, 20);
    const decoder = new PacketDecoder(LIMIT);
    const seen: Packet[] = [];
    for (const chunk of segments(encode(packets), prng, 100)) {
      decoder.push(chunk);
      for (let n = prng.below(4); n > 0 && decoder.next(); n--) seen.push(read(decoder));
      decoder.keep();
      chunk.fill(0xee);
    }
    while (decoder.next()) seen.push(read(decoder));
    if (!same(seen, packets)) faults.push(`seed ${seed}`);
  }
  t.same(faults, []);
  t.end();
});

await t.test('no part of a packet is handed out', (t) => {
  const ids = [
    { scheme: 'ip', id: '127.0.0.1' },
    { scheme: 'x', id: '' },
  ];
  const whole = encode([{ type: 1, zxid: -1, data: '01020304', authinfo: ids }]);
  for (let length = 0; length < whole.length; length++) {
    const decoder = new PacketDecoder(LIMIT);
    decoder.push(whole.subarray(0, length));
    t.notOk(decoder.next(), `${length} bytes`);
    decoder.push(whole.subarray(length));
    t.ok(decoder.next());
    t.same(decoder.authinfo(), ids);
  }
  t.end();
});

await t.test('null and empty are kept apart, in data and in authinfo', (t) => {
  const packets = [null, ''].flatMap((data) =>
    [null, []].map((authinfo) => ({ type: 5, zxid: 7, data, authinfo })),
  );
  const decoder = new PacketDecoder(LIMIT);
  decoder.push(encode(packets));
  for (const packet of packets) {
    t.ok(decoder.next());
    t.same(read(decoder), packet);
    t.equal(decoder.hasData, packet.data !== null);
    const reader = new JuteReader();
    decoder.openData(reader);
    t.equal(reader.remaining, 0);
    t.throws(() => reader.byte(), { code: 'truncated' });
  }
  t.end();
});

await t.test(
  'a packet that lies whole in a chunk is handed out in place, also behind one that does not',
  (t) => {
    const packet = { type: 2, zxid: 1, data: '616263', authinfo: null };
    const stream = encode([packet, packet, packet]);
    const decoder = new PacketDecoder(LIMIT);
    decoder.push(stream.subarray(0, 30));
    t.ok(decoder.next());
    t.equal(decoder.bytes.buffer, stream.buffer);
    t.notOk(decoder.next());
    const second = Buffer.from(new Uint8Array(stream.subarray(30)));
    decoder.push(second);
    t.ok(decoder.next());
    t.not(decoder.bytes.buffer, second.buffer);
    t.same(read(decoder), packet);
    t.ok(decoder.next());
    t.equal(decoder.bytes.buffer, second.buffer);
    t.same(read(decoder), packet);
    t.end();
  },
);

function refusalOf(stream: Uint8Array, limit: number, chunkBytes: number): unknown {
  const decoder = new PacketDecoder(limit);
  try {
    for (let at = 0; at < stream.length; at += chunkBytes) {
      decoder.push(stream.subarray(at, at + chunkBytes));
      while (decoder.next());
    }
  } catch (error) {
    return error;
  }
  return null;
}

const HEAD = '00000002 0000000100000001';
const MALFORMED = [
  ['data of a negative length', `${HEAD} fffffffe ffffffff`, 'length'],
  ['data of the least length', `${HEAD} 80000000 ffffffff`, 'length'],
  ['data one byte beyond the limit', `${HEAD} 000003ed ffffffff`, 'frame-length'],
  ['data of the greatest length', `${HEAD} 7fffffff ffffffff`, 'frame-length'],
  ['a negative number of ids', `${HEAD} ffffffff fffffffe`, 'length'],
  ['more ids than the limit has room for', `${HEAD} ffffffff 00000100`, 'frame-length'],
  ['the greatest number of ids', `${HEAD} ffffffff 7fffffff`, 'frame-length'],
  ['a scheme of a negative length', `${HEAD} ffffffff 00000001 fffffffe 00000000`, 'length'],
  ['a scheme one byte beyond the limit', `${HEAD} ffffffff 00000001 000003e5 00000000`, 'frame-length'],
  ['an id one byte beyond the limit', `${HEAD} ffffffff 00000001 00000000 000003e5`, 'frame-length'],
  ['a zxid beyond 2^53', '00000002 0020000000000000 ffffffff ffffffff', 'value'],
  ['a zxid below −2^53', '00000002 ffdfffffffffffff ffffffff ffffffff', 'value'],
] as const;

await t.test('what is no packet is a WireError, however it comes', (t) => {
  for (const [what, hex, code] of MALFORMED) {
    for (const chunkBytes of [1, 3, 100]) {
      const refusal = refusalOf(bytesOf(hex), 1024, chunkBytes);
      t.match(refusal, { name: 'WireError', code }, `${what}, ${chunkBytes} bytes at a time`);
    }
  }
  t.end();
});

await t.test('the limit itself is let through, and both ends of what a zxid can be', (t) => {
  const data = '00'.repeat(1024 - 20);
  t.equal(refusalOf(encode([{ type: 2, zxid: 1, data, authinfo: null }]), 1024, 2000), null);
  const id = { scheme: 'digest', id: 'x'.repeat(1024 - 20 - 4 - 6 - 4) };
  t.equal(refusalOf(encode([{ type: 1, zxid: 1, data: null, authinfo: [id] }]), 1024, 7), null);
  const decoder = new PacketDecoder(LIMIT);
  for (const [hex, zxid] of [
    ['001fffffffffffff', 2 ** 53 - 1],
    ['ffe0000000000000', -(2 ** 53)],
    ['ffffffff00000000', -(2 ** 32)],
  ] as const) {
    decoder.push(bytesOf(`00000012 ${hex} ffffffff ffffffff`));
    t.ok(decoder.next());
    t.equal(decoder.zxid, zxid);
  }
  t.end();
});

await t.test('a type that nobody knows is handed out like any other', (t) => {
  const decoder = new PacketDecoder(LIMIT);
  decoder.push(bytesOf('7fffffff 0000000000000000 00000001 aa ffffffff'));
  t.ok(decoder.next());
  t.equal(decoder.type, 0x7fffffff);
  t.equal(decoder.end - decoder.start, 1);
  t.end();
});

await t.test('an announced megabyte takes no more memory than what has come of it', (t) => {
  const faults: string[] = [];
  const stream = encode([{ type: 2, zxid: 1, data: '00'.repeat(LIMIT - 20), authinfo: null }]);
  const decoder = new PacketDecoder(LIMIT);
  for (let at = 0; at < 2000; at++) {
    decoder.push(stream.subarray(at, at + 1));
    decoder.next();
    if (decoder.bytes.length > Math.max(64, 2 * (at + 1)))
      faults.push(`${decoder.bytes.length} after ${at + 1}`);
  }
  t.same(faults, []);
  t.end();
});

await t.test('what follows a packet in another form is handed over whole', (t) => {
  const snap = new JuteWriter();
  writeEmptyPacket(snap, PacketType.snap, 9 as Zxid);
  const rest = Buffer.from('all of this is something else');
  const stream = Buffer.concat([snap.bytes(), rest]);
  for (let cut = 1; cut < stream.length; cut++) {
    const decoder = new PacketDecoder(LIMIT);
    const got: Uint8Array[] = [];
    let isInOtherForm = false;
    const look = (): void => {
      isInOtherForm ||= decoder.next();
      if (!isInOtherForm) return;
      got.push(Buffer.from(decoder.takeRest()));
      t.equal(decoder.buffered, 0);
    };
    // Without a look between the first two: what waits may be in two places.
    decoder.push(stream.subarray(0, cut));
    decoder.push(stream.subarray(cut, cut + 10));
    look();
    decoder.push(stream.subarray(cut + 10));
    look();
    t.equal(Buffer.concat(got).toString(), rest.toString(), `cut at ${cut}`);
    decoder.push(snap.bytes());
    t.ok(decoder.next(), 'and packets go on');
    t.equal(decoder.type, PacketType.snap);
  }
  t.end();
});

await t.test('whatever is done to a stream, decoding it throws nothing but WireError', (t) => {
  const faults: string[] = [];
  for (let seed = 1; seed <= 20 * SEEDS; seed++) {
    const prng = new Prng(seed);
    const stream = encode(packetsFrom(prng, 4));
    for (let n = 1 + prng.below(8); n > 0; n--) {
      stream[prng.below(stream.length)] = [0, 0x7f, 0x80, 0xff, prng.below(256)][prng.below(5)] ?? 0;
    }
    const decoder = new PacketDecoder(4096);
    try {
      for (const chunk of segments(stream, prng, 60)) {
        decoder.push(chunk);
        while (decoder.next()) decoder.authinfo();
      }
    } catch (error) {
      if (!(error instanceof WireError)) faults.push(`seed ${seed}: ${String(error)}`);
    }
  }
  t.same(faults, []);
  t.end();
});
