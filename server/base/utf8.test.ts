import * as fc from 'fast-check';
import t from 'tap';
import { decodeUtf8, encodeUtf8Into, utf8Length } from './utf8.ts';

function encode(text: string): Uint8Array {
  const bytes = new Uint8Array(3 * text.length);
  return bytes.subarray(0, encodeUtf8Into(text, bytes, 0));
}

function decode(bytes: Uint8Array): string {
  return decodeUtf8(bytes, 0, bytes.length);
}

const units = fc
  .array(fc.oneof(fc.nat(0x7f), fc.nat(0xffff), fc.integer({ min: 0xd800, max: 0xdfff })), { maxLength: 200 })
  .map((units) => String.fromCharCode(...units));

await t.test(
  'every string is read back as it was written, lone surrogates and a leading BOM included',
  (t) => {
    fc.assert(
      fc.property(units, (text) => decode(encode(text)) === text),
      { numRuns: 1000 },
    );
    for (const text of [
      '\ufeffname',
      '\ud83d',
      '\ude00\ud83d',
      'a\u0000b',
      '',
      'x'.repeat(97),
      '\u00e9'.repeat(97),
    ]) {
      t.equal(decode(encode(text)), text);
    }
    t.end();
  },
);

await t.test('utf8Length is what encodeUtf8Into writes', (t) => {
  fc.assert(fc.property(units, (text) => encode(text).length === utf8Length(text)));
  t.end();
});

await t.test('without surrogates it is ordinary UTF-8, both ways', (t) => {
  const scalars = units.map((text) => text.replace(/[\ud800-\udfff]/g, '\u20ac'));
  fc.assert(
    fc.property(scalars, (text) => {
      const bytes = Buffer.from(text);
      return Buffer.compare(bytes, encode(text)) === 0 && decode(bytes) === text;
    }),
  );
  t.end();
});

await t.test('a surrogate pair is written as six bytes and read from six or from four', (t) => {
  const pair = '\ud83d\ude00';
  t.equal(Buffer.from(encode(`a${pair}b`)).toString('hex'), '61eda0bdedb88062');
  t.equal(decode(Buffer.from('61eda0bdedb88062', 'hex')), `a${pair}b`);
  t.equal(decode(Buffer.from('61f09f988062', 'hex')), `a${pair}b`);
  t.end();
});

await t.test('bad bytes become U+FFFD and what is around them stays', (t) => {
  for (const hex of ['ff', 'c3', 'e282', 'ed', 'eda0', 'ed80', '80', 'f09f98', 'edc080', 'eda0ff']) {
    const text = decode(Buffer.from(`61${hex}62`, 'hex'));
    t.match(text, /^a\ufffd+b$/, hex);
    t.match(decode(Buffer.from(`61${hex}`, 'hex')), /^a\ufffd+$/, `${hex} at the end`);
  }
  t.equal(decode(Buffer.from('ed9fbf', 'hex')), '\ud7ff', 'the last one before the surrogates');
  t.end();
});

await t.test('decoding bytes of any kind throws nothing and looks at nothing outside its range', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const around = Buffer.concat([Buffer.of(0x80, 0xed, 0xa0), bytes, Buffer.of(0x80, 0x80, 0x80)]);
      return decodeUtf8(around, 3, 3 + bytes.length) === decode(bytes);
    }),
    { numRuns: 1000 },
  );
  t.end();
});

await t.test('strings that share a slot of the cache are not mistaken for each other', (t) => {
  // Many more than there are slots, twice, so that each is decoded both fresh and after its slot was taken.
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 40_000; i++) {
      const path = `/bench/k${i}`;
      const decoded = decode(Buffer.from(path));
      if (decoded !== path) t.fail(`${decoded} for ${path}`);
    }
  }
  t.end();
});

await t.test('the memory a string was read from may change afterwards', (t) => {
  const bytes = Buffer.from('/some/path');
  const path = decode(bytes);
  bytes.fill(0x78);
  t.equal(path, '/some/path');
  t.equal(decode(Buffer.from('/some/path')), '/some/path');
  t.end();
});
