import t from 'tap';
import { createStandaloneServer } from './ensemble-member.ts';
import { Simulation } from './simulation.ts';
import { drawSwarm, type SwarmConfig } from './swarm.ts';

function standalone(seed: number): Simulation {
  const config: SwarmConfig = { ...drawSwarm(seed), voters: 1, observers: 0, safetyEvents: 4000 };
  return new Simulation({ config, createServer: createStandaloneServer, trace: null, isStandalone: true });
}

await t.test('a server alone keeps its promises under every fault', async (t) => {
  let acked = 0;
  for (let seed = 1; seed <= 15; seed++) {
    const result = standalone(seed).run();
    acked += result.ackedWrites;
    if (result.violation !== null) {
      t.fail(`seed ${seed}: ${result.violation.property} ${result.violation.message}`);
      return;
    }
  }
  t.ok(acked > 1000, `${acked} writes were acknowledged`);
});

await t.test('the same seed is the same run', async (t) => {
  for (let seed = 1; seed <= 3; seed++) {
    const first = standalone(seed).run();
    const second = standalone(seed).run();
    t.equal(first.hash, second.hash, `seed ${seed}`);
    t.equal(first.events, second.events);
  }
});
