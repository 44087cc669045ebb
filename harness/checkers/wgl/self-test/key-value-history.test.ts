import t from 'tap';
import { checkLinearizable } from '../wgl.ts';
import { byKey, keyValueHistory } from './key-value-history.ts';
import { KEY_VALUE_MIXES } from './key-value-mixes.ts';

await t.test('of key-value histories those with a stale read are refused, and no others', async (t) => {
  const small = KEY_VALUE_MIXES.filter(({ operations }) => operations <= 1000);
  t.same(new Set(small.map(({ isStale }) => isStale)), new Set([true, false]));
  for (const mix of small) {
    const others = Array.from({ length: 100 }, (_, at) => at + 1).filter((seed) => {
      const { verdict } = checkLinearizable(byKey(keyValueHistory({ ...mix, seed })));
      return verdict !== (mix.isStale ? 'invalid' : 'valid');
    });
    t.same(others, [], JSON.stringify(mix));
  }
});
