import t from 'tap';
import { UsageError } from './exit-code.ts';
import { chooseFault, type FaultFlags } from './fault-choice.ts';
import type { TargetPlan } from './target.ts';

function choice(flags: FaultFlags, serverCount: number, canCrash = true, program = 'stampede'): string {
  const servers = Array.from({ length: serverCount }, (_, index) => ({
    id: index + 1,
    program,
    isObserver: false,
    takesPreload: program === 'stampede',
  }));
  const plan = {
    name: 'zk1:2181',
    serverCount,
    canCrash,
    field: { servers, config: {} },
  } as unknown as TargetPlan;
  const chosen = chooseFault(flags, plan);
  return chosen === null ? 'nothing' : `${chosen.rounds} × ${chosen.fault.name}`;
}

await t.test('where nobody says, the one server or the leader is killed once', async (t) => {
  t.equal(choice({}, 1), '1 × kill-any');
  t.equal(choice({}, 3), '1 × kill-leader');
  t.equal(choice({}, 3, false), 'nothing');
  t.equal(choice({ rounds: 5 }, 3), '5 × kill-leader');
  t.equal(choice({ rounds: 0 }, 3), 'nothing');
});

await t.test('a fault and how often are chosen, --kills for short', async (t) => {
  t.equal(choice({ fault: 'pause-leader' }, 3), '1 × pause-leader');
  t.equal(choice({ fault: 'kill-all', rounds: 200 }, 5), '200 × kill-all');
  t.equal(choice({ kills: 20 }, 3), '20 × kill-any');
  t.equal(choice({ kills: 0 }, 1, false), 'nothing');
});

const REFUSED: readonly (readonly [
  flags: FaultFlags,
  serverCount: number,
  canCrash: boolean,
  message: RegExp,
])[] = [
  [
    { fault: 'kill-laeder' },
    3,
    true,
    /--fault kill-laeder: there is no such fault; give one of kill-any, kill-leader/,
  ],
  [
    { fault: 'kill-leader' },
    1,
    true,
    /--fault kill-leader: kill-leader needs at least 2 servers, and there is 1; say --servers 3/,
  ],
  [
    { kills: 1, fault: 'kill-any' },
    3,
    true,
    /--kills 1 is --fault kill-any --rounds 1; give one or the other/,
  ],
  [{ kills: 1, rounds: 1 }, 3, true, /give one or the other/],
  [
    { kills: 2 },
    1,
    false,
    /--kills 2: the servers of --target zk1:2181 are not this run's to break; leave it out/,
  ],
  [{ fault: 'kill-leader' }, 3, false, /--fault kill-leader: the servers of --target/],
  [{ rounds: 3 }, 3, false, /--rounds 3: the servers of --target/],
];

await t.test('what cannot be is refused, with what would be right', async (t) => {
  for (const [flags, serverCount, canCrash, message] of REFUSED) {
    t.throws(() => choice(flags, serverCount, canCrash), { name: UsageError.name, message });
  }
});

await t.test('a fault inside of a server is for servers of ours', async (t) => {
  t.equal(choice({ fault: 'slow-flush' }, 3), '1 × slow-flush');
  t.throws(() => choice({ fault: 'slow-flush' }, 3, true, 'apache 3.8.0'), {
    name: UsageError.name,
    message: /--fault slow-flush: .* server 1 is apache 3\.8\.0; choose signals/,
  });
  t.equal(choice({ fault: 'bit-flip-in-log' }, 3, true, 'apache 3.8.0'), '1 × bit-flip-in-log');
});
