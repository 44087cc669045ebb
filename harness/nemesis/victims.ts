import { z } from 'zod';
import { leaderOf, type Roles } from '../ensemble/ensemble.ts';
import { rolesOf } from '../ensemble/server-role.ts';
import { type Field, votersOf } from './field.ts';

const GROUPS = ['leader', 'follower', 'observer', 'any', 'minority', 'majority', 'all'] as const;

/** Whom a fault is to hit, by what they are when it comes to that, or by a server's id. */
export const targetSchema = z.union([z.enum(GROUPS), z.int().min(1)], {
  error: `give ${GROUPS.join(', ')}, or the id of a server`,
});
export type VictimTarget = z.infer<typeof targetSchema>;

export const PICK_BOUND = 65_536;
/** Which of several, or which of them first: counted around as often as it takes, so that any number will do. */
export const pickSchema = z
  .int()
  .min(0)
  .max(PICK_BOUND - 1);

export interface Victims {
  /** None: there is nobody to hit now. */
  readonly ids: readonly number[];
  readonly roles: Roles;
}

/** Never one that another fault keeps from serving. `minority` and `majority` are of the servers with a vote. */
export async function chooseVictims(field: Field, target: VictimTarget, pick: number): Promise<Victims> {
  const { ensemble, holds } = field;
  const free = ensemble.servers.flatMap(({ id }) => (holds.isFree(id) ? [id] : []));
  // Whoever is held is not asked: one that holds still would take its time.
  const roles = await rolesOf(ensemble.servers.filter(({ id }) => free.includes(id)));
  const voters = votersOf(ensemble);
  const freeVoters = free.filter((id) => voters.includes(id));
  const withRole = (role: string): number[] => free.filter((id) => roles.get(id) === role);
  const leader = leaderOf(roles);
  const ids = ((): readonly number[] => {
    if (typeof target === 'number') return free.filter((id) => id === target);
    switch (target) {
      case 'leader':
        return free.filter((id) => id === leader);
      case 'follower':
      case 'observer':
        return some(withRole(target), 1, pick);
      case 'any':
        return some(free, 1, pick);
      case 'minority':
        return some(freeVoters, minorityOf(voters.length), pick);
      case 'majority':
        return some(freeVoters, (voters.length >> 1) + 1, pick);
      case 'all':
        return free;
    }
  })();
  return { ids, roles };
}

/** The most of so many voters that can be missed. */
export function minorityOf(voters: number): number {
  return (voters - 1) >> 1;
}

/** How many voters are hit at most. */
export function victimsOfTarget(target: VictimTarget, voters: number): number {
  switch (target) {
    case 'minority':
      return minorityOf(voters);
    case 'majority':
      return (voters >> 1) + 1;
    case 'all':
      return voters;
    case 'observer':
      return 0;
    default:
      return 1;
  }
}

function some(ids: readonly number[], count: number, pick: number): readonly number[] {
  return Array.from(
    { length: Math.min(count, ids.length) },
    (_, offset) => ids[(pick + offset) % ids.length] as number,
  );
}
