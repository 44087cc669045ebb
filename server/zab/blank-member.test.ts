import t from 'tap';
import { Prng } from '../base/prng.ts';
import { makeZxid } from '../base/zxid.ts';
import { PeerState } from '../wire/election/notification.ts';
import { ElectionWorld } from './testing/election-world.ts';
import { majority, membershipOf } from './testing/test-membership.ts';

/** Longer than any timer of an election. */
const LONG_MS = 60_000;

function worldOf(seed: number): ElectionWorld {
  const world = new ElectionWorld({ prng: new Prng(seed), membership: membershipOf(majority([1, 2, 3])) });
  for (const server of world.servers.values()) server.stored.isBlank = true;
  return world;
}

await t.test(
  'a server whose disk was replaced helps nobody to lead who may lack what it had (B05, ZOOKEEPER-261, 2325, 3644)',
  async (t) => {
    for (let seed = 1; seed <= 50; seed++) {
      const world = worldOf(seed);
      // 1 and 3 had acknowledged a txn that 2 had not got yet; then 1 went down, and 3 lost its disk.
      Object.assign(world.server(1).stored, { isBlank: false, currentEpoch: 1, zxid: makeZxid(1, 10) });
      Object.assign(world.server(2).stored, { isBlank: false, currentEpoch: 1, zxid: makeZxid(1, 9) });
      world.server(2).start();
      world.server(3).start();
      world.time.runUntil(LONG_MS);
      t.equal(world.leader, null, `nobody leads (seed ${seed})`);

      world.server(1).start();
      world.time.runUntil(2 * LONG_MS);
      t.equal(world.leader?.id, 1, `and with 1 back, 1 does (seed ${seed})`);
    }
  },
);

await t.test('servers that are all blank make an ensemble', async (t) => {
  for (let seed = 1; seed <= 50; seed++) {
    const world = worldOf(seed);
    for (const server of world.servers.values()) server.start();
    world.time.runUntil(LONG_MS);
    t.equal(world.leader?.id, 3, `seed ${seed}`);
  }
});

await t.test('one that comes late finds a blank leader, and gives it its vote', async (t) => {
  for (let seed = 1; seed <= 50; seed++) {
    const world = worldOf(seed);
    for (const id of [1, 2]) world.server(id).start();
    world.time.runUntil(10, () => world.server(2).state === PeerState.leading);
    world.server(3).start();
    world.time.runUntil(LONG_MS);
    t.ok(world.leader, `seed ${seed}`);
    t.notOk(world.server(3).election?.hasAbstained, `and it counts (seed ${seed})`);
  }
});

await t.test('a blank server joins a standing ensemble', async (t) => {
  for (let seed = 1; seed <= 50; seed++) {
    const world = worldOf(seed);
    for (const id of [1, 2]) {
      Object.assign(world.server(id).stored, { isBlank: false, currentEpoch: 1, zxid: makeZxid(1, 10) });
      world.server(id).start();
    }
    world.time.runUntil(LONG_MS);
    world.server(3).start();
    world.time.runUntil(2 * LONG_MS);
    t.equal(world.leader?.id, 2, `seed ${seed}`);
  }
});
