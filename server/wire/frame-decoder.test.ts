import * as fc from 'fast-check';
import t from 'tap';
import { FrameDecoder } from './frame-decoder.ts';
import { WireError } from './wire-error.ts';

const LIMIT = 1_048_575;

function frame(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + payload.length);
  new DataView(bytes.buffer).setInt32(0, payload.length);
  bytes.set(payload, 4);
  return bytes;
}

function payloadOf(decoder: FrameDecoder): Uint8Array {
  // Not `slice` on what may be a Buffer: that would be a view.
  return new Uint8Array(decoder.bytes.subarray(decoder.start, decoder.end));
}

/** Cuts `stream` into copies of the given sizes, which are gone through again and again; Buffers, as sockets give. */
function segments(stream: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; at < stream.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] ?? 1);
    chunks.push(Buffer.from(stream.subarray(at, at + size)));
    at += size;
  }
  return chunks;
}

const payloads = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 900 })), {
  minLength: 1,
  maxLength: 20,
});

await t.test('every segmentation of a stream yields the same frames', (t) => {
  fc.assert(
    fc.property(payloads, sizes, (payloads, sizes) => {
      const decoder = new FrameDecoder(LIMIT);
      const seen: Uint8Array[] = [];
      for (const chunk of segments(Buffer.concat(payloads.map(frame)), sizes)) {
        decoder.push(chunk);
        while (decoder.next()) {
          if (
            decoder.end > decoder.start &&
            decoder.view.getUint8(decoder.start) !== decoder.bytes[decoder.start]
          ) {
            return false;
          }
          seen.push(payloadOf(decoder));
        }
        chunk.fill(0xee);
      }
      return decoder.buffered === 0 && same(seen, payloads);
    }),
  );
  t.end();
});

await t.test('stopping anywhere, keeping and pushing more loses nothing', (t) => {
  const stops = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(payloads, sizes, stops, (payloads, sizes, stops) => {
      const decoder = new FrameDecoder(LIMIT);
      const seen: Uint8Array[] = [];
      let pushed = 0;
      let handedOut = 0;
      for (const [i, chunk] of segments(Buffer.concat(payloads.map(frame)), sizes).entries()) {
        decoder.push(chunk);
        pushed += chunk.length;
        for (let n = stops[i % stops.length] ?? 0; n > 0 && decoder.next(); n--) {
          seen.push(payloadOf(decoder));
          handedOut += 4 + decoder.end - decoder.start;
        }
        decoder.keep();
        chunk.fill(0xee);
        if (decoder.buffered !== pushed - handedOut) return false;
      }
      while (decoder.next()) seen.push(payloadOf(decoder));
      return decoder.buffered === 0 && same(seen, payloads);
    }),
  );
  t.end();
});

await t.test('a frame that lies whole in a chunk is handed out in place', (t) => {
  const chunk = Buffer.concat([frame(Buffer.from('one')), frame(Buffer.from('two'))]);
  const decoder = new FrameDecoder(LIMIT);
  decoder.push(chunk);
  t.ok(decoder.next());
  t.equal(decoder.bytes.buffer, chunk.buffer);
  t.ok(decoder.next());
  t.equal(decoder.bytes.buffer, chunk.buffer);
  t.notOk(decoder.next());
  t.end();
});

await t.test('only the frame that spans two chunks is copied, the ones behind it are not', (t) => {
  const stream = Buffer.concat([frame(Buffer.from('spans')), frame(Buffer.from('whole'))]);
  const decoder = new FrameDecoder(LIMIT);
  decoder.push(stream.subarray(0, 6));
  t.notOk(decoder.next());
  const second = stream.subarray(6);
  decoder.push(second);
  t.ok(decoder.next());
  t.equal(Buffer.from(payloadOf(decoder)).toString(), 'spans');
  t.ok(decoder.next());
  t.equal(decoder.bytes.buffer, second.buffer);
  t.equal(Buffer.from(payloadOf(decoder)).toString(), 'whole');
  t.end();
});

await t.test('what was handed out from an assembled frame is not overwritten by the next', (t) => {
  const decoder = new FrameDecoder(LIMIT);
  const views: Uint8Array[] = [];
  for (const byte of Buffer.concat([frame(Buffer.from('first')), frame(Buffer.from('other'))])) {
    decoder.push(Uint8Array.of(byte));
    while (decoder.next()) views.push(decoder.bytes.subarray(decoder.start, decoder.end));
  }
  t.strictSame(
    views.map((view) => Buffer.from(view).toString()),
    ['first', 'other'],
  );
  t.end();
});

await t.test('a length beyond the limit is refused with its fourth byte, however it comes', (t) => {
  for (const length of [LIMIT + 1, 0x7fffffff, -1, -0x80000000]) {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setInt32(0, length);
    for (const size of [1, 2, 3, 4]) {
      const decoder = new FrameDecoder(LIMIT);
      const chunks = segments(Buffer.concat([frame(Buffer.from('ok')), bytes]), [6, size]);
      const last = chunks.pop() ?? bytes;
      for (const chunk of chunks) {
        decoder.push(chunk);
        while (decoder.next());
      }
      decoder.push(last);
      t.throws(
        () => {
          while (decoder.next());
        },
        new WireError('frame-length', `frame of ${length} bytes, the limit is ${LIMIT}`),
      );
    }
  }
  const decoder = new FrameDecoder(8);
  decoder.push(frame(new Uint8Array(8)));
  t.ok(decoder.next(), 'the limit itself is let through');
  decoder.limit = 7;
  decoder.push(frame(new Uint8Array(8)));
  t.throws(() => decoder.next(), WireError);
  t.end();
});

await t.test('a frame of 1 MiB in drips is copied a bounded number of times', (t) => {
  const payload = new Uint8Array(LIMIT).fill(7);
  for (const size of [1, 3, 1000, 65536]) {
    const stream = frame(payload);
    const decoder = new FrameDecoder(LIMIT);
    const copied = bytesCopied(() => {
      for (let at = 0; at < stream.length; at += size) {
        decoder.push(stream.subarray(at, at + size));
        if (decoder.next()) break;
      }
    });
    t.equal(decoder.end - decoder.start, LIMIT);
    t.ok(copied <= 4 * stream.length, `${copied} bytes copied for ${stream.length} in drips of ${size}`);
  }
  t.end();
});

await t.test('pushes without a look in between are copied a bounded number of times as well', (t) => {
  const stream = Buffer.concat(Array.from({ length: 2000 }, () => frame(new Uint8Array(40))));
  const decoder = new FrameDecoder(LIMIT);
  const copied = bytesCopied(() => {
    for (let at = 0; at < stream.length; at += 5) decoder.push(stream.subarray(at, at + 5));
  });
  t.ok(copied <= 4 * stream.length, `${copied} bytes copied for ${stream.length}`);
  let frames = 0;
  while (decoder.next()) frames++;
  t.equal(frames, 2000);
  t.end();
});

await t.test('an announced megabyte takes no more memory than what has come of it', (t) => {
  const decoder = new FrameDecoder(LIMIT);
  const stream = frame(new Uint8Array(LIMIT));
  let most = 0;
  for (let at = 0; at < 1000; at++) {
    decoder.push(stream.subarray(at, at + 1));
    decoder.next();
    most = Math.max(most, decoder.bytes.length / Math.max(64, 2 * (at + 1)));
  }
  t.ok(most <= 1, `${most} times what has come, doubled`);
  t.end();
});

function same(left: readonly Uint8Array[], right: readonly Uint8Array[]): boolean {
  return (
    left.length === right.length && left.every((bytes, i) => Buffer.compare(bytes, right[i] ?? bytes) === 0)
  );
}

/** Counts what goes through `Uint8Array.set`, the one way the decoder copies. */
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
