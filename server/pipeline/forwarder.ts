import type { SessionId } from '../base/session-id.ts';
import type { Turn } from '../base/turn.ts';
import type { Zxid } from '../base/zxid.ts';
import type { SessionTracker } from '../session/session-tracker.ts';
import type { AuthId } from '../tree/acl.ts';
import type { TreeLimits } from '../tree/tree-limits.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import type { JuteReader } from '../wire/jute-reader.ts';
import { OpCode } from '../wire/opcode.ts';
import type { ForwardedRequest } from '../wire/quorum/forwarded-request.ts';
import type { PendingWrite } from './pending-write.ts';
import type { ClientRequest, WritePath } from './write-path.ts';
import { checkWriteBody } from './write-requests.ts';

const NO_BODY = new Uint8Array(0);
const NO_SESSIONS: readonly SessionId[] = [];

/** The connection to the leader, as far as clients' requests need it. */
export interface LeaderLine {
  forward(request: ForwardedRequest, ids: readonly AuthId[] | null): void;
  revalidate(session: SessionId, timeoutMs: number): void;
}

/** What a learner does with its clients' writes: the leader decides on them, and their txns come back in order. */
export class Forwarder implements WritePath {
  readonly #line: LeaderLine;
  readonly #sessions: SessionTracker;
  readonly #turn: Turn;
  readonly #lastLogged: () => Zxid;
  readonly #limits: TreeLimits;
  readonly #touched = new Set<SessionId>();

  constructor(options: {
    readonly line: LeaderLine;
    readonly sessions: SessionTracker;
    readonly turn: Turn;
    /** The last txn that the leader has sent. */
    readonly lastLogged: () => Zxid;
    readonly limits: TreeLimits;
  }) {
    this.#line = options.line;
    this.#sessions = options.sessions;
    this.#turn = options.turn;
    this.#lastLogged = options.lastLogged;
    this.#limits = options.limits;
  }

  submit({ connection, xid, opcode, size }: ClientRequest, reader: JuteReader): PendingWrite {
    const body = opcode === OpCode.closeSession ? NO_BODY : reader.rest();
    // An Apache leader takes a body that it cannot read for an error of the request before (trap 83).
    const statWanted = checkWriteBody(opcode, reader, this.#limits);
    this.#line.forward({ sessionId: connection.session, cxid: xid, type: opcode, body }, connection.ids);
    const forwardedAfter = this.#lastLogged();
    return { type: 'write', xid, opcode, receivedAtMs: this.#turn.nowMs, size, forwardedAfter, statWanted };
  }

  createSession(sessionId: SessionId, timeoutMs: number): boolean {
    const writer = new JuteWriter(4);
    writer.int(timeoutMs);
    const request = { sessionId, cxid: 0, type: OpCode.createSession, body: writer.bytes() };
    this.#line.forward(request, null);
    return false;
  }

  reattach(session: SessionId, timeoutMs: number): null {
    this.#line.revalidate(session, timeoutMs);
    return null;
  }

  sync(sessionId: SessionId, cxid: number): boolean {
    this.#line.forward({ sessionId, cxid, type: OpCode.sync, body: NO_BODY }, null);
    return false;
  }

  /** The leader is told with the answer to its next ping (B57). */
  touch(session: SessionId): void {
    this.#touched.add(session);
  }

  /** Sessions heard from since the last call, with their timeouts in ms. */
  *takeTouched(): Generator<readonly [SessionId, number]> {
    for (const session of this.#touched) {
      if (this.#sessions.has(session)) yield [session, this.#sessions.timeoutOf(session)];
    }
    this.#touched.clear();
  }

  /** Sessions are the leader's to end. */
  expire(): readonly SessionId[] {
    return NO_SESSIONS;
  }

  reap(): void {
    // So are containers.
  }

  beginApplying(): void {
    // What is applied here was prepared by the leader.
  }

  onApplied(): void {
    // Nothing is outstanding here.
  }

  flush(): void {
    // The learner sends what was forwarded, and flushes the log.
  }
}
