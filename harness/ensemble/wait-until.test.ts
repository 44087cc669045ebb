import t from 'tap';
import { waitUntil } from './wait-until.ts';

await t.test('it asks until the answer is yes', async (t) => {
  let asked = 0;
  t.equal(await waitUntil(async () => ++asked === 3, { timeoutMs: 60_000, everyMs: 1 }), 'met');
  t.equal(asked, 3);
});

await t.test('it ends in time, having asked at least once', async (t) => {
  let asked = 0;
  const no = async (): Promise<boolean> => {
    asked++;
    return false;
  };
  t.equal(await waitUntil(no, { timeoutMs: 0, everyMs: 1 }), 'timeout');
  t.ok(asked > 0);
});

await t.test('it ends at once when it is aborted, also in the middle of a pause', async (t) => {
  const abort = new AbortController();
  const waiting = waitUntil(async () => false, { timeoutMs: 60_000, everyMs: 60_000, signal: abort.signal });
  setImmediate(() => abort.abort());
  t.equal(await waiting, 'aborted');
  t.equal(await waitUntil(async () => true, { timeoutMs: 1, signal: abort.signal }), 'aborted');
});
