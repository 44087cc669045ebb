import type { SessionId } from '../base/session-id.ts';

/**
 * Through whom each session speaks, as the leader knows it: one connection of a learner, or the leader itself.
 * A client that moves to another server takes its session along; what its old connection still brings is refused
 * (protocol §4.7). The identity is that of the connection and not of the server behind it (trap 74).
 */
export class SessionOwners {
  readonly #owners = new Map<SessionId, object>();

  claim(session: SessionId, owner: object): void {
    this.#owners.set(session, owner);
  }

  /** Whether the session is this owner's. Who comes first after an election has it. */
  isOwner(session: SessionId, owner: object): boolean {
    const known = this.#owners.get(session);
    if (known === undefined) this.#owners.set(session, owner);
    return known === undefined || known === owner;
  }

  remove(session: SessionId): void {
    this.#owners.delete(session);
  }
}
