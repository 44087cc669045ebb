import type { Prng } from '../../../server/base/prng.ts';
import type { SimHost } from '../sim-host.ts';
import type { SimNetwork } from '../sim-network.ts';
import type { SimNode } from '../sim-node.ts';
import type { SimWorld } from '../sim-world.ts';
import type { Marks } from '../marks.ts';
import type { ReconfigRequest } from '../../../server/wire/records/reconfig.ts';
import type { Membership } from '../../../server/zab/membership.ts';

/** What faults befall. */
export interface Victims {
  readonly world: SimWorld;
  readonly network: SimNetwork;
  readonly nodes: readonly SimNode[];
  /**
   * Who belongs to the ensemble, by what was committed last; who would, by what is proposed; and who does as far as the
   * disk of each server says.
   */
  readonly memberships: () => readonly [Membership, ...Membership[]];
  /** Asks for a change of it. */
  readonly reconfigure: (change: ReconfigRequest) => void;
  readonly clientHosts: readonly SimHost[];
  readonly marks: Marks;
  /** The ensemble's unit of time. */
  readonly tickMs: number;
  /** Whoever leads, or believes it does. */
  readonly leader: () => SimNode | undefined;
  /** Its disk knows of no epoch yet: it is new, and has not been brought up to date. */
  readonly isBlank: (node: SimNode) => boolean;
  /** Another machine with an empty disk takes its place; it is not started. */
  readonly replaceDisk: (node: SimNode) => void;
  /** Whether the clients ask for nothing. */
  readonly rest: (isResting: boolean) => void;
  /** Something that ends a fault, after a while. Not called any more once the world is healed. */
  readonly later: (delayMs: number, end: () => void) => void;
  readonly say: (what: string) => void;
}

/** One kind of thing that goes wrong. */
export interface Fault {
  readonly name: string;
  /** It happens in good weather, too: people do not wait for bad. */
  readonly isOrdinary?: boolean;
  /** Does it once; what it does not undo itself it undoes `later`. */
  readonly fire: (victims: Victims, prng: Prng) => void;
}

export function anyOf<T>(items: readonly T[], prng: Prng): T | undefined {
  return items[prng.below(Math.max(1, items.length))];
}

/** Mostly short, sometimes long: between the two, its logarithm even. */
export function logUniform(prng: Prng, from: number, to: number): number {
  return from * (to / from) ** prng.next();
}
