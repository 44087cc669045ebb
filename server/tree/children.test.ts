import * as fc from 'fast-check';
import t from 'tap';
import { JuteReader } from '../wire/jute-reader.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { Children } from './children.ts';

function namesIn(encoded: Uint8Array): string[] {
  const reader = new JuteReader(encoded);
  const names: string[] = [];
  while (reader.remaining > 0) names.push(reader.string());
  return names;
}

function childrenOf(count: number): Children {
  const children = new Children();
  for (let i = 0; i < count; i++) children.add(`n${i}`);
  return children;
}

await t.test('a short list is not kept', (t) => {
  t.equal(childrenOf(1023).encoded(), null);
  const children = childrenOf(1024);
  t.same(namesIn(children.encoded() ?? new Uint8Array(0)), [...children]);
  children.delete('n7');
  t.equal(children.encoded(), null);
  t.end();
});

await t.test('a long one is written once, and what comes is written behind it', (t) => {
  const children = childrenOf(2000);
  const first = children.encoded();
  t.equal(children.encoded()?.buffer, first?.buffer);
  children.add('one more');
  children.add('n5');
  const second = children.encoded();
  t.equal(second?.length, (first?.length ?? 0) + 4 + 'one more'.length);
  t.same(namesIn(second ?? new Uint8Array(0)), [...children]);
  t.end();
});

await t.test('what nobody asks for any more is not written for ever', (t) => {
  const children = childrenOf(2000);
  children.encoded();
  const written = t.capture(JuteWriter.prototype, 'string', function (this: JuteWriter, name: string | null) {
    this.buffer(Uint8Array.from(name ?? '', (char) => char.charCodeAt(0)));
  });
  for (let i = 2000; i < 20_000; i++) children.add(`n${i}`);
  t.ok(written().length < 3000, 'as soon as it has twice the length');
  t.same(namesIn(children.encoded() ?? new Uint8Array(0)), [...children]);
  t.end();
});

await t.test(
  'names made to be like each other do not make it dearer to keep the list than to write it anew',
  (t) => {
    const end = 'x'.repeat(200);
    const children = new Children();
    for (let i = 10_000; i < 20_000; i++) children.add(`${i}${end}`);
    let next = 10_000;
    const quickestAfter = (goneCount: number): number => {
      let quickest = Infinity;
      for (let round = 0; round < 8; round++) {
        for (let i = 0; i < goneCount; i++) children.delete(`${next++}${end}`);
        const startedMs = performance.now();
        const encoded = children.encoded();
        quickest = Math.min(quickest, performance.now() - startedMs);
        if (round === 0) t.same(namesIn(encoded ?? new Uint8Array(0)), [...children]);
      }
      return quickest;
    };
    const anewMs = quickestAfter(17);
    const keptMs = quickestAfter(16);
    t.ok(keptMs < 3 * anewMs, `${keptMs} ms, and anew ${anewMs} ms`);
    t.end();
  },
);

await t.test('whatever comes and goes, it is the list, and what was given out stays as it was', (t) => {
  const name = fc.integer({ min: 0, max: 1120 }).map((i) => (i % 9 === 0 ? `ä${i}` : `n${i}`));
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ f: fc.constant('delete' as const), name }) },
    { weight: 4, arbitrary: fc.record({ f: fc.constant('add' as const), name }) },
    { weight: 1, arbitrary: fc.record({ f: fc.constant('encoded' as const), name: fc.constant('') }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const children = childrenOf(1100);
      const expected = new Set(children);
      children.encoded();
      const given: { readonly bytes: Uint8Array; readonly names: readonly string[] }[] = [];
      for (const { f, name } of [...steps, { f: 'encoded' as const, name: '' }]) {
        if (f === 'encoded') {
          const bytes = children.encoded();
          if (bytes !== null) given.push({ bytes, names: [...expected] });
          else if (expected.size >= 1024) return false;
          continue;
        }
        children[f](name);
        expected[f](name);
      }
      const bytes = [...expected].reduce((sum, one) => sum + 4 + one.length, 0);
      if (children.size !== expected.size || children.approximateBytes !== bytes) return false;
      return given.every(({ bytes, names }) => namesIn(bytes).join() === names.join());
    }),
  );
  t.end();
});
