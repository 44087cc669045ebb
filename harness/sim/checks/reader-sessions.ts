import type { Session } from '../../client/connection.ts';
import { hex } from '../../model/ghost-tree.ts';
import type { Ghost } from '../ghost/ghost.ts';

/** A session of a client that can do with reads. */
export interface ReaderSession {
  readonly session: Session;
  /** Made without a quorum, by one server that alone knows of it. */
  readonly isLocal: boolean;
  /** When at the latest its client had sent what was answered last, ms of the world: the server has heard it since. */
  heardAtMs: number;
}

/** Clocks of servers go wrong by no more than this share. */
const CLOCK_ERROR = 0.01;

/** C11: who comes back gets its own session or none; a server without a quorum goes on with none of the ensemble's. */
export function checkOpened(
  ghost: Ghost,
  asked: ReaderSession | null,
  { id, isLocal }: { readonly id: bigint; readonly isLocal: boolean },
): void {
  if (asked !== null && asked.session.id !== id) {
    ghost.report('C11', `session ${hex(asked.session.id)} comes back as ${hex(id)}`);
  }
  const isCommitted = ghost.tree.sessions.has(id) || ghost.tree.closedAt.has(id);
  if (isLocal && isCommitted) {
    ghost.report('C11', `session ${hex(id)} of the ensemble goes on at a server without a quorum`);
  }
  if (!isLocal && !isCommitted) {
    ghost.report('C11', `session ${hex(id)} is told of, and was never committed`);
  }
  ghost.marks.hit(isLocal ? 'session without a quorum' : 'session of a reader');
}

/**
 * C11: what is told to have expired has. To a quorum a session that was made without one is none, and it may say so; a
 * server without a quorum has to have waited for its time to be over.
 */
export function checkEnd(
  ghost: Ghost,
  { session, isLocal, heardAtMs }: ReaderSession,
  isByReadOnly: boolean,
  nowMs: number,
): void {
  const hasEnded = isLocal
    ? !isByReadOnly || nowMs - heardAtMs >= session.timeoutMs * (1 - CLOCK_ERROR)
    : ghost.history.closing.has(session.id);
  if (!hasEnded) {
    const who = isByReadOnly ? ', by a server without a quorum' : '';
    ghost.report('C11', `session ${hex(session.id)} is told it has expired, and has not${who}`);
  }
  ghost.marks.hit(isByReadOnly ? 'expiry told without a quorum' : 'expiry told to a reader');
}
