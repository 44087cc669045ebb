import { canonicalHost, formatEndpoint, isLoopback, isWildcard } from '../base/host.ts';
import type { Endpoint } from '../base/ports.ts';
import type { ServerId } from '../base/server-id.ts';
import { isHierarchyKey, readHierarchy } from './hierarchy-lines.ts';
import { MembershipError } from './membership-error.ts';
import { createMembership, type Member, type Membership } from './membership.ts';
import { hasSeveralAddresses, parseServerLine } from './server-line.ts';

export interface MembershipLine {
  readonly key: string;
  readonly value: string;
}

/** Whether Apache takes a line for one of an ensemble's: `server.N`, `group.G`, `weight.S`, or a slip of one. */
export function isMembershipKey(key: string): boolean {
  return key.startsWith('server.') || isHierarchyKey(key);
}

/**
 * The members and their quorums from lines that somebody wrote, in zoo.cfg, in a dynamic file or in a message. Where
 * Apache lets the later of two lines with one key win, both are refused: they mean two servers.
 *
 * @throws MembershipError
 */
export function readMembership(lines: readonly MembershipLine[], version: number): Membership {
  const members = readServers(lines);
  if (!members.some((member) => member.role === 'participant')) {
    throw new MembershipError({
      code: 'missing',
      index: lines.length > 0 ? 0 : null,
      message:
        members.length > 0 ? 'observers without a participant: nobody decides' : 'there is no server.N line',
      advice: 'list every participant as server.N=host:quorumPort:electionPort',
    });
  }
  return createMembership({ members, hierarchy: readHierarchy(lines, members), version });
}

function readServers(lines: readonly MembershipLine[]): Member[] {
  const members = new Map<ServerId, Member>();
  const owners = new Map<string, ServerId>();
  for (const [index, line] of lines.entries()) {
    if (isHierarchyKey(line.key)) continue;
    const member = readServer(line, index);
    if (members.has(member.id)) {
      throw new MembershipError({
        code: 'conflict',
        index,
        message: `there is a server.${member.id} already`,
        advice: 'give every server a number of its own, or remove one of the lines',
      });
    }
    members.set(member.id, member);
    for (const address of addressesOf(member)) {
      const owner = owners.get(address);
      if (owner !== undefined) {
        throw new MembershipError({
          code: 'conflict',
          index,
          message: `${address} is server.${owner}’s already`,
          advice: 'give every server a host of its own, or ports of its own',
        });
      }
      owners.set(address, member.id);
    }
  }
  return [...members.values()];
}

function readServer({ key, value }: MembershipLine, index: number): Member {
  const member = key.startsWith('server.')
    ? parseServerLine(key, value)
    : 'is no line of an ensemble: only server.N, group.G and weight.N are';
  if (typeof member !== 'string') return member;
  throw new MembershipError({
    code: hasSeveralAddresses(value) ? 'unsupported' : 'value',
    index,
    message: member,
    advice: 'for example server.1=zoo1:2888:3888;2181',
  });
}

/**
 * Where others reach it, each address once. What clients are told is not among them where it says something else on
 * each machine: many servers may say `0.0.0.0:2181`.
 */
function addressesOf({ quorum, election, client }: Member): ReadonlySet<string> {
  const isShared = client !== null && !isWildcard(client.host) && !isLoopback(client.host);
  return new Set([quorum, election, ...(isShared ? [client] : [])].map(addressOf));
}

function addressOf({ host, port }: Endpoint): string {
  return formatEndpoint({ host: canonicalHost(host).toLowerCase(), port });
}
