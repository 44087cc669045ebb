import t, { type Test } from 'tap';
import { Holds } from './holds.ts';
import { FakeEnsemble } from './testing/fake-ensemble.ts';

const GOES_ON = new AbortController().signal;

async function scene(t: Test): Promise<{ readonly ensemble: FakeEnsemble; readonly holds: Holds }> {
  const ensemble = await FakeEnsemble.start(3);
  t.teardown(() => ensemble.stop());
  return { ensemble, holds: new Holds(ensemble) };
}

await t.test('what two hold down comes back when the last of them lets go', async (t) => {
  const { ensemble, holds } = await scene(t);
  const [one, other] = [{}, {}];
  await holds.takeDown(1, one);
  holds.holdDown(1, other);
  t.notOk(holds.isFree(1));
  await holds.bringUp(1, one, GOES_ON);
  t.same(ensemble.events, ['kill 1']);
  await holds.bringUp(1, other, GOES_ON);
  t.same(ensemble.events, ['kill 1', 'restart 1']);
  t.ok(holds.isFree(1));
  await holds.bringUp(1, other, GOES_ON);
  t.equal(ensemble.events.length, 2, 'who holds nothing lets nothing go');
});

await t.test(
  'what two hold still goes on when the last of them lets go, and what has ended does not',
  async (t) => {
    const { ensemble, holds } = await scene(t);
    const [one, other] = [{}, {}];
    await holds.holdStill(2, one);
    await holds.holdStill(2, other);
    await holds.letGo(2, one);
    t.same(ensemble.events, ['pause 2', 'pause 2']);
    await holds.letGo(2, other);
    t.equal(ensemble.events.at(-1), 'resume 2');
    await holds.holdStill(3, one);
    await holds.takeDown(3, other);
    await holds.letGo(3, one);
    t.equal(ensemble.events.at(-1), 'kill 3');
  },
);

await t.test('at the end of a run nobody is started', async (t) => {
  const { ensemble, holds } = await scene(t);
  const owner = {};
  await holds.takeDown(1, owner);
  await holds.bringUp(1, owner, AbortSignal.abort());
  t.same(ensemble.events, ['kill 1']);
});
