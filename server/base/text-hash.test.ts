import * as fc from 'fast-check';
import t from 'tap';
import { hashOfAscii, hashOfText } from './text-hash.ts';

await t.test('bytes and the text they are have the same hash, wherever they lie', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), fc.nat(9), (text, start) => {
      const bytes = Buffer.from(`${'x'.repeat(start)}${text}y`);
      return hashOfAscii(bytes, start, start + text.length) === hashOfText(text);
    }),
  );
  t.end();
});

await t.test('paths of a load have hashes of their own', (t) => {
  const paths = Array.from({ length: 10_000 }, (_, i) => `/bench/k${String(i).padStart(6, '0')}/state`);
  const slots = new Set(paths.map((path) => hashOfText(path) & ((1 << 17) - 1)));
  t.ok(slots.size > 9000, `${slots.size} slots of 131,072 for 10,000 paths`);
  t.end();
});
