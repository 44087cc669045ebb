import t from 'tap';
import { JuteReader } from './jute-reader.ts';
import { JuteWriter } from './jute-writer.ts';

await t.test('a value that does not fit any more is written to the grown buffer', async (t) => {
  const writer = new JuteWriter(1);
  writer.byte(1);
  writer.byte(2);
  writer.int(3);
  writer.long(4);
  writer.bigLong(5n);
  writer.raw(new Uint8Array(100).fill(6));
  const reader = new JuteReader(writer.bytes());
  t.same([reader.byte(), reader.byte(), reader.int(), reader.long(), reader.bigLong()], [1, 2, 3, 4, 5n]);
  t.same(reader.rest(), new Uint8Array(100).fill(6));
});
