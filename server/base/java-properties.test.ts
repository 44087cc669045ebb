import t from 'tap';
import { parseProperties, withoutProperties } from './java-properties.ts';

const pairs = (text: string) => parseProperties(text).map(({ key, value }) => [key, value]);

await t.test('comments and blank lines say nothing, and every separator separates', async (t) => {
  t.same(pairs('# a=1\n  ! b=2\n\n \t\nc=3\nd : 4\r\ne 5\rf\t=\t6\ng=\nh'), [
    ['c', '3'],
    ['d', '4'],
    ['e', '5'],
    ['f', '6'],
    ['g', ''],
    ['h', ''],
  ]);
});

await t.test('only the first separator counts, and a value keeps the rest', async (t) => {
  t.same(pairs('server.1=zoo1:2888:3888;2181\na==b\nk = v w  '), [
    ['server.1', 'zoo1:2888:3888;2181'],
    ['a', '=b'],
    ['k', 'v w  '],
  ]);
});

await t.test('a line ending in an odd number of backslashes goes on in the next', async (t) => {
  t.same(parseProperties('a=x,\\\n   y\nb=z\\\\\n#no\nc=1\\\n#yes'), [
    { key: 'a', value: 'x,y', line: 1, lastLine: 2 },
    { key: 'b', value: 'z\\', line: 3, lastLine: 3 },
    { key: 'c', value: '1#yes', line: 5, lastLine: 6 },
  ]);
});

await t.test('a backslash with nothing to continue is a blank line', async (t) => {
  t.same(pairs('\\\n\n#c\na=1\\'), [['a', '1']]);
});

await t.test('escapes are read as Java reads them, in keys too', async (t) => {
  t.same(pairs('a\\=b\\ c=\\t\\u0041\\q\ndataDir=C:\\zk'), [
    ['a=b c', '\tAq'],
    ['dataDir', 'C:zk'],
  ]);
});

await t.test('without some of its properties a text is what it was in everything else', async (t) => {
  const text = '# who\r\nserver.1=\\\n  a:1:2\n\n ! why\rtickTime = 2\nserver.2=b:1:2';
  t.equal(
    withoutProperties(text, (key) => key.startsWith('server.')),
    '# who\r\n\n ! why\rtickTime = 2\n',
  );
  t.equal(
    withoutProperties(text, () => false),
    text,
  );
});
