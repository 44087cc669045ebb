import t from 'tap';
import { BLOCK_BYTES, BlockBuffer, BlockBuffers } from './block-buffer.ts';

function filled(length: number, byte: number): Uint8Array {
  return new Uint8Array(length).fill(byte);
}

await t.test('what is written next begins with what stands in front of it in its block', async (t) => {
  const buffer = new BlockBuffer();
  t.equal(buffer.compose([filled(4000, 1), filled(200, 2)], 0), 4200);
  t.same([buffer.offset, buffer.content.length], [0, 2 * BLOCK_BYTES]);
  t.equal(buffer.compose([filled(10, 3)], 4190), 10);
  t.same([buffer.offset, buffer.content.length], [BLOCK_BYTES, BLOCK_BYTES]);
  t.same([...buffer.content], [...filled(94, 2), ...filled(10, 3), ...filled(BLOCK_BYTES - 104, 0)]);
});

await t.test('what is more than there is room for is for the next time', async (t) => {
  const buffer = new BlockBuffer();
  buffer.compose([filled(100, 1)], 0);
  const taken = buffer.compose([filled(5 << 20, 2), filled(5 << 20, 3)], 100);
  t.equal(taken, (8 << 20) - 100, 'whole blocks are full');
  t.equal(buffer.content.length, 8 << 20);
  t.same([...buffer.content.subarray(98, 102)], [1, 1, 2, 2]);
  t.equal(buffer.content.at(-1), 3);
  t.equal(buffer.compose([filled(1, 4)], 100 + taken), 1);
  t.same([buffer.offset, buffer.content.length], [8 << 20, BLOCK_BYTES]);
});

await t.test('no array is detached by it, which would make all others of the process slow', async (t) => {
  const buffer = new BlockBuffer();
  const content = (buffer.compose([filled(1, 1)], 0), buffer.content);
  buffer.compose([filled(8 << 20, 2)], 0);
  t.equal(content.length, BLOCK_BYTES);
  t.equal(content[1], 2);
});

await t.test('it says where it does not know what stands there', async (t) => {
  const buffer = new BlockBuffer();
  t.ok(buffer.reaches(0));
  t.ok(buffer.reaches(BLOCK_BYTES));
  t.notOk(buffer.reaches(BLOCK_BYTES + 1));
  buffer.compose([filled(5000, 1)], 0);
  t.ok(buffer.reaches(5000));
  buffer.cutAt(4500);
  t.ok(buffer.reaches(4500));
  t.notOk(buffer.reaches(4501));
  buffer.room().fill(7, 0, 3);
  buffer.learned(3 * BLOCK_BYTES, 3);
  t.ok(buffer.reaches(3 * BLOCK_BYTES + 3));
  buffer.compose([filled(1, 9)], 3 * BLOCK_BYTES + 2);
  t.same([...buffer.content.subarray(0, 4)], [7, 7, 9, 0]);
});

await t.test('memory is used again', (t) => {
  const buffers = new BlockBuffers();
  const first = buffers.take();
  if (first === null) throw new Error('no memory that begins at a page');
  first.compose([filled(100, 1)], 0);
  buffers.giveBack(first);
  t.equal(buffers.take(), first);
  t.notOk(first.reaches(100), 'of another file nothing is known');
  t.end();
});
