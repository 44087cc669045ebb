import t from 'tap';
import { parseDirectives } from './digest-md5-directives.ts';

await t.test('directives are read with their quotes, escapes and blanks', (t) => {
  for (const [text, expected] of [
    ['', {}],
    ['a=b', { a: 'b' }],
    ['A=b,c="d,\\"e\\\\="', { a: 'b', c: 'd,"e\\=' }],
    [' a = b ,, c="" ,', { a: 'b', c: '' }],
    ['response=00ff,qop=auth,digest-uri="x/y"', { response: '00ff', qop: 'auth', 'digest-uri': 'x/y' }],
    ['__proto__=x', { ['__proto__']: 'x' }],
  ] as const) {
    t.same(parseDirectives(text), new Map(Object.entries(expected)), text);
  }
  t.end();
});

await t.test('what is none is null', (t) => {
  const wrong = [
    'a',
    'a=',
    '=b',
    'a="b',
    'a="b"c',
    'a=b c',
    'a=b,a=b',
    'a=b,A="c"',
    'a=b,c',
    'a=x/y',
    '"a"=b',
    ',',
  ];
  for (const text of wrong) t.equal(parseDirectives(text), null, text);
  t.equal(parseDirectives(`a="${'\\"'.repeat(100_000)}`), null);
  t.end();
});
