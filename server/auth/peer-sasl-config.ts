import type { Secret } from '../secret.ts';

/** SASL between servers. Whoever connects is the one who proves who it is. */
export interface PeerSaslConfig {
  /** Passwords of other servers by name. */
  readonly users: ReadonlyMap<string, Secret>;
  /** Whether whoever connects has to authenticate. */
  readonly isRequired: boolean;
  /** As whom this server authenticates where it connects; null: it does not. */
  readonly self: { readonly user: string; readonly password: Secret } | null;
}

export const QUORUM_SERVICE = {
  realm: 'zk-quorum-sasl-md5',
  digestUri: 'zookeeper-quorum/zk-quorum-sasl-md5',
} as const;

/**
 * What stands before the authentication: on the election port whoever connects says first who it is, on the quorum port
 * nothing is said first.
 */
export type Greeting = 'initial-message' | 'none';
