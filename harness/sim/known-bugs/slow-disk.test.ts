import t from 'tap';
import type { SimNode } from '../sim-node.ts';
import { Scenario } from '../testing/scenario.ts';

const SEEDS = [1, 2, 3, 4, 5, 6];

await t.test(
  'a follower whose disk hangs and then fails shows nothing that its disk does not have (B18, ZOOKEEPER-4882)',
  async (t) => {
    for (const seed of SEEDS) {
      const scenario = new Scenario(seed);
      t.ok(scenario.write(10));
      const victim = scenario.others(scenario.leader())[0] as SimNode;
      const { ghost } = scenario.simulation;
      const server = ghost.server(victim.id);
      victim.diskFactor = 1e6;
      t.ok(scenario.write(10), `seed ${seed}: the other two go on`);
      t.ok(scenario.lastLoggedOf(victim) > server.durable, `seed ${seed}: it waits for its disk`);
      t.ok(server.applied <= server.durable, `applied ${server.applied}, durable ${server.durable}`);

      let failed = 0;
      victim.diskFaults = ({ type }) => {
        if (type !== 'writeDurably' && type !== 'flush') return null;
        failed++;
        return { errno: 'EIO' };
      };
      victim.diskFactor = 1;
      victim.disk.hurry();
      t.ok(
        scenario.waitFor(() => victim.state === 'down'),
        `seed ${seed}: it ends itself`,
      );
      t.ok(failed > 0);
      victim.healDisk();
      victim.start();
      t.ok(scenario.converges(), `seed ${seed}`);
      t.ok(scenario.write(10));
      victim.kill();
      victim.start();
      t.ok(scenario.converges(), `seed ${seed}: and after one more restart`);
      t.equal(scenario.violation, null);
    }
  },
);
