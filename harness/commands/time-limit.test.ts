import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { TimeLimit } from './time-limit.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

await t.test('it comes after its time, though the collector was there before', async (t) => {
  const { signal } = new TimeLimit(100, new AbortController().signal);
  const coming = once(signal, 'abort');
  // A turn later: until then what was made in this one is held.
  await new Promise(setImmediate);
  collectGarbage();
  await coming;
  t.equal(signal.aborted, true);
});

await t.test('it comes with the other signal, and is not over then', async (t) => {
  const abort = new AbortController();
  const limit = new TimeLimit(60_000, abort.signal);
  t.equal(limit.signal.aborted, false);
  abort.abort();
  t.equal(limit.signal.aborted, true);
  t.equal(limit.isOver, false);
  limit.end();
});

await t.test('more than a timer takes is not at once', async (t) => {
  const limit = new TimeLimit(2 ** 40, new AbortController().signal);
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(limit.isOver, false);
  limit.end();
});
