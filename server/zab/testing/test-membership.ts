import type { ServerId } from '../../base/server-id.ts';
import type { Member, Membership } from '../membership.ts';
import type { QuorumVerifier } from '../quorum-verifier.ts';

/** Groups of voters by id, each with its weights; a quorum is most of the weight of most of the groups. */
export type Groups = readonly (readonly { readonly id: number; readonly weight: number }[])[];

export function id(value: number): ServerId {
  return value as ServerId;
}

/** How a server is called, and where it listens, in a `TestNetwork`. */
export function hostOf(server: number): string {
  return `server${server}`;
}

export function majority(voters: readonly number[]): QuorumVerifier {
  const set = new Set(voters.map(id));
  return {
    voters: set,
    containsQuorum: (servers) => [...servers].filter((server) => set.has(server)).length > set.size / 2,
    weightOf: () => 1,
  };
}

export function hierarchical(groups: Groups): QuorumVerifier {
  const weights = new Map(groups.flat().map((voter) => [id(voter.id), voter.weight]));
  const weighing = groups.filter((group) => group.some(({ weight }) => weight > 0));
  return {
    voters: new Set(weights.keys()),
    containsQuorum: (servers) => {
      const won = weighing.filter((group) => {
        const total = group.reduce((sum, { weight }) => sum + weight, 0);
        const have = group.reduce((sum, voter) => sum + (servers.has(id(voter.id)) ? voter.weight : 0), 0);
        return have > total / 2;
      });
      return won.length > weighing.length / 2;
    },
    weightOf: (server) => weights.get(server) ?? 0,
  };
}

/** The configuration of these voters and of `observers`, each listening on its host. */
export function membershipOf(
  verifier: QuorumVerifier,
  options: { readonly observers?: readonly number[]; readonly version?: number } = {},
): Membership {
  const members = new Map<ServerId, Member>();
  const add = (server: number, role: Member['role']): void => {
    const host = hostOf(server);
    members.set(id(server), {
      id: id(server),
      quorum: { host, port: 2888 },
      election: { host, port: 3888 },
      role,
      client: null,
    });
  };
  for (const voter of verifier.voters) add(voter, 'participant');
  for (const observer of options.observers ?? []) add(observer, 'observer');
  const version = options.version ?? 0;
  const lines = [...members.values()].map(
    (member) => `server.${member.id}=${member.election.host}:2888:3888:${member.role}`,
  );
  return { members, verifier, version, text: [...lines, `version=${version.toString(16)}`].join('\n') };
}
