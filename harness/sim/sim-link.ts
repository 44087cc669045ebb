import type { Prng } from '../../server/base/prng.ts';
import type { Lifetime } from './lifetime.ts';
import type { SimWorld } from './sim-world.ts';

export interface LinkOptions {
  readonly latencyMinMs: number;
  /** How much it may be above, ms: seldom all of it. */
  readonly latencySpreadMs: number;
}

/** Something that can be carried on when its way is free again. */
export interface Held {
  carryOn(): void;
}

/** The way from one host to another, in one direction. */
export class SimLink {
  readonly #world: SimWorld;
  readonly #options: LinkOptions;
  readonly #prng: Prng;
  #isHeld = false;
  readonly #held = new Set<Held>();
  /** Makes it slow for a while. */
  latencyFactor = 1;
  /** How often something was kept from arriving; a fault that keeps nothing is none. */
  heldCount = 0;

  constructor(world: SimWorld, options: LinkOptions, prng: Prng) {
    this.#world = world;
    this.#options = options;
    this.#prng = prng;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  drawLatency(): number {
    const { latencyMinMs, latencySpreadMs } = this.#options;
    const draw = this.#prng.next();
    return (latencyMinMs + latencySpreadMs * draw * draw * draw) * this.latencyFactor;
  }

  /** Nothing arrives any more; what is on its way waits. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    const held = [...this.#held];
    this.#held.clear();
    for (const each of held) each.carryOn();
  }

  /** Called by what would arrive now, when it can't. */
  wait(held: Held): void {
    this.heldCount++;
    this.#held.add(held);
  }

  /** One thing that isn't part of a stream. `owner`: as in `SimWorld.after`, of where it arrives. */
  carry(kind: number, owner: Lifetime | null, arrive: () => void): void {
    const attempt = (): void => {
      if (this.#isHeld) this.wait({ carryOn: () => this.carry(kind, owner, arrive) });
      else arrive();
    };
    this.#world.after(this.drawLatency(), kind, owner, attempt);
  }
}
