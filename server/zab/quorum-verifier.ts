import type { ServerId } from '../base/server-id.ts';

/**
 * What counts as a quorum of an ensemble's voters (protocol §5.3). Any two quorums of one verifier have a voter
 * in common: everything that is decided rests on it.
 */
export interface QuorumVerifier {
  /** Who may vote and acknowledge. Nobody else is ever counted (P14). */
  readonly voters: ReadonlySet<ServerId>;
  /** Whether these servers are a quorum. Ids that are no voters' are not counted (B29). */
  containsQuorum(servers: ReadonlySet<ServerId>): boolean;
  /** 0 for a server that can vote and never lead. */
  weightOf(server: ServerId): number;
}
