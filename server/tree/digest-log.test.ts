import t from 'tap';
import type { Zxid } from '../base/zxid.ts';
import { DigestLog } from './digest-log.ts';

await t.test('every 128th zxid is noted, of which the last thousand are kept', async (t) => {
  const log = new DigestLog();
  for (const zxid of [0, 1, 127, 128, 129, 2 ** 32 + 256]) {
    log.note(zxid as Zxid, { high: 1, low: zxid % 1000 });
  }
  t.same(log.entries(), [
    { zxid: 128, digest: 2n ** 32n + 128n },
    { zxid: 2 ** 32 + 256, digest: 2n ** 32n + BigInt((2 ** 32 + 256) % 1000) },
  ]);
  for (let i = 3; i < 2000; i++) log.note((128 * i) as Zxid, { high: 0, low: i });
  t.equal(log.entries().length, 1024);
  t.equal(log.entries().at(-1)?.zxid, 128 * 1999);
});
