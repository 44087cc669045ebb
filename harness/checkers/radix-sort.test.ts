import t from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { radixSort } from './radix-sort.ts';

await t.test('rows come in the order of their keys, and rows of one key as they were', async (t) => {
  const faults: string[] = [];
  for (let seed = 0; seed < 300; seed++) {
    const prng = new Prng(seed);
    const size = prng.below(200);
    // Spans from one digit to all of them, at offsets up to where a double is still exact.
    const span = 2 ** prng.below(53);
    const offset = prng.below(2) === 0 ? 0 : 2 ** 53 - span;
    const keys = Float64Array.from({ length: size }, () => offset + Math.floor(prng.next() * span));
    const rows = Int32Array.from({ length: size }, (_, index) => index);
    const expected = [...rows].sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
    const sorted = [...radixSort(rows.slice(), keys)];
    if (sorted.join() !== expected.join())
      faults.push(`seed ${seed}: ${size} keys over ${span} from ${offset}`);
  }
  t.same(faults, []);
});

await t.test('only the rows asked for are sorted', async (t) => {
  const keys = Float64Array.of(5, 4, 3, 2, 1);
  t.same([...radixSort(Int32Array.of(0, 2, 4), keys)], [4, 2, 0]);
  t.same([...radixSort(Int32Array.of(3), keys)], [3]);
});
