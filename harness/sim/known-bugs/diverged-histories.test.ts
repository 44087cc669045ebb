import t from 'tap';
import type { SimNode } from '../sim-node.ts';
import { Scenario, TICK_MS } from '../testing/scenario.ts';

// What one server has logged alone must go, what a quorum has must come to everybody, whoever starts when. The
// simulation's own properties judge all the while; a test here says that it came as far as it claims.

const SEEDS = [1, 2, 3, 4, 5, 6];

/** Cuts the leader off until it has logged something that nobody else has, for the clients that are with it. */
function leaderWithOrphans(scenario: Scenario): SimNode | undefined {
  if (!scenario.waitFor(() => scenario.isComplete()) || !scenario.write(20)) return undefined;
  const leader = scenario.leader();
  if (leader === undefined) return undefined;
  scenario.part([leader], scenario.others(leader), true);
  return scenario.waitFor(() => scenario.hasOrphans(leader), 2 * TICK_MS) ? leader : undefined;
}

await t.test(
  'what only a leader that died has logged is gone when it returns (B01, ZOOKEEPER-1154, 1156, 962)',
  async (t) => {
    let replaced = 0;
    for (const seed of SEEDS) {
      const scenario = new Scenario(seed, { voters: 5, clients: 20 });
      const old = leaderWithOrphans(scenario);
      if (old === undefined) {
        t.fail(`seed ${seed}: no leader with orphans`);
        continue;
      }
      old.kill();
      const hasSuccessor = scenario.waitFor(() => scenario.leader() !== undefined);
      t.ok(hasSuccessor && scenario.write(10), `seed ${seed}: the others write on`);
      scenario.part([old], scenario.others(old), false);
      const orphan = scenario.lastLoggedOf(old);
      old.start();
      t.ok(scenario.converges(), `seed ${seed}`);
      t.ok(scenario.lastLoggedOf(old) > orphan, `seed ${seed}: its log goes on in the new epoch`);
      t.equal(scenario.violation, null);
      replaced += scenario.count('sync TRUNC') + scenario.count('sync SNAP');
    }
    t.ok(replaced >= SEEDS.length);
  },
);

await t.test(
  'a server that comes with nothing gets what is in the log and not in memory any more (B02, ZOOKEEPER-1319)',
  async (t) => {
    for (const seed of SEEDS) {
      const scenario = new Scenario(seed, { limits: { commitLogCount: 1 }, absent: [1] });
      const [late, ...two] = scenario.nodes as [SimNode, SimNode, SimNode];
      t.ok(scenario.write(10));
      for (const node of two) node.kill();
      for (const node of two) node.start();
      t.ok(scenario.waitFor(() => two.every((node) => scenario.isServing(node))));
      late.start();
      t.ok(scenario.converges(), `seed ${seed}`);
      t.equal(scenario.violation, null);
    }
  },
);

await t.test(
  'a leader that was left goes back to its disk before it votes: its orphans do not return (B07, ZOOKEEPER-2845)',
  async (t) => {
    for (const seed of SEEDS) {
      const scenario = new Scenario(seed, { clients: 6 });
      t.ok(scenario.waitFor(() => scenario.isComplete()) && scenario.write(20));
      const old = scenario.leader() as SimNode;
      const two = scenario.others(old);
      scenario.part([old], two, true);
      for (const node of two) node.cutPower();
      for (const node of two) node.start();
      t.ok(
        scenario.waitFor(() => scenario.hasOrphans(old), 2 * TICK_MS),
        `seed ${seed}: it logs alone`,
      );
      const orphan = scenario.lastLoggedOf(old);
      t.ok(
        scenario.waitFor(() => two.some((node) => scenario.isServing(node))),
        'the others have a leader',
      );
      scenario.part([old], two, false);
      t.ok(scenario.converges(), `seed ${seed}`);
      t.equal(old.starts, 1, 'it came back without a restart');
      t.ok(scenario.write(5));
      old.kill();
      old.start();
      t.ok(scenario.converges(), `seed ${seed}: after its restart`);
      t.ok(scenario.lastLoggedOf(old) > orphan);
      t.equal(scenario.violation, null);
    }
  },
);
