import type { Endpoint } from '../base/ports.ts';
import type { ServerId } from '../base/server-id.ts';
import { inHashOrder } from './hash-order.ts';
import { HierarchicalQuorums, type Hierarchy } from './hierarchical.ts';
import { MajorityQuorums } from './majority.ts';
import type { QuorumVerifier } from './quorum-verifier.ts';
import { formatServerLine } from './server-line.ts';

/** One `server.N` line (protocol §5.4). */
export interface Member {
  readonly id: ServerId;
  /** Where it listens for learners while it leads. */
  readonly quorum: Endpoint;
  readonly election: Endpoint;
  readonly role: 'participant' | 'observer';
  /** As the line has it; null where only the static `clientPort` says it. */
  readonly client: Endpoint | null;
}

/** Who belongs to the ensemble, and which of them decide. */
export interface Membership {
  readonly members: ReadonlyMap<ServerId, Member>;
  readonly verifier: QuorumVerifier;
  /** 0 as long as reconfig is not enabled. */
  readonly version: number;
  /** The config text of /zookeeper/config, NEWLEADER and notifications, `version=` included. */
  readonly text: string;
}

export interface MembershipOptions {
  readonly members: readonly Member[];
  /** `null`: a majority of the participants decides. */
  readonly hierarchy?: Hierarchy | null;
  readonly version?: number;
}

/** The members must be a possible ensemble: lines that somebody wrote go through `readMembership`. */
export function createMembership({ members, hierarchy = null, version = 0 }: MembershipOptions): Membership {
  const voters = members.filter((member) => member.role === 'participant').map((member) => member.id);
  return Object.freeze({
    members: new Map(members.map((member) => [member.id, member])),
    verifier: hierarchy === null ? new MajorityQuorums(voters) : new HierarchicalQuorums(hierarchy),
    version,
    text: configText(members, hierarchy, version),
  });
}

/** The same members, established anew at `version`. */
export function withVersion(membership: Membership, version: number): Membership {
  const text = `${withoutVersion(membership.text)}version=${version.toString(16)}`;
  return Object.freeze({ ...membership, version, text });
}

/** Whether two configurations differ in nothing but their versions. */
export function isSameEnsemble(one: Membership, other: Membership): boolean {
  return withoutVersion(one.text) === withoutVersion(other.text);
}

/** Who is in no configuration is none: it follows, and is not counted. */
export function isObserverIn({ members }: Membership, server: ServerId): boolean {
  return members.get(server)?.role === 'observer';
}

function withoutVersion(text: string): string {
  return text.replace(/version=[0-9a-f]*$/, '');
}

/** Byte for byte what Apache prints for the same members. */
function configText(members: readonly Member[], hierarchy: Hierarchy | null, version: number): string {
  const lines = inHashOrder(members.map((member) => [member.id, member])).map(([, member]) =>
    formatServerLine(member),
  );
  if (hierarchy !== null) lines.push(...hierarchyLines(hierarchy));
  return [...lines, `version=${version.toString(16)}`].join('\n');
}

function hierarchyLines({ groups, weights }: Hierarchy): string[] {
  // Apache keeps the group of each server, and gathers the groups from that to print them.
  const groupOf = [...groups].flatMap(([group, servers]) =>
    servers.map((server) => [server, group] as const),
  );
  const gathered = new Map<number, ServerId[]>();
  for (const [server, group] of inHashOrder(groupOf)) {
    const servers = gathered.get(group);
    if (servers === undefined) gathered.set(group, [server]);
    else servers.push(server);
  }
  return [
    ...inHashOrder(gathered).map(([group, servers]) => `group.${group}=${servers.join(':')}`),
    ...inHashOrder(weights).map(([server, weight]) => `weight.${server}=${weight}`),
  ];
}
