import type { ServerId } from '../base/server-id.ts';
import type { Zxid } from '../base/zxid.ts';
import { ErrorCode } from '../wire/error-code.ts';
import type { ReconfigRequest } from '../wire/records/reconfig.ts';
import { WireError } from '../wire/wire-error.ts';
import { parseConfigText } from './config-text.ts';
import type { Configurations } from './configurations.ts';
import { MajorityQuorums } from './majority.ts';
import { MembershipError } from './membership-error.ts';
import { readMembership } from './membership-lines.ts';
import { type Member, type Membership, withVersion } from './membership.ts';
import { formatServerLine, SERVER_ID_MAX, parseServerId, parseServerLine } from './server-line.ts';

export interface ReconfigContext {
  readonly configurations: Configurations;
  /** Of the txn, which is the version of what comes of it. */
  readonly zxid: Zxid;
  /** Participants that a new configuration has to have at least: 2, where one alone would be no ensemble's any more. */
  readonly votersMin: number;
  /** Whether a quorum of it follows already, with all of the history. */
  readonly isQuorumSynced: (membership: Membership) => boolean;
}

export interface ReconfigRefusal {
  readonly err: ErrorCode;
  /** Apache's server would go on, to find that the client may not ask: who may not is told that here, too. */
  readonly isLate: boolean;
}

/**
 * What a client's reconfig would make of the ensemble, or why it may not (protocol §1.7 for the order of errors, §5.4).
 * Only one change is under way at a time, and only to an ensemble whose quorum is here and up to date: it could not
 * decide anything otherwise.
 */
export function planReconfig(
  request: ReconfigRequest,
  context: ReconfigContext,
): Membership | ReconfigRefusal {
  const { configurations, zxid, votersMin, isQuorumSynced } = context;
  const { committed } = configurations;
  if (configurations.lastSeen !== null) return refusal(ErrorCode.reconfigInProgress);
  const { curConfigId } = request;
  if (curConfigId !== -1 && curConfigId !== committed.version) return refusal(ErrorCode.badVersion);
  const next = request.newMembers === null ? incremental(request, committed) : bulk(request.newMembers);
  if ('err' in next) return next;
  if (next.verifier.voters.size < votersMin) return refusal(ErrorCode.badArguments);
  if (!isQuorumSynced(next)) return refusal(ErrorCode.newConfigNoQuorum);
  return withVersion(next, zxid);
}

function refusal(err: ErrorCode): ReconfigRefusal {
  return { err, isLate: false };
}

/** The whole list: items between commas or line ends. */
function bulk(newMembers: string): Membership | ReconfigRefusal {
  try {
    return parseConfigText(newMembers.replaceAll(',', '\n'));
  } catch (error) {
    if (error instanceof WireError) return refusal(ErrorCode.badArguments);
    throw error;
  }
}

/** Who leaves, then who comes or is replaced. Only where a majority decides: groups would have to be told as well. */
function incremental(
  { joiningServers, leavingServers }: ReconfigRequest,
  { members, verifier }: Membership,
): Membership | ReconfigRefusal {
  if (!(verifier instanceof MajorityQuorums)) return refusal(ErrorCode.badArguments);
  const next = new Map<ServerId, Member>(members);
  for (const text of itemsOf(leavingServers)) {
    // Java's parser fails here, and its server at the request (as for any that can't be read).
    if (!/^[+-]?\d{1,18}$/.test(text)) return refusal(ErrorCode.marshallingError);
    const id = parseServerId(text);
    if (id !== undefined) next.delete(id);
  }
  for (const text of itemsOf(joiningServers)) {
    const joiner = parseJoiner(text);
    if ('err' in joiner) return joiner;
    next.delete(joiner.id);
    next.set(joiner.id, joiner);
  }
  const lines = [...next.values()].map((member) => {
    const line = formatServerLine(member);
    const at = line.indexOf('=');
    return { key: line.slice(0, at), value: line.slice(at + 1) };
  });
  try {
    return readMembership(lines, 0);
  } catch (error) {
    if (error instanceof MembershipError) return refusal(ErrorCode.badArguments);
    throw error;
  }
}

/** `server.N=host:port:port[:role];[host:]port`: all three ports. */
function parseJoiner(text: string): Member | ReconfigRefusal {
  const [key = '', value, ...rest] = text.split('=');
  if (value === undefined || rest.length > 0) return refusal(ErrorCode.badArguments);
  const id = key.slice(key.lastIndexOf('.') + 1).trim();
  if (!/^[+-]?\d{1,18}$/.test(id)) return refusal(ErrorCode.marshallingError);
  // It would hand out another's session ids.
  if (Number(id) > SERVER_ID_MAX) return { err: ErrorCode.badArguments, isLate: true };
  const member = parseServerLine(`server.${id}`, value.trim());
  return typeof member === 'string' || member.client === null ? refusal(ErrorCode.badArguments) : member;
}

function itemsOf(list: string | null): string[] {
  return (list ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
