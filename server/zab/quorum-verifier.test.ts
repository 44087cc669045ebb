import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import t from 'tap';
import type { ServerId } from '../base/server-id.ts';
import { HierarchicalQuorums } from './hierarchical.ts';
import { MajorityQuorums } from './majority.ts';
import { readMembership } from './membership-lines.ts';
import type { QuorumVerifier } from './quorum-verifier.ts';

const ids = (...numbers: number[]): ServerId[] => numbers as ServerId[];
const range = (count: number): ServerId[] => ids(...Array.from({ length: count }, (_, i) => i + 1));

function hierarchical(
  groups: number[][],
  weights: Readonly<Record<number, number>> = {},
): HierarchicalQuorums {
  return new HierarchicalQuorums({
    groups: new Map(groups.map((servers, i) => [i + 1, ids(...servers)])),
    weights: new Map(groups.flat().map((server) => [server as ServerId, weights[server] ?? 1])),
  });
}

function isQuorum(verifier: QuorumVerifier, ...servers: number[]): boolean {
  return verifier.containsQuorum(new Set(ids(...servers)));
}

/** For every set of them, bit i of its number being the i-th. */
function verdicts(verifier: QuorumVerifier, servers: readonly ServerId[]): boolean[] {
  return Array.from({ length: 1 << servers.length }, (_, bits) =>
    verifier.containsQuorum(new Set(servers.filter((_server, i) => (bits & (1 << i)) !== 0))),
  );
}

/** Two quorums with nobody in common, or a quorum that one more server undoes; `null` where neither exists. */
function flawOf(verifier: QuorumVerifier): string | null {
  const all = [...verifier.voters];
  const serversOf = (bits: number): ServerId[] => all.filter((_server, i) => (bits & (1 << i)) !== 0);
  const everybody = (1 << all.length) - 1;
  const isQuorum = verdicts(verifier, all);
  for (let bits = 0; bits <= everybody; bits++) {
    if (isQuorum[bits] !== true) continue;
    if (isQuorum[everybody & ~bits] === true)
      return `${serversOf(bits).join()} and all others are both quorums`;
    const other = all.findIndex((_, i) => isQuorum[bits | (1 << i)] === false);
    if (other !== -1) return `${serversOf(bits).join()} is a quorum without ${all[other]} only`;
  }
  return null;
}

await t.test('a majority is more than half', async (t) => {
  const smallest = { 1: 1, 2: 2, 3: 2, 4: 3, 5: 3, 6: 4, 7: 4 };
  for (const [count, size] of Object.entries(smallest)) {
    const verifier = new MajorityQuorums(range(Number(count)));
    t.notOk(verifier.containsQuorum(new Set(range(size - 1))), `${size - 1} of ${count}`);
    t.ok(verifier.containsQuorum(new Set(range(size))), `${size} of ${count}`);
  }
  t.notOk(isQuorum(new MajorityQuorums([])), 'nobody decides nothing');
});

await t.test('whoever is no voter is never counted', async (t) => {
  const majority = new MajorityQuorums(range(3));
  t.notOk(isQuorum(majority, 1, 4, 5, 6));
  t.equal(majority.weightOf(2 as ServerId), 1);
  t.equal(majority.weightOf(4 as ServerId), 0);
  // The weight of an observer, which Apache takes and prints.
  const groups = new Map([[1, range(3)]]);
  const weights = new Map(range(4).map((server) => [server, 1]));
  const hierarchy = new HierarchicalQuorums({ groups, weights });
  t.same([...hierarchy.voters], [1, 2, 3]);
  t.notOk(isQuorum(hierarchy, 1, 4));
  t.equal(hierarchy.weightOf(4 as ServerId), 0);
});

await t.test('a quorum has most of most groups', async (t) => {
  const verifier = hierarchical([
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ]);
  t.ok(isQuorum(verifier, 1, 2, 5, 6));
  t.notOk(isQuorum(verifier, 1, 2, 3, 4, 7), 'five of nine, and one group only');
  const two = hierarchical([[1, 2, 3], [4]]);
  t.notOk(isQuorum(two, 1, 2, 3), 'one of two groups is not more than half');
  t.ok(isQuorum(two, 1, 2, 4));
});

await t.test('a group counts with more than half of its weight', async (t) => {
  const verifier = hierarchical([[1, 2, 3]], { 1: 3 });
  t.ok(isQuorum(verifier, 1));
  t.notOk(isQuorum(verifier, 2, 3));
  const even = hierarchical([[1, 2]], { 1: 2, 2: 2 });
  t.notOk(isQuorum(even, 1), 'half is not more than half');
  const odd = hierarchical([[1, 2]], { 1: 3, 2: 2 });
  t.ok(isQuorum(odd, 1), '3 of 5');
  t.notOk(isQuorum(odd, 2), '2 of 5');
});

await t.test('weight 0 decides nothing and leads nobody, and a group of it does not count', async (t) => {
  const verifier = hierarchical(
    [
      [1, 2, 3],
      [4, 5],
    ],
    { 3: 0, 4: 0, 5: 0 },
  );
  t.equal(verifier.weightOf(3 as ServerId), 0);
  t.notOk(isQuorum(verifier, 1, 3, 4, 5));
  t.ok(isQuorum(verifier, 1, 2), 'the one group with weight is all there are');
  t.ok(verifier.voters.has(4 as ServerId), 'they vote nevertheless');
  t.notOk(isQuorum(hierarchical([[1, 2]], { 1: 0, 2: 0 }), 1, 2));
});

await t.test('a server in two groups is nobody’s mistake but ours', async (t) => {
  t.throws(() => hierarchical([[1, 2], [2]]), { name: 'AssertionError' });
});

await t.test('every set of voters is the quorum that it is to Apache, of 150 ensembles', async (t) => {
  const recorded = readFileSync('server/zab/testdata/apache-3.8.0.quorums', 'utf8').trim().split('\n');
  t.equal(recorded.length, 4 * 150);
  for (let i = 0; i < recorded.length; i += 4) {
    const [lines = '', text, weights, quorums] = recorded.slice(i, i + 4);
    const { verifier, ...membership } = readMembership(
      lines.split(' ').map((line) => ({ key: line.replace(/=.*/, ''), value: line.replace(/.*=/, '') })),
      0,
    );
    const voters = [...verifier.voters].toSorted((a, b) => a - b);
    const ours = {
      text: membership.text.replaceAll('\n', ' '),
      weights: voters.map((voter) => verifier.weightOf(voter)).join(' '),
      quorums: verdicts(verifier, voters)
        .map((verdict) => (verdict ? 1 : 0))
        .join(''),
    };
    t.same(ours, { text, weights, quorums }, lines);
  }
});

await t.test('of every ensemble up to seven, any two majorities have a server in common', async (t) => {
  for (let count = 1; count <= 7; count++) {
    t.equal(flawOf(new MajorityQuorums(range(count))), null, `of ${count}`);
  }
});

await t.test('of every division of up to seven servers into groups, any two quorums intersect', async (t) => {
  let checked = 0;
  for (let count = 1; count <= 7; count++) {
    for (const groups of divisions(count)) {
      // Every server once without weight, and once with that of three.
      for (const weights of [{}, ...range(count).flatMap((server) => [{ [server]: 0 }, { [server]: 3 }])]) {
        const flaw = flawOf(hierarchical(groups, weights));
        if (flaw !== null) t.fail(flaw, { groups, weights });
        checked++;
      }
    }
  }
  t.equal(checked, 16_549);
});

await t.test('and with any weights', async () => {
  const weighted = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 7 })), { minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(weighted, (servers) => {
      const groups = [0, 1, 2, 3]
        .map((group) => servers.flatMap(([of], i) => (of === group ? [i + 1] : [])))
        .filter((group) => group.length > 0);
      const weights = Object.fromEntries(servers.map(([, weight], i) => [i + 1, weight]));
      return flawOf(hierarchical(groups, weights)) === null;
    }),
    { numRuns: 1000 },
  );
});

/** Every way to put 1…count into groups. */
function divisions(count: number): number[][][] {
  if (count === 0) return [[]];
  return divisions(count - 1).flatMap((groups) => [
    ...groups.map((_, i) => groups.map((group, j) => (i === j ? [...group, count] : group))),
    [...groups, [count]],
  ]);
}
