import type { Endpoint } from '../base/ports.ts';
import type { ServerId } from '../base/server-id.ts';
import type { QuorumVerifier } from './quorum-verifier.ts';

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
