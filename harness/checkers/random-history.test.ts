import t from 'tap';
import { falseAlarmOfEnsemble } from './self-test/false-alarms.ts';

await t.test('no history of a correct ensemble is called anything but valid', async (t) => {
  const seeds = Array.from({ length: 2000 }, (_, seed) => seed);
  t.same(
    seeds.flatMap((seed) => falseAlarmOfEnsemble(seed) ?? []),
    [],
  );
});
