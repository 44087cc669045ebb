import type { ServerId } from '../base/server-id.ts';
import type { QuorumVerifier } from './quorum-verifier.ts';

/** More than half of the voters. */
export class MajorityQuorums implements QuorumVerifier {
  readonly voters: ReadonlySet<ServerId>;

  constructor(voters: Iterable<ServerId>) {
    this.voters = new Set(voters);
  }

  containsQuorum(servers: ReadonlySet<ServerId>): boolean {
    let count = 0;
    for (const server of servers) if (this.voters.has(server)) count++;
    return 2 * count > this.voters.size;
  }

  weightOf(server: ServerId): number {
    return this.voters.has(server) ? 1 : 0;
  }
}
