import { z } from 'zod';
import { Prng } from '../../../server/base/prng.ts';
import { assert } from '../../../server/base/assert.ts';
import { leaderOf, type Roles } from '../../ensemble/ensemble.ts';
import type { Disturbance, Disturbed } from '../../toxiproxy/disturbances.ts';
import type { Topology } from '../../toxiproxy/topology.ts';
import type { Fault, FaultToll, OutsideFault } from '../fault.ts';
import { type Field, votersOf } from '../field.ts';
import { NoEffectError } from '../no-effect.ts';
import { PICK_BOUND, pickSchema } from '../victims.ts';

const params = z.strictObject({ pick: pickSchema.default(0) });
const LINKS_SHOWN_MAX = 4;

/** What a fault of the network may know when it chooses. */
export interface NetworkView {
  readonly topology: Topology;
  /** Those with a vote. */
  readonly servers: readonly number[];
  readonly leader: number;
  readonly roles: Roles;
  readonly prng: Prng;
}

export interface NetworkAim {
  /** Whom it is about; none where it is about all alike. */
  readonly serverIds: readonly number[];
  readonly label: string;
  readonly disturbances: readonly Disturbance[];
}

/** What all faults have in common that lie on the ways between servers, or between them and clients. */
export function networkFault(of: {
  readonly name: string;
  readonly doc: string;
  readonly serversMin?: number;
  readonly toll?: FaultToll;
  /** In ms. */
  readonly lasts?: Fault['lasts'];
  readonly choose: (view: NetworkView) => NetworkAim;
}): OutsideFault {
  const { name, doc, serversMin = 3, toll = 'nothing', lasts = { minMs: 500, maxMs: 5_000 }, choose } = of;
  return {
    name,
    doc,
    needs: { serversMin, network: true },
    effect: 'disturbed',
    toll,
    victimsMax: (voters) => (toll === 'nothing' ? 0 : (voters - 1) >> 1),
    lasts,
    params,
    draw: (prng) => ({ pick: prng.below(PICK_BOUND) }),
    async aim(field, given) {
      const { pick } = params.parse(given);
      const view = await look(field, pick);
      if (view === null) return null;
      const { serverIds, label, disturbances } = choose(view);
      if (disturbances.length === 0) return null;
      let disturbed: Disturbed | null = null;
      const links = [...new Set(disturbances.map(({ link }) => link))];
      return {
        serverIds,
        label,
        async inject() {
          disturbed = (await field.network?.disturbances.begin(disturbances)) ?? null;
        },
        proveActive: () => proveDisturbed(disturbed, links),
        async heal() {
          await disturbed?.end();
        },
        proveHealed: () => proveWhole(disturbed, links),
      };
    },
  };
}

/** Null while nobody leads. */
async function look(field: Field, pick: number): Promise<NetworkView | null> {
  assert(field.network !== null, 'the servers were started through proxies');
  const roles = await field.ensemble.roles();
  const leader = leaderOf(roles);
  if (leader === null) return null;
  const { topology } = field.network;
  return { topology, servers: votersOf(field.ensemble), leader, roles, prng: new Prng(pick) };
}

async function proveDisturbed(disturbed: Disturbed | null, links: readonly string[]): Promise<string> {
  const missing = (await disturbed?.missing()) ?? links;
  if (missing.length > 0) throw new NoEffectError(`nothing is done to ${shown(missing)}`);
  return `${links.length} links are disturbed: ${shown(links)}`;
}

async function proveWhole(disturbed: Disturbed | null, links: readonly string[]): Promise<string> {
  const left = (await disturbed?.left()) ?? [];
  if (left.length > 0) throw new NoEffectError(`it is not taken back from ${shown(left)}`);
  return `${links.length} links are as before`;
}

function shown(links: readonly string[]): string {
  const more = links.length - LINKS_SHOWN_MAX;
  return links.slice(0, LINKS_SHOWN_MAX).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
