import t from 'tap';
import { Prng } from '../base/prng.ts';
import { makeZxid } from '../base/zxid.ts';
import { PeerState } from '../wire/election/notification.ts';
import type { Membership } from './membership.ts';
import { compareVotes } from './vote.ts';
import { ElectionWorld, type TestServer } from './testing/election-world.ts';
import { hierarchical, hostOf, majority, membershipOf } from './testing/test-membership.ts';

interface Ensemble {
  readonly name: string;
  readonly membership: Membership;
  /** Runs of each scenario, by the size of the ensemble. */
  readonly seeds: number;
}

/** Set to 100 or so for a long run. */
const SEEDS_FACTOR = Number(process.env['STAMPEDE_SEEDS_FACTOR'] ?? 1);

const GROUPS = [
  [
    { id: 1, weight: 1 },
    { id: 2, weight: 1 },
    { id: 3, weight: 1 },
  ],
  [
    { id: 4, weight: 2 },
    { id: 5, weight: 1 },
  ],
  [
    { id: 6, weight: 1 },
    { id: 7, weight: 0 },
  ],
];

const ENSEMBLES: readonly Ensemble[] = [
  { name: 'three voters', membership: membershipOf(majority([1, 2, 3])), seeds: 100 },
  {
    name: 'five voters and two observers',
    membership: membershipOf(majority([1, 2, 3, 4, 5]), { observers: [6, 7] }),
    seeds: 30,
  },
  { name: 'seven voters', membership: membershipOf(majority([1, 2, 3, 4, 5, 6, 7])), seeds: 20 },
  {
    name: 'three groups with weights',
    membership: membershipOf(hierarchical(GROUPS), { observers: [8] }),
    seeds: 25,
  },
];

/** In the virtual network a message takes at most this long; so much is not a timer. */
const DELAY_MAX_MS = 2;
const WITHOUT_TIMERS_MS = 20 * DELAY_MAX_MS;

/** One run of a scenario: throws where a claim does not hold. */
class Run {
  readonly world: ElectionWorld;
  readonly prng: Prng;

  constructor({ membership }: Ensemble, seed: number, trace?: (line: string) => void) {
    const prng = new Prng(seed);
    this.prng = prng.fork('script');
    const options = { prng, membership, delayMaxMs: DELAY_MAX_MS };
    this.world = new ElectionWorld(trace === undefined ? options : { ...options, trace });
  }

  claim(condition: boolean, what: string): asserts condition {
    if (!condition) throw new Error(what);
  }

  startAll(): void {
    for (const server of this.world.servers.values()) if (!server.isRunning) server.start();
  }

  pass(ms: number): void {
    this.world.time.runUntil(this.world.time.nowMs + ms);
  }

  untilLed(withinMs: number): TestServer {
    const { time } = this.world;
    time.runUntil(time.nowMs + withinMs, () => this.world.leader !== null);
    const { leader } = this.world;
    this.claim(leader !== null, `no leader that all follow after ${withinMs} ms`);
    return leader;
  }

  /** Everybody stays with this leader, and nobody looks again. */
  stays(leader: TestServer, forMs: number): void {
    const before = this.world.running.map(({ lookCount }) => lookCount).join();
    this.pass(forMs);
    this.claim(this.world.leader === leader, 'the leader has not stayed');
    const after = this.world.running.map(({ lookCount }) => lookCount).join();
    this.claim(before === after, 'somebody looked again');
  }

  /** Logs of different lengths and epochs, as crashes leave them. */
  scatter(): void {
    for (const { stored } of this.world.servers.values()) {
      stored.currentEpoch = this.prng.below(3);
      stored.acceptedEpoch = stored.currentEpoch;
      stored.zxid = makeZxid(this.prng.below(stored.currentEpoch + 1), this.prng.below(4));
    }
  }

  /** Some have not got the last transactions. */
  write(leader: TestServer): void {
    const { verifier } = this.world.options.membership;
    const have = [leader];
    for (const follower of this.prng.shuffled([...leader.followers])) {
      if (verifier.containsQuorum(new Set(have.map(({ id }) => id)))) break;
      have.push(follower);
    }
    const zxid = makeZxid(leader.stored.currentEpoch, 1 + this.prng.below(1000));
    for (const server of have) server.stored.zxid = zxid;
  }

  best(servers: readonly TestServer[]): TestServer {
    const { verifier } = this.world.options.membership;
    const candidates = servers.filter(({ id, isVoter }) => isVoter && verifier.weightOf(id) > 0);
    return candidates.reduce((left, right) => (compareVotes(voteOf(left), voteOf(right)) > 0 ? left : right));
  }

  hasQuorum(servers: readonly TestServer[]): boolean {
    return this.world.options.membership.verifier.containsQuorum(new Set(servers.map(({ id }) => id)));
  }
}

function voteOf({ id, stored }: TestServer) {
  return { leader: id, zxid: stored.zxid, electionEpoch: 0, peerEpoch: stored.currentEpoch };
}

type Scenario = (run: Run) => void;

/** A run that fails is done again, to say what happened in it. */
async function forEverySeed(claim: string, scenario: Scenario): Promise<void> {
  for (const ensemble of ENSEMBLES) {
    await t.test(`${ensemble.name}: ${claim}`, (t) => {
      let seed = 0;
      for (; seed < ensemble.seeds * SEEDS_FACTOR; seed++) {
        try {
          scenario(new Run(ensemble, seed));
        } catch {
          const lines: string[] = [];
          const run = new Run(ensemble, seed, (line) => lines.push(line));
          t.doesNotThrow(() => scenario(run), `seed ${seed}`);
          t.comment(lines.slice(-60).join('\n'));
          break;
        }
      }
      t.equal(seed, ensemble.seeds * SEEDS_FACTOR, 'runs that held');
      t.end();
    });
  }
}

await forEverySeed(
  'who starts together elects the best of them in one round, without a timer',
  (run: Run) => {
    run.scatter();
    const best = run.best([...run.world.servers.values()]);
    run.startAll();
    const leader = run.untilLed(WITHOUT_TIMERS_MS);
    run.claim(leader === best, `${leader.id} is not the best`);
    run.claim(
      run.world.running.every(({ lookCount }) => lookCount === 1),
      'more than one round',
    );
    run.stays(leader, 10_000);
  },
);

await forEverySeed('who survives a leader elects the best of the rest, without a timer', (run: Run) => {
  run.startAll();
  for (;;) {
    const leader = run.untilLed(1000);
    run.write(leader);
    const survivors = run.world.running.filter((server) => server !== leader);
    if (!run.hasQuorum(survivors)) break;
    run.pass(run.prng.below(2) * 1000);
    const best = run.best(survivors);
    leader.crash();
    const next = run.untilLed(WITHOUT_TIMERS_MS);
    run.claim(next === best, `${next.id} is not the best`);
  }
});

await forEverySeed('who was away joins the leader that stands, without a timer', (run: Run) => {
  run.startAll();
  const leader = run.untilLed(1000);
  for (let i = 0; i < 4; i++) {
    const candidates = run.world.running.filter((server) => {
      return server !== leader && run.hasQuorum(run.world.running.filter((other) => other !== server));
    });
    const [away] = run.prng.shuffled(candidates);
    if (away === undefined) break;
    away.crash();
    run.pass(run.prng.below(3) * 200);
    // Whatever it brings along, it is too late for it.
    away.stored.zxid = makeZxid(away.stored.currentEpoch, 5000);
    away.start();
    run.claim(run.untilLed(WITHOUT_TIMERS_MS) === leader, 'another leader');
    run.claim(away.lookCount === 1, 'it took more than one election');
  }
  run.stays(leader, 5000);
});

await forEverySeed('a leader that is cut off is replaced, and joins when it is back', (run: Run) => {
  run.startAll();
  const leader = run.untilLed(1000);
  run.write(leader);
  const rest = run.world.running.filter((server) => server !== leader);
  if (!run.hasQuorum(rest)) return;
  run.world.isolate(leader.id);
  const { time } = run.world;
  const isReplaced = (): boolean =>
    rest.some((server) => {
      return server.isEstablished && server.state === PeerState.leading;
    });
  run.claim(time.runUntil(time.nowMs + 1000 + WITHOUT_TIMERS_MS, isReplaced), 'no other leader');
  run.pass(2000 + run.prng.below(10_000));
  run.claim(leader.state === PeerState.looking, 'the old leader leads on');
  run.world.network.heal();
  const next = run.untilLed(6000);
  run.claim(next !== leader, 'the old leader leads again');
  run.stays(next, 10_000);
});

await forEverySeed('without a quorum nobody is elected, and with it somebody is at once', (run: Run) => {
  run.scatter();
  const order = run.prng.shuffled([...run.world.servers.values()]);
  for (;;) {
    const server = order.pop();
    run.claim(server !== undefined, 'all run and are no quorum');
    if (run.hasQuorum([...run.world.running, server])) {
      run.pass(run.prng.below(30_000));
      run.claim(
        run.world.running.every(({ state }) => state === PeerState.looking),
        'elected without a quorum',
      );
      server.start();
      // Up to a second between attempts to reach it, and the wait for those that could be better.
      run.untilLed(1000 + 100 + WITHOUT_TIMERS_MS);
      return;
    }
    server.start();
    run.pass(run.prng.below(500));
  }
});

await forEverySeed(
  'after any sequence of crashes, cuts and broken connections one leader is left',
  (run: Run) => {
    const { world, prng } = run;
    const servers = [...world.servers.values()];
    run.scatter();
    for (let i = 0; i < 40; i++) {
      const [one, other] = prng.shuffled(servers) as [TestServer, TestServer];
      const what = prng.below(8);
      if (what < 3 && !one.isRunning) one.start();
      else if (what < 2 && one.isRunning) one.crash();
      else if (what === 3) world.network.breakConnections(hostOf(one.id), hostOf(other.id));
      else if (what === 4) world.network.cut(hostOf(one.id), hostOf(other.id));
      else if (what === 5) world.isolate(one.id);
      else if (what === 6) world.network.heal();
      else if (world.leader !== null) run.write(world.leader);
      run.pass(prng.below(2) === 0 ? prng.next() * 10 : prng.next() * 500);
    }
    world.network.heal();
    for (const server of prng.shuffled(servers)) if (!server.isRunning) server.start();
    // Who was cut off from its leader gives it up even if the cut has healed by now.
    run.pass(2500);
    // A leader that waits for a quorum gives up after 4 s (the world's initLimit), as does who follows in vain.
    const leader = run.untilLed(10_000);
    run.stays(leader, 20_000);
  },
);
