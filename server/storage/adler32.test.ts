import { readFileSync } from 'node:fs';
import t from 'tap';
import wabt from 'wabt';
import { Prng } from '../base/prng.ts';
import { adler32, plainAdler32 } from './adler32.ts';
import { ADLER32_WASM, createVectorAdler32 } from './adler32-vectors.ts';

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

const vectors = createVectorAdler32() ?? plainAdler32;

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
  const bytes = new Uint8Array(200_000).map(() => prng.uint32());
  for (let i = 0; i < 400; i++) {
    const start = prng.below(bytes.length);
    const end = start + prng.below(bytes.length - start);
    const seed = i % 2 === 0 ? 1 : prng.below(65521) * 65536 + prng.below(65521);
    const expected = reference(bytes.subarray(start, end), seed);
    for (const checksum of [adler32, plainAdler32, vectors])
      if (checksum(viewOf(bytes), start, end, seed) !== expected)
        t.fail(`${checksum.name}: [${start}, ${end}) from ${seed}`);
  }
  t.equal(vectors(viewOf(bytes), 7, 7, 5), 5);
});

await t.test('no sum overflows: a megabyte of 255s on top of the largest seed', async (t) => {
  const bytes = new Uint8Array(1 << 20).fill(255);
  const seed = 65520 * 65536 + 65520;
  t.equal(vectors(viewOf(bytes), 0, bytes.length, seed), reference(bytes, seed));
  t.equal(plainAdler32(viewOf(bytes), 0, bytes.length, seed), reference(bytes, seed));
});

await t.test('a part of a larger memory is that part', (t) => {
  const memory = new Uint8Array(4096).map((_, i) => i);
  const part = memory.subarray(1000, 3000);
  t.equal(vectors(viewOf(part), 500, 1500, 1), reference(memory.subarray(1500, 2500)));
  t.end();
});

await t.test('this processor has vectors, and there is memory for it', async (t) => {
  t.not(createVectorAdler32(), null);
});

await t.test('what is run is what adler32.wat says', async (t) => {
  const path = new URL('../../../server/storage/adler32.wat', import.meta.url);
  const module = (await wabt()).parseWat('adler32.wat', readFileSync(path, 'utf8'), { simd: true });
  t.equal(Buffer.from(module.toBinary({}).buffer).toString('hex'), ADLER32_WASM);
});
