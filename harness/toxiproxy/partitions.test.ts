import t from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { bridged, deafened, halves, isolated, majoritiesRing, muted, type Way } from './partitions.ts';

/** Who still hears whom, by listener. */
function heard(servers: readonly number[], ways: readonly Way[]): string {
  return servers
    .map((to) => {
      const from = servers.filter((id) => !ways.some((way) => way.from === id && way.to === to));
      return `${to}:${from.join('')}`;
    })
    .join(' ');
}

const FIVE = [1, 2, 3, 4, 5];

await t.test('one alone, one that is not heard, one that does not hear', async (t) => {
  t.equal(heard([1, 2, 3], isolated([1, 2, 3], 2)), '1:13 2:2 3:13');
  t.equal(heard([1, 2, 3], muted([1, 2, 3], 2)), '1:13 2:123 3:13');
  t.equal(heard([1, 2, 3], deafened([1, 2, 3], 2)), '1:123 2:2 3:123');
});

await t.test('whatever the seed, no side of a partition reaches the other', async (t) => {
  for (let seed = 0; seed < 50; seed++) {
    const groups = heard(FIVE, halves(FIVE, new Prng(seed))).split(' ');
    const sides = new Set(groups.map((group) => group.slice(2)));
    t.equal(sides.size, 2);
    t.same(
      [...sides].map(({ length }) => length).sort((a, b) => a - b),
      [2, 3],
    );
  }
});

await t.test('a bridge reaches both sides, which do not reach each other', async (t) => {
  for (let seed = 0; seed < 50; seed++) {
    const reached = heard(FIVE, bridged(FIVE, new Prng(seed)))
      .split(' ')
      .map((group) => group.length - 2);
    t.same(
      reached.sort((a, b) => a - b),
      [3, 3, 3, 3, 5],
    );
  }
  t.equal(bridged([1, 2, 3], new Prng(1)).length, 2, 'of three servers two do not reach each other');
});

await t.test('in a ring each has a majority, and no two the same', async (t) => {
  for (let seed = 0; seed < 50; seed++) {
    for (const servers of [FIVE, [1, 2, 3, 4, 5, 6, 7]]) {
      const groups = heard(servers, majoritiesRing(servers, new Prng(seed)))
        .split(' ')
        .map((group) => group.slice(2));
      t.equal(new Set(groups).size, servers.length);
      t.ok(groups.every(({ length }) => length > servers.length / 2));
    }
  }
});
