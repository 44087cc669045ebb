import * as fc from 'fast-check';
import t from 'tap';
import { hasParent, isSystemPath, isValidPath, nameOf, parentOf, sequenceSuffix } from './path.ts';

await t.test('paths that are accepted', async (t) => {
  const paths = [
    '/',
    '/a',
    '/a/b',
    '/.a',
    '/..a',
    '/a.',
    '/...',
    '/a b',
    '/é',
    '/\u00a0',
    '/\uf900',
    '/\uffef',
  ];
  for (const path of paths) t.equal(isValidPath(path), true, path);
});

await t.test('paths that are refused', async (t) => {
  const paths = ['', 'a', 'a/b', '//', '/a/', '/a//b', '//a', '/.', '/..', '/a/.', '/a/../b', '/a/./b'];
  for (const path of paths) t.equal(isValidPath(path), false, path);
});

const refused = (unit: number): boolean =>
  unit <= 0x1f || (unit >= 0x7f && unit <= 0x9f) || (unit >= 0xd800 && unit <= 0xf8ff) || unit >= 0xfff0;

await t.test('the refused characters are exactly those of the table, by UTF-16 unit', async (t) => {
  const wrong: number[] = [];
  for (let unit = 0; unit <= 0xffff; unit++) {
    if (unit === 0x2f || unit === 0x2e) continue;
    if (isValidPath(`/a${String.fromCharCode(unit)}`) === refused(unit)) wrong.push(unit);
  }
  t.same(wrong, []);
  t.equal(isValidPath('/😀'), false);
});

await t.test('a path is valid just when each of its components is', async () => {
  const component = fc.oneof(
    fc.constantFrom('', '.', '..', 'a', 'zookeeper', 'a\u0000', '\u0085'),
    fc.string({ maxLength: 4 }).map((text) => text.replaceAll('/', '')),
  );
  fc.assert(
    fc.property(fc.array(component, { minLength: 1, maxLength: 4 }), (components) => {
      const path = `/${components.join('/')}`;
      const expected = path === '/' || components.every((name) => isValidPath(`/${name}`) && name !== '');
      return isValidPath(path) === expected;
    }),
    { numRuns: 2000 },
  );
});

await t.test('parent and name put together are the path', async (t) => {
  const name = fc.constantFrom('a', 'bc', 'é', '.x');
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (names) => {
      const path = `/${names.join('/')}`;
      const parent = parentOf(path);
      return (
        isValidPath(parent) && (parent === '/' ? `/${nameOf(path)}` : `${parent}/${nameOf(path)}`) === path
      );
    }),
  );
  t.equal(parentOf('/a'), '/');
  t.equal(parentOf('/'), '/');
});

await t.test('before the parent is looked up only a slash and no NUL are asked for', async (t) => {
  for (const path of ['/', '/a/', 'a/b', '//', '/\u0001']) t.equal(hasParent(path), true, path);
  for (const path of ['', 'a', '/a\u0000']) t.equal(hasParent(path), false, path);
});

await t.test('a sequence number is what %010d prints, the sign after an overflow included', async (t) => {
  t.equal(sequenceSuffix(0), '0000000000');
  t.equal(sequenceSuffix(42), '0000000042');
  t.equal(sequenceSuffix(2 ** 31 - 1), '2147483647');
  t.equal(sequenceSuffix(-1), '-000000001');
  t.equal(sequenceSuffix(-(2 ** 31)), '-2147483648');
});

await t.test('what the server made for itself is not a client’s to delete (trap 43)', async (t) => {
  for (const path of ['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config'])
    t.ok(isSystemPath(path), path);
  for (const path of ['/zookeeper/quota/a', '/zookeepers', '/a', '']) t.notOk(isSystemPath(path), path);
});
