import t from 'tap';
import { SILENT_LOG } from '../base/log.ts';
import { Prng } from '../base/prng.ts';
import type { ServerId } from '../base/server-id.ts';
import { makeZxid } from '../base/zxid.ts';
import { type Notification, PeerState } from '../wire/election/notification.ts';
import { Election } from './election.ts';
import { id, majority, membershipOf } from './testing/test-membership.ts';
import { VirtualTime } from './testing/virtual-time.ts';

// Every order in which the messages of three servers can arrive, and every moment at which they can start and one
// of them can crash. A server is a function of what it has been told, so two orders that tell each of them the same
// things are one.

const SERVERS = [1, 2, 3];
const MEMBERSHIP = membershipOf(majority(SERVERS));

interface Scenario {
  /** The counter of each server's last zxid: who has the longest log. */
  readonly logs: readonly number[];
  /** Messages overtake each other in the sender's queue, of which only the newest is kept, or none is ever lost. */
  readonly isNewestOnly: boolean;
  /** A server that may crash once, at any moment. */
  readonly mayCrash: number | null;
}

/** Something that can happen next, as it stands in the histories. */
type Step = string;

class Trio {
  readonly time = new VirtualTime();
  readonly elections = new Map<number, Election>();
  readonly #scenario: Scenario;
  readonly #started = new Set<number>();
  readonly #channels = new Map<string, Notification[]>();
  /** What each server was told, in its order. */
  readonly #histories = new Map<number, string[]>();
  /** Who has still to find out that one has crashed. */
  readonly #ignorant = new Set<number>();
  #crashed: number | null = null;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    for (const server of SERVERS) {
      this.#histories.set(server, []);
      this.elections.set(server, this.#electionOf(server));
    }
  }

  get alive(): number[] {
    return SERVERS.filter((server) => server !== this.#crashed);
  }

  /** Two worlds with the same key go on in the same way: the same was told, and the same is on its way. */
  get key(): string {
    const told = [...this.#histories.values()].map((history) => history.join());
    const underway = [...this.#channels].map(([channel, queue]) => `${channel} ${queue.map(brief).join()}`);
    return [...told, ...underway.sort(), this.#crashed].join(' | ');
  }

  get leaders(): (number | null)[] {
    return this.alive.map((server) => {
      const election = this.#election(server);
      return this.#started.has(server) && election.state !== PeerState.looking ? election.vote.leader : null;
    });
  }

  get steps(): Step[] {
    const steps: Step[] = [];
    for (const server of this.alive) if (!this.#started.has(server)) steps.push(`start ${server}`);
    for (const [channel, queue] of this.#channels) {
      const to = Number(channel.slice(-1));
      if (queue.length > 0 && this.#started.has(to)) steps.push(`tell ${channel}`);
    }
    for (const server of this.#ignorant) if (this.#started.has(server)) steps.push(`miss ${server}`);
    const { mayCrash } = this.#scenario;
    if (mayCrash !== null && this.#crashed === null && this.#started.has(mayCrash)) steps.push('crash');
    return steps;
  }

  take(step: Step): void {
    const [what, channel = ''] = step.split(' ');
    const server = Number(channel.slice(-1));
    if (what === 'crash') this.#crash();
    else if (what === 'start') {
      this.#started.add(server);
      this.#note(server, 'start');
      this.#look(server);
    } else if (what === 'miss') {
      this.#ignorant.delete(server);
      this.#note(server, 'miss');
      this.#election(server).onPeerDown(id(this.#crashed ?? 0));
    } else {
      const notification = this.#channels.get(channel)?.shift();
      if (notification === undefined) throw new Error(`nothing to ${step}`);
      this.#note(server, `${channel[0]}:${brief(notification)}`);
      this.#election(server).onNotification(id(Number(channel[0])), notification);
    }
  }

  /** Nothing is left to happen at once: time passes, and everybody hears everything. */
  settle(): void {
    for (let i = 0; i < 100; i++) {
      for (let [step] = this.steps; step !== undefined; [step] = this.steps) this.take(step);
      this.time.runUntil(this.time.nowMs + 50);
    }
  }

  #electionOf(server: number): Election {
    const election: Election = new Election({
      self: id(server),
      membership: MEMBERSHIP,
      timers: this.time,
      log: SILENT_LOG,
      effects: {
        send: (to, notification) => this.#send(server, to, notification),
        withdraw: () => {},
        onElected: () => {},
        onDoubt: () => this.#look(server),
        onNewerConfig: () => {},
      },
    });
    return election;
  }

  #election(server: number): Election {
    const election = this.elections.get(server);
    if (election === undefined) throw new Error(`no server ${server}`);
    return election;
  }

  #look(server: number): void {
    if (server === this.#crashed) return;
    const counter = this.#scenario.logs[server - 1] ?? 0;
    this.#election(server).look({ zxid: makeZxid(1, counter), peerEpoch: 1 });
  }

  #send(from: number, to: ServerId, notification: Notification): void {
    if (from === this.#crashed || to === this.#crashed) return;
    const channel = `${from}${to}`;
    let queue = this.#channels.get(channel);
    if (queue === undefined) this.#channels.set(channel, (queue = []));
    if (this.#scenario.isNewestOnly) queue.length = 0;
    queue.push(notification);
  }

  #crash(): void {
    const { mayCrash } = this.#scenario;
    this.#crashed = mayCrash;
    for (const [channel, queue] of this.#channels) if (channel.includes(String(mayCrash))) queue.length = 0;
    this.#election(mayCrash ?? 0).stop();
    for (const server of this.alive) this.#ignorant.add(server);
  }

  #note(server: number, what: string): void {
    this.#histories.get(server)?.push(what);
  }
}

/** With these logs a leader has one vote only, so that this says all of it. */
function brief({ state, leader, electionEpoch }: Notification): string {
  return `${state}${leader}@${electionEpoch}`;
}

/** Comes by every world that can be; `judge` is shown those in which nothing more happens without time passing. */
function explore(scenario: Scenario, judge: (trio: Trio, path: readonly Step[]) => void): number {
  const seen = new Set<string>();
  const open: Step[][] = [[]];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const trio = new Trio(scenario);
    for (const step of path) trio.take(step);
    // A world cannot be copied, so each other way on from here begins at the beginning, and one goes on at once.
    while (!seen.has(trio.key)) {
      seen.add(trio.key);
      const [next, ...others] = trio.steps;
      if (next === undefined) {
        judge(trio, path);
        break;
      }
      for (const step of others) open.push([...path, step]);
      path = [...path, next];
      trio.take(next);
    }
  }
  return seen.size;
}

/** All of it takes minutes; the default is the part that has found most. */
const SEEDS_FACTOR = Number(process.env['STAMPEDE_SEEDS_FACTOR'] ?? 1);
const LOGS =
  SEEDS_FACTOR > 1
    ? [
        [3, 2, 1],
        [1, 1, 1],
        [2, 1, 1],
        [1, 2, 1],
      ]
    : [[3, 2, 1]];

function bestOf(logs: readonly number[], servers: readonly number[]): number {
  const counters = servers.map((server) => logs[server - 1] ?? 0);
  return servers[counters.lastIndexOf(Math.max(...counters))] ?? 0;
}

for (const logs of LOGS) {
  for (const isNewestOnly of SEEDS_FACTOR > 1 ? [true, false] : [true]) {
    const best = bestOf(logs, SERVERS);
    const how = isNewestOnly ? 'with newer messages replacing older ones' : 'with every message arriving';
    await t.test(
      `logs ${logs.join()}, ${how}: server ${best} is elected in every order, without a timer`,
      (t) => {
        let ends = 0;
        const worlds = explore({ logs, isNewestOnly, mayCrash: null }, ({ leaders }, path) => {
          ends++;
          if (leaders.some((leader) => leader !== best)) {
            throw new Error(`${leaders.join()}: ${path.join(', ')}`);
          }
        });
        t.ok(ends > 0, `${worlds} worlds, ${ends} ends`);
        t.end();
      },
    );
  }
}

await t.test('when one crashes at any moment, the other two agree on the better of them', (t) => {
  const faults: string[] = [];
  for (let seed = 0; seed < 3000 * SEEDS_FACTOR; seed++) {
    const prng = new Prng(seed);
    const mayCrash = 1 + prng.below(3);
    const logs = SERVERS.map(() => prng.below(3));
    const trio = new Trio({ logs, isNewestOnly: prng.below(2) === 0, mayCrash });
    const path: Step[] = [];
    for (let { steps } = trio; steps.length > 0; { steps } = trio) {
      const step = steps[prng.below(steps.length)] ?? '';
      path.push(step);
      trio.take(step);
    }
    trio.settle();
    const best = bestOf(logs, trio.alive);
    if (trio.leaders.some((leader) => leader !== best)) {
      faults.push(`seed ${seed}: ${trio.leaders.join()} and not ${best}: ${path.join(', ')}`);
    }
  }
  t.same(faults, []);
  t.end();
});
