import t from 'tap';
import { parseBigJson } from './big-json.ts';

await t.test('longs keep all their digits, and strings what is in them', (t) => {
  t.same(
    parseBigJson(
      '{ "a" : -1152921504606846975, "b" : [ 72057594037927936, 3 ], "c" : 2.0, "1234567890123456789" : null }',
    ),
    { a: '-1152921504606846975', b: ['72057594037927936', 3], c: 2, '1234567890123456789': null },
  );
  const hostile = { '/a : 12345678901234567': '", \\" 98765432109876543 \\' };
  t.same(parseBigJson(JSON.stringify(hostile)), hostile);
  t.throws(() => parseBigJson('too many requests'));
  t.end();
});
