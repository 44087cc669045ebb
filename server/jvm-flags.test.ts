import t from 'tap';
import { parseJvmFlags, splitFlags } from './jvm-flags.ts';

await t.test('a java command line becomes properties and the arguments of the class', async (t) => {
  const words = '-Xmx1g -cp a.jar:b.jar -Dzookeeper.snapCount=5 -Dx=a=b -Dempty org.X zoo.cfg -Dx=2'.split(
    ' ',
  );
  const { properties, rest } = parseJvmFlags(words);
  t.same(
    [...properties],
    [
      ['zookeeper.snapCount', '5'],
      ['x', '2'],
      ['empty', ''],
    ],
  );
  t.same(rest, ['org.X', 'zoo.cfg']);
});

await t.test('flags in the environment are split at blanks outside quotes', async (t) => {
  t.same(splitFlags(' -Da="b c"  -Xmx1g\t"-Dd=e f" '), ['-Da=b c', '-Xmx1g', '-Dd=e f']);
  t.same(splitFlags(''), []);
});
