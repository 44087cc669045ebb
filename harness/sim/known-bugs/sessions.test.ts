import t from 'tap';
import type { SimNode } from '../sim-node.ts';
import { Scenario, TICK_MS } from '../testing/scenario.ts';

await t.test(
  'sessions that begin and end while a follower is brought up to date do so there too (B03, ZOOKEEPER-1367)',
  async (t) => {
    let closed = 0;
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const scenario = new Scenario(seed, { client: { closeShare: 0.1, moveShare: 0.05 } });
      t.ok(scenario.write(10));
      const late = scenario.others(scenario.leader())[0] as SimNode;
      late.kill();
      t.ok(scenario.write(30));
      late.start();
      t.ok(scenario.converges(), `seed ${seed}`);
      // It leads: what it believes of the sessions counts now, and whoever is gone for good must expire.
      for (const node of scenario.others(late)) node.kill();
      scenario.others(late)[0]?.start();
      const [client] = scenario.simulation.clients;
      t.ok(
        scenario.waitFor(() => scenario.isServing(late)),
        `seed ${seed}: serves again`,
      );
      t.ok(client !== undefined && scenario.write(5), `seed ${seed}: and writes`);
      scenario.waitFor(() => false, 30 * TICK_MS);
      t.equal(scenario.violation, null);
      closed += scenario.count('session closed') + scenario.count('session expired');
    }
    t.ok(closed > 10, `${closed} sessions ended`);
  },
);
