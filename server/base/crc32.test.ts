import { crc32 as reference } from 'node:zlib';
import * as fc from 'fast-check';
import t from 'tap';
import { crc32 } from './crc32.ts';

await t.test('is zlib’s, of any length and continued from anything', async (t) => {
  t.equal(crc32(Buffer.from('123456789')), 0xcbf43926);
  t.equal(crc32(new Uint8Array(0)), 0);
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(bytes, bytes, (first, second) => {
      return crc32(second, crc32(first)) === reference(Buffer.concat([first, second]));
    }),
  );
});
