import * as fc from 'fast-check';
import t from 'tap';
import { ValuePool } from './value-pool.ts';

await t.test(
  'a copy is independent of what it was made from, whether its memory is new or used',
  async (t) => {
    const pool = new ValuePool();
    const source = new Uint8Array(200).fill(1);
    const first = pool.copyOf(source);
    source.fill(2);
    t.same(first, new Uint8Array(200).fill(1));

    pool.release(first, 200);
    const second = pool.copyOf(source);
    t.equal(second, first, 'the memory is used again');
    t.same(second, new Uint8Array(200).fill(2));
    t.not(pool.copyOf(source), second, 'and by one at a time');
  },
);

await t.test('a buffer is used again for its own length only', async (t) => {
  const pool = new ValuePool();
  pool.release(new Uint8Array(300), 300);
  t.equal(pool.copyOf(new Uint8Array(299))?.length, 299);
  t.equal(pool.copyOf(null), null);
});

await t.test('what waits to be used again is bounded', async (t) => {
  const pool = new ValuePool();
  const given = Array.from({ length: 400 }, () => new Uint8Array(64 << 10));
  for (const buffer of given) pool.release(buffer, buffer.length);
  const reused = given
    .map(() => pool.copyOf(new Uint8Array(64 << 10)))
    .filter((copy) => given.includes(copy as never));
  t.equal(reused.length, 256, '16 MiB of it');
});

await t.test('values share memory, and no byte of it', (t) => {
  const lengths = fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 60 });
  fc.assert(
    fc.property(lengths, fc.infiniteStream(fc.boolean()), (lengths, isReleased) => {
      const pool = new ValuePool();
      const held: { readonly bytes: Uint8Array; readonly fill: number }[] = [];
      for (const [i, length] of lengths.entries()) {
        const bytes = pool.copyOf(new Uint8Array(length).fill(i + 1)) ?? new Uint8Array(1);
        if (bytes.length !== length) return false;
        if (isReleased.next().value === true) pool.release(bytes, length);
        else held.push({ bytes, fill: i + 1 });
      }
      return held.every(({ bytes, fill }) => bytes.every((byte) => byte === fill));
    }),
  );
  const pool = new ValuePool();
  const buffers = new Set(Array.from({ length: 16 }, () => pool.copyOf(new Uint8Array(1000))?.buffer));
  t.equal(buffers.size, 1);
  t.end();
});

await t.test('a value that stays keeps little more than itself from being given back', (t) => {
  for (const length of [65, 128, 129, 1024, 4096]) {
    const pool = new ValuePool();
    const kept = new Set<ArrayBufferLike>();
    for (let i = 0; i < 100; i++) {
      const stays = pool.copyOf(new Uint8Array(length));
      if (stays !== null) kept.add(stays.buffer);
      for (const gone of [128, length, 4032]) for (let j = 0; j < 128; j++) pool.copyOf(new Uint8Array(gone));
    }
    const bytes = [...kept].reduce((sum, { byteLength }) => sum + byteLength, 0);
    t.ok(bytes <= 100 * 32 * length, `${bytes} bytes for a hundred values of ${length}`);
  }
  t.end();
});
