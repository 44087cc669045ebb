import type { Prng } from '../../server/base/prng.ts';
import { ambush } from './faults/ambush.ts';
import { logUniform, type Fault, type Victims } from './faults/fault.ts';
import type { SimNode } from './sim-node.ts';
import { EventKind } from './sim-world.ts';
import type { Moment } from './state-checker.ts';
import { reconfigure } from './faults/reconfigure.ts';
import { strand } from './faults/strand.ts';
import { FAULTS, type SwarmConfig } from './swarm.ts';

/**
 * Makes things go wrong at random moments, each kind with a stream of its own, until it is stopped. Storms and calms
 * take turns: what never comes to work has little to lose.
 */
export class Nemesis {
  readonly #victims: Victims;
  readonly #plan: SwarmConfig['faults'];
  readonly #prng: Prng;
  readonly #ambushPrng: Prng;
  readonly #ambushes: ReadonlyMap<Moment, number>;
  readonly #flushMs: number;
  #isStopped = false;
  #isCalm = true;

  constructor(
    victims: Omit<Victims, 'later'>,
    { faults, ambushes, disk }: Pick<SwarmConfig, 'faults' | 'ambushes' | 'disk'>,
    prng: Prng,
  ) {
    this.#victims = { ...victims, later: (delayMs, end) => this.#later(delayMs, end) };
    this.#plan = faults;
    this.#prng = prng;
    this.#ambushPrng = prng.fork('ambushes');
    this.#ambushes = new Map(ambushes.map(({ moment, share }) => [moment, share]));
    this.#flushMs = disk.flushMs;
  }

  start(): void {
    this.#turnWeather(this.#prng.fork('weather'));
    for (const { name, meanMs } of this.#plan) {
      const fault = [...FAULTS, reconfigure, strand].find((each) => each.name === name);
      if (fault !== undefined) this.#schedule(fault, meanMs, this.#prng.fork(name));
    }
  }

  /** Nothing more goes wrong, and nothing that has gone wrong is undone any more. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Something may happen to a server right behind a moment of its own, before its disk has done much more. */
  onMoment(id: number, moment: Moment): void {
    const share = this.#ambushes.get(moment);
    if (share === undefined || this.#isCalm || this.#isStopped) return;
    const prng = this.#ambushPrng;
    if (prng.next() >= share) return;
    const node = this.#victims.nodes[id - 1];
    if (node === undefined) return;
    const delayMs = prng.next() < 0.3 ? 0 : prng.next() * 4 * this.#flushMs;
    this.#later(delayMs, () => {
      if (node.state === 'down') return;
      this.#victims.say(`waylays server ${id} behind: ${moment}`);
      this.#victims.marks.hit('ambush');
      ambush(node, this.#victims, prng);
    });
  }

  /** Whether something is wrong with its disk, or was. */
  mayFail(node: SimNode): boolean {
    return node.hasHadDiskFault || node.isRotten;
  }

  restartLater(node: SimNode): void {
    this.#later(this.#victims.tickMs * logUniform(this.#prng, 0.1, 10), () => {
      if (node.isRotten) this.#victims.replaceDisk(node);
      this.#victims.say(`starts server ${node.id}`);
      this.#victims.marks.hit('restart');
      node.start();
    });
  }

  #turnWeather(prng: Prng): void {
    this.#isCalm = !this.#isCalm;
    const ticks = this.#isCalm ? logUniform(prng, 3, 60) : logUniform(prng, 5, 100);
    this.#later(ticks * this.#victims.tickMs, () => this.#turnWeather(prng));
  }

  #schedule(fault: Fault, meanMs: number, prng: Prng): void {
    this.#later(meanMs * 2 * prng.next(), () => {
      if (!this.#isCalm || fault.isOrdinary === true) fault.fire(this.#victims, prng);
      this.#schedule(fault, meanMs, prng);
    });
  }

  #later(delayMs: number, callback: () => void): void {
    this.#victims.world.after(delayMs, EventKind.nemesis, null, () => {
      if (!this.#isStopped) callback();
    });
  }
}
