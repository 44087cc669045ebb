import { bank } from './bank.ts';
import { barrier } from './barrier.ts';
import { configFanout } from './config-fanout.ts';
import { counter } from './counter.ts';
import { election } from './election.ts';
import { everything } from './everything.ts';
import { groupMembership } from './group-membership.ts';
import { lock } from './lock.ts';
import { queue } from './queue.ts';
import type { Recipe } from './recipe.ts';
import { register } from './register.ts';
import { sequentialIds } from './sequential-ids.ts';
import { serviceDiscovery } from './service-discovery.ts';
import { set } from './set.ts';

const ALL: readonly Recipe[] = [
  bank,
  barrier,
  configFanout,
  counter,
  election,
  everything,
  groupMembership,
  lock,
  queue,
  register,
  sequentialIds,
  serviceDiscovery,
  set,
];

/** Every recipe there is, by its name. */
export const RECIPES: ReadonlyMap<string, Recipe> = new Map(ALL.map((recipe) => [recipe.name, recipe]));
