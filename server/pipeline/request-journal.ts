import type { Log } from '../base/log.ts';
import type { SessionId } from '../base/session-id.ts';
import { TokenBucket } from '../base/token-bucket.ts';
import type { Turn } from '../base/turn.ts';
import type { DataTree } from '../tree/data-tree.ts';
import type { JuteReader } from '../wire/jute-reader.ts';
import { OpCode } from '../wire/opcode.ts';
import { auditDetails, type AuditEvent } from './audit-events.ts';
import type { ClientConnection, PendingRead } from './client-connection.ts';
import { userOf } from './overview-requests.ts';
import type { LoggedTxn, PendingWrite } from './pending-write.ts';
import { subjectOf, type RequestSubject } from './request-subject.ts';

export interface JournalOptions {
  /** Null: nobody asked for an audit log. */
  readonly audit: ((event: AuditEvent) => void) | null;
  /** As whom this server does what it does by itself. */
  readonly serverUser: string;
  /** An operation that took longer, from its arrival to its answer, is told of; 0: none is. ms. */
  readonly slowMs: number;
  readonly log: Log;
}

/** A write that has been taken. */
interface Taken {
  readonly session: SessionId;
  readonly user: string;
  readonly ip: string;
  readonly opcode: number;
  readonly subject: RequestSubject;
  readonly receivedAtMs: number;
  readonly isForwarded: boolean;
}

/** So many lines about slow operations at once, and a second: a disk that stands still makes all of them slow. */
const SLOW_LINES = { capacity: 10, fillCount: 10, fillTimeMs: 1000 };

const OPCODE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(OpCode).map(([name, opcode]) => [opcode, name]),
);

/**
 * Writes down what clients of this server had changed, or wanted to (the audit log), and what took long. A request is told of
 * when its txn has been applied, also if its client has gone by then.
 */
export class RequestJournal {
  readonly #options: JournalOptions;
  readonly #turn: Pick<Turn, 'nowMs'>;
  readonly #slowLines: TokenBucket;
  /** By session and xid, oldest first: a client may use an xid twice. */
  readonly #taken = new Map<string, Taken[]>();
  #untoldSlow = 0;

  constructor(options: JournalOptions, turn: Pick<Turn, 'nowMs'>) {
    this.#options = options;
    this.#turn = turn;
    this.#slowLines = new TokenBucket(SLOW_LINES, turn.nowMs);
  }

  /** `body`: of the request, which could be read. */
  onTaken(connection: ClientConnection, write: PendingWrite, body: JuteReader): void {
    const { session, ids, socket } = connection;
    const taken: Taken = {
      session,
      user: ids
        .map(userOf)
        .filter((user) => user.trim() !== '')
        .join(','),
      ip: socket.remoteAddress,
      opcode: write.opcode,
      subject: subjectOf(write.opcode, body),
      receivedAtMs: write.receivedAtMs,
      isForwarded: write.forwardedAfter !== null,
    };
    const key = keyOf(session, write.xid);
    const before = this.#taken.get(key);
    if (before === undefined) this.#taken.set(key, [taken]);
    else before.push(taken);
  }

  /** It is applied next: what it takes away is still there. */
  beforeApplying({ header, txn }: LoggedTxn, tree: DataTree): void {
    const { audit, serverUser } = this.#options;
    if (audit === null || txn.type !== OpCode.closeSession) return;
    for (const znode of tree.ephemeralsOf(header.clientId)) {
      audit({
        session: sessionText(header.clientId),
        user: serverUser,
        ip: null,
        operation: 'ephemeralZNodeDeletionOnSessionCloseOrExpire',
        znode,
        znodeType: null,
        acl: null,
        result: 'success',
      });
    }
  }

  onApplied({ header, txn }: LoggedTxn): void {
    const key = keyOf(header.clientId, header.cxid);
    const all = this.#taken.get(key);
    const taken = all?.shift();
    if (all === undefined || taken === undefined) return;
    if (all.length === 0) this.#taken.delete(key);
    const { session, user, ip, opcode, subject, isForwarded } = taken;
    const { audit } = this.#options;
    if (audit !== null) {
      const who = { session: sessionText(session), user: user === '' ? null : user, ip };
      for (const details of auditDetails(opcode, subject, txn)) audit({ ...who, ...details });
    }
    this.#noteTime(taken, {
      path: subject.path,
      waitedFor: isForwarded ? 'the leader' : 'the log, and a quorum where there is one',
    });
  }

  onReadAnswered({ session, socket }: ClientConnection, { request, receivedAtMs, sync }: PendingRead): void {
    this.#noteTime(
      { session, ip: socket.remoteAddress, opcode: request.type, receivedAtMs },
      {
        path: request.path === '' ? null : request.path,
        waitedFor: sync === null ? 'the requests before it' : 'the leader, and the requests before it',
      },
    );
  }

  #noteTime(
    { session, ip, opcode, receivedAtMs }: Pick<Taken, 'session' | 'ip' | 'opcode' | 'receivedAtMs'>,
    { path, waitedFor }: { readonly path: string | null; readonly waitedFor: string },
  ): void {
    const { slowMs, log } = this.#options;
    const { nowMs } = this.#turn;
    const tookMs = nowMs - receivedAtMs;
    if (slowMs === 0 || tookMs <= slowMs) return;
    if (!this.#slowLines.take(nowMs)) {
      this.#untoldSlow++;
      return;
    }
    const what = `${OPCODE_NAMES.get(opcode) ?? opcode}${path === null ? '' : ` ${path}`}`;
    const more = this.#untoldSlow === 0 ? '' : `; ${this.#untoldSlow} more were not told of`;
    this.#untoldSlow = 0;
    log.warn(
      'SlowOperation',
      `${Math.round(tookMs)} ms for ${what}, of session ${sessionText(session)} from ${ip}: it waited for ${waitedFor}${more}`,
    );
  }
}

function keyOf(session: SessionId, xid: number): string {
  return `${session}:${xid}`;
}

function sessionText(session: SessionId): string {
  return `0x${BigInt.asUintN(64, session).toString(16)}`;
}
