import t from 'tap';
import type { ServerId } from '../base/server-id.ts';
import { SessionIds } from './session-ids.ts';

const NOW = 1_700_000_000_000;

function ids(server: number, wallMs: number, count: number): bigint[] {
  const source = new SessionIds(server as ServerId, wallMs);
  return Array.from({ length: count }, () => source.next());
}

await t.test('the ids of Apache’s SessionTrackerImpl.initializeNextSessionId', async (t) => {
  // (time << 24) >>> 8 | id << 56, all in 64 bits.
  t.equal(ids(1, NOW, 1)[0], 0x01_8b_cf_e5_68_00_0000n);
  t.equal(ids(5, NOW, 1)[0], 0x05_8b_cf_e5_68_00_0000n);
  t.equal(ids(254, NOW, 1)[0], BigInt.asIntN(64, 0xfe_8b_cf_e5_68_00_0000n), 'negative ones, too');
});

await t.test('no two servers give out the same, and none gives out one twice', async (t) => {
  const all = [1, 2, 3, 128, 200, 255].flatMap((server) => ids(server, NOW, 1000));
  t.equal(new Set(all).size, all.length);
});

await t.test(
  'a server that starts again is ahead of what it gave out, at 65,000 a millisecond',
  async (t) => {
    const before = ids(3, NOW, 60_000).at(-1) as bigint;
    const [after] = ids(3, NOW + 1, 1);
    t.ok((after as bigint) > before);
  },
);
