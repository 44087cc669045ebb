import type { ServerId } from '../base/server-id.ts';
import { isObserverIn, isSameEnsemble, type Member, type Membership } from './membership.ts';
import { RoleEnded } from './role-script.ts';

/** A learner, and the configuration it has just begun to go by. */
export interface Change {
  readonly self: ServerId;
  readonly isObserver: boolean;
  readonly leaderId: ServerId;
  readonly before: Membership;
  readonly after: Membership;
  /** Who leads now, says the leader that has committed the change; null where none was there to say so. */
  readonly designated: ServerId | null;
}

/**
 * Ends the role that a learner no longer has under its new configuration: it observes or follows now as it did not
 * before, or somebody else leads (protocol §4.5). Who is in no configuration follows on without a vote.
 *
 * @throws RoleEnded
 */
export function endOutdatedRole(change: Change): void {
  const { self, isObserver, leaderId, before, after, designated } = change;
  if (isSameEnsemble(before, after)) return;
  const observes = isObserverIn(after, self);
  if (observes !== isObserver) {
    throw new RoleEnded(`it ${observes ? 'observes' : 'follows'} from now on`, designated);
  }
  if (designated === null) {
    if (!leadsOn(leaderId, before, after)) throw new RoleEnded(`server ${leaderId} may lead no more`);
  } else if (designated !== leaderId) {
    throw new RoleEnded(`server ${designated} leads from now on`, designated);
  }
}

/** A voter of both, where it was. */
export function leadsOn(leader: ServerId, before: Membership, after: Membership): boolean {
  if (!after.verifier.voters.has(leader)) return false;
  return isSamePlace(before.members.get(leader), after.members.get(leader));
}

function isSamePlace(one: Member | undefined, other: Member | undefined): boolean {
  return one !== undefined && one.quorum.host === other?.quorum.host && one.quorum.port === other.quorum.port;
}
