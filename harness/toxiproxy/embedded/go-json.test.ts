import t from 'tap';
import { ApiError } from './api-error.ts';
import { decodeFields, decodeFirst, encode, type Field } from './go-json.ts';

const FIELDS: Readonly<Record<string, Field>> = {
  name: { kind: 'string', path: 'Proxy.name', goType: 'string' },
  enabled: { kind: 'bool', path: 'Proxy.enabled', goType: 'bool' },
  rate: { kind: 'int', path: 'Proxy.rate', goType: 'int64' },
};

await t.test('the first value counts, and what comes after it does not', async (t) => {
  const values: readonly (readonly [string, unknown])[] = [
    ['{"a":"}\\""} {', { a: '}"' }],
    [' [1,[2]]x', [1, [2]]],
    ['12 13', 12],
    ['null{', null],
    ['"a\\\\"b', 'a\\'],
  ];
  for (const [text, value] of values) t.same(decodeFirst(text), value, text);
});

await t.test('what is no JSON is refused in the words of Go', async (t) => {
  const refusals: readonly (readonly [string, string])[] = [
    ['', 'EOF'],
    [' \n', 'EOF'],
    ['{"a":1', 'unexpected EOF'],
    ['"a', 'unexpected EOF'],
    ['[1', 'unexpected EOF'],
    ['xyz', "invalid character 'x' looking for beginning of value"],
  ];
  for (const [text, why] of refusals) {
    t.throws(() => decodeFirst(text), new ApiError(`bad request body: ${why}`, 400), text);
  }
  t.throws(() => decodeFirst('{"a" 1}'), ApiError);
});

await t.test(
  'names match in any case, the last one counts, null is nothing, and the rest is ignored',
  async (t) => {
    t.same(decodeFields({ NAME: 'a', Name: 'b', enabled: null, other: [] }, FIELDS, 'T'), { name: 'b' });
    t.same(decodeFields(null, FIELDS, 'T'), {});
  },
);

await t.test('a value of the wrong type is refused by its field', async (t) => {
  const refusals: readonly (readonly [unknown, string])[] = [
    [{ name: 1 }, 'number into Go struct field Proxy.name of type string'],
    [{ name: ['a'] }, 'array into Go struct field Proxy.name of type string'],
    [{ enabled: 'yes' }, 'string into Go struct field Proxy.enabled of type bool'],
    [{ rate: 1.5 }, 'number 1.5 into Go struct field Proxy.rate of type int64'],
    [{ rate: true }, 'bool into Go struct field Proxy.rate of type int64'],
    [[], 'array into Go value of type T'],
  ];
  for (const [value, why] of refusals) {
    const error = new ApiError(`bad request body: json: cannot unmarshal ${why}`, 400);
    t.throws(() => decodeFields(value, FIELDS, 'T'), error, why);
  }
});

await t.test('what is written means nothing in HTML', async (t) => {
  t.equal(encode({ a: '<&>\u2028' }), '{"a":"\\u003c\\u0026\\u003e\\u2028"}');
});
