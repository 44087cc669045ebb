import t from 'tap';
import { Prng } from '../base/prng.ts';
import { adler32 } from './adler32.ts';

/** As RFC 1950 writes it. */
function reference(bytes: Uint8Array, seed = 1): number {
  let a = seed & 0xffff;
  let b = seed >>> 16;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

await t.test('the checksum of "Wikipedia" is the known one', async (t) => {
  const bytes = new TextEncoder().encode('Wikipedia');
  t.equal(adler32(viewOf(bytes), 0, bytes.length), 0x11e60398);
  t.equal(adler32(viewOf(bytes), 0, 0), 1);
});

await t.test('whatever the range and the seed, it is the definition', async (t) => {
  const prng = new Prng(5);
  const bytes = new Uint8Array(40_000).map(() => prng.uint32());
  for (let i = 0; i < 400; i++) {
    const start = prng.below(bytes.length);
    const end = start + prng.below(bytes.length - start);
    const seed = i % 2 === 0 ? 1 : prng.below(65521) * 65536 + prng.below(65521);
    const expected = reference(bytes.subarray(start, end), seed);
    if (adler32(viewOf(bytes), start, end, seed) !== expected) t.fail(`[${start}, ${end}) from ${seed}`);
  }
});

await t.test('no sum overflows: a megabyte of 255s on top of the largest seed', async (t) => {
  const bytes = new Uint8Array(1 << 20).fill(255);
  const seed = 65520 * 65536 + 65520;
  t.equal(adler32(viewOf(bytes), 0, bytes.length, seed), reference(bytes, seed));
});
