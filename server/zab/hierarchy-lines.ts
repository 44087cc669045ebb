import type { ServerId } from '../base/server-id.ts';
import { inHashOrder } from './hash-order.ts';
import type { Hierarchy } from './hierarchical.ts';
import { MembershipError, type MembershipErrorCode } from './membership-error.ts';
import type { MembershipLine } from './membership-lines.ts';
import type { Member } from './membership.ts';
import { parseServerId } from './server-line.ts';

const NUMBER_MAX = 2 ** 31 - 1;

/** Apache looks at the beginning alone, and fails at `groups=1`. */
export function isHierarchyKey(key: string): boolean {
  return key.startsWith('group') || key.startsWith('weight');
}

/**
 * `group.G=N:N:…` and `weight.N=W`; a participant without a weight has 1. `null`: there are no such lines.
 *
 * @throws MembershipError
 */
export function readHierarchy(
  lines: readonly MembershipLine[],
  members: readonly Member[],
): Hierarchy | null {
  const first = lines.findIndex(({ key }) => isHierarchyKey(key));
  if (first === -1) return null;
  const voters = members.filter((member) => member.role === 'participant').map((member) => member.id);
  const groups = readGroups(lines, voters);
  const weights = readWeights(lines);
  for (const [voter] of inHashOrder(voters.map((voter) => [voter, null] as const))) {
    if (!weights.has(voter)) weights.set(voter, 1);
  }
  if (voters.every((voter) => weights.get(voter) === 0)) {
    throw fault(
      'conflict',
      first,
      'no participant has any weight: nothing could ever be decided',
      'give some a weight of 1',
    );
  }
  return { groups, weights };
}

function readGroups(lines: readonly MembershipLine[], voters: readonly ServerId[]): Hierarchy['groups'] {
  const groups = new Map<number, readonly ServerId[]>();
  const groupOf = new Map<ServerId, number>();
  for (const [index, { key, value }] of lines.entries()) {
    if (!key.startsWith('group')) continue;
    const group = parseNumber(key.replace(/^group\./, ''));
    const servers = value.split(':').map((text) => parseServerId(text.trim()));
    if (group === undefined || !servers.every((server) => server !== undefined)) {
      throw fault(
        'value',
        index,
        'must be group.G=N:N:…, the numbers of servers',
        'for example group.1=1:2:3',
      );
    }
    if (groups.has(group)) {
      throw fault('conflict', index, `there is a group.${group} already`, 'put its servers into one line');
    }
    groups.set(group, servers);
    for (const server of servers) {
      const other = groupOf.get(server);
      if (other !== undefined) {
        throw fault('conflict', index, `server.${server} is in group.${other} already`, 'name it once');
      }
      if (!voters.includes(server)) {
        throw fault('conflict', index, `server.${server} is no participant`, 'name participants only');
      }
      groupOf.set(server, group);
    }
  }
  const lonely = voters.find((voter) => !groupOf.has(voter));
  if (lonely !== undefined) {
    const index = lines.findLastIndex(({ key }) => isHierarchyKey(key));
    throw fault(
      'missing',
      index,
      `server.${lonely} is in no group`,
      'put every participant into one group.G',
    );
  }
  return groups;
}

function readWeights(lines: readonly MembershipLine[]): Map<ServerId, number> {
  const weights = new Map<ServerId, number>();
  for (const [index, { key, value }] of lines.entries()) {
    if (!key.startsWith('weight')) continue;
    const server = parseServerId(key.replace(/^weight\./, ''));
    const weight = parseNumber(value);
    if (server === undefined || weight === undefined) {
      throw fault(
        'value',
        index,
        `must be weight.N=0 to ${NUMBER_MAX}, N a server’s`,
        'for example weight.1=1',
      );
    }
    if (weights.has(server)) {
      throw fault('conflict', index, `there is a weight.${server} already`, 'remove one of the lines');
    }
    weights.set(server, weight);
  }
  return weights;
}

function parseNumber(text: string): number | undefined {
  const number = /^\+?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return number <= NUMBER_MAX ? number : undefined;
}

function fault(code: MembershipErrorCode, index: number, message: string, advice: string): MembershipError {
  return new MembershipError({ code, index, message, advice });
}
