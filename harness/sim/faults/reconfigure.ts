import type { Prng } from '../../../server/base/prng.ts';
import type { ServerId } from '../../../server/base/server-id.ts';
import type { ReconfigRequest } from '../../../server/wire/records/reconfig.ts';
import type { Membership } from '../../../server/zab/membership.ts';
import { memberLine, type Role } from '../members.ts';
import type { SimNode } from '../sim-node.ts';
import { anyOf, type Fault } from './fault.ts';

/** An operator lets a server join, leave or change its role, or says who is to belong from now on. */
export const reconfigure: Fault = {
  name: 'reconfigure',
  isOrdinary: true,
  fire: ({ nodes, memberships, reconfigure: ask }, prng) => {
    const change = drawChange(nodes, memberships()[0], prng);
    if (change !== null) ask(change);
  },
};

const NO_CHANGE: ReconfigRequest = {
  joiningServers: null,
  leavingServers: null,
  newMembers: null,
  curConfigId: -1,
};

function drawChange(nodes: readonly SimNode[], now: Membership, prng: Prng): ReconfigRequest | null {
  // Now and then somebody is late.
  const curConfigId = prng.next() < 0.3 ? now.version - prng.below(2) : -1;
  const draw = prng.next();
  if (draw < 0.2) {
    const lines = nodes.filter(() => prng.next() < 0.7).map(({ id }) => memberLine(id, drawRole(prng)));
    return lines.length === 0 ? null : { ...NO_CHANGE, newMembers: lines.join('\n'), curConfigId };
  }
  const node = anyOf(nodes, prng);
  if (node === undefined) return null;
  const isMember = now.members.has(node.id as ServerId);
  if (isMember && draw < 0.6) return { ...NO_CHANGE, leavingServers: String(node.id), curConfigId };
  return { ...NO_CHANGE, joiningServers: memberLine(node.id, drawRole(prng)), curConfigId };
}

function drawRole(prng: Prng): Role {
  return prng.next() < 0.8 ? 'participant' : 'observer';
}
