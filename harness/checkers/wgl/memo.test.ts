import t from 'tap';
import { Memo } from './memo.ts';

function mask(...words: number[]): Int32Array {
  return Int32Array.from(words);
}

await t.test('configurations of one hash are told apart by all that they are', async (t) => {
  const memo = new Memo(2);
  t.ok(memo.add(7, 1, 2, mask(3, 4)));
  t.notOk(memo.add(7, 1, 2, mask(3, 4)));
  t.ok(memo.add(7, 9, 2, mask(3, 4)), 'another first operation');
  t.ok(memo.add(7, 1, 9, mask(3, 4)), 'another state');
  t.ok(memo.add(7, 1, 2, mask(9, 4)), 'another set');
  t.ok(memo.add(7, 1, 2, mask(3, 9)), 'another set beyond 32 operations');
  t.equal(memo.size, 5);
});

await t.test('what it has met it knows again, however much that is', async (t) => {
  const memo = new Memo(1);
  const addAll = (): number => {
    let added = 0;
    for (let each = 0; each < 10_000; each++) {
      if (memo.add(each % 1000, Math.floor(each / 100), -each, mask(each % 100))) added++;
    }
    return added;
  };
  t.equal(addAll(), 10_000);
  t.equal(addAll(), 0);
  t.ok(memo.bytes > 10_000 * 4 * 4, `${memo.bytes} bytes`);
});
