import { assert } from '../base/assert.ts';
import type { Clock } from '../base/ports.ts';
import type { RingQueue } from '../base/ring-queue.ts';
import { NO_SESSION, type SessionId } from '../base/session-id.ts';
import type { Turn } from '../base/turn.ts';
import { ZXID_ZERO, type Zxid } from '../base/zxid.ts';
import type { SessionOwners } from '../session/session-owners.ts';
import type { SessionTracker } from '../session/session-tracker.ts';
import type { AccessControl, AuthId } from '../tree/acl.ts';
import type { DataTree } from '../tree/data-tree.ts';
import {
  RequestPreparer,
  type PlanReconfig,
  type Prepared,
  type RequestContext,
} from '../tree/prepare-request.ts';
import type { QuotaExcess } from '../tree/quotas.ts';
import type { TreeLimits } from '../tree/tree-limits.ts';
import { ErrorCode } from '../wire/error-code.ts';
import type { JuteReader } from '../wire/jute-reader.ts';
import type { JuteWriter } from '../wire/jute-writer.ts';
import { OpCode } from '../wire/opcode.ts';
import { DIGEST_VERSION } from '../wire/txns/txn-digest.ts';
import { writeTxnHeader, type TxnHeader } from '../wire/txns/txn-header.ts';
import { writeTxn, type Txn } from '../wire/txns/txn.ts';
import type { ClientConnection } from './client-connection.ts';
import type { LoggedTxn, PendingWrite } from './pending-write.ts';
import { nodesToReap } from './reaper.ts';
import type { ClientRequest, WritePath } from './write-path.ts';
import { isWriteType, prepareWrite } from './write-requests.ts';

const NO_IDS: readonly AuthId[] = [];
const NO_SESSIONS: readonly SessionId[] = [];

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Where txns become durable: `GroupCommit` alone, or in an ensemble the leader's broadcast before it. */
export interface TxnSink {
  begin(zxid: Zxid): JuteWriter;
  /** False if the entry is longer than a log reader takes: then it is forgotten. */
  end(): boolean;
  /** At the end of a turn: what was gathered may go to disk. */
  flush(): void;
}

/** Who asked, and what for. */
interface Origin {
  readonly connection: ClientConnection | null;
  readonly xid: number;
  readonly opcode: number;
  /** Of the request, bytes. */
  readonly size: number;
}

/** A request that a learner has forwarded. */
export interface RemoteRequest {
  readonly session: SessionId;
  readonly xid: number;
  readonly opcode: number;
  readonly ids: readonly AuthId[];
  /** The connection it came over. */
  readonly owner: object;
}

export interface ProposerOptions {
  readonly tree: DataTree;
  readonly sessions: SessionTracker;
  readonly access: AccessControl;
  readonly log: TxnSink;
  readonly clock: Clock;
  /** Proposed, logged or about to be, and not applied yet, in zxid order. */
  readonly logged: RingQueue<LoggedTxn>;
  readonly digestEnabled: boolean;
  /** Whether there are TTL nodes (`extendedTypesEnabled`). */
  readonly extendedTypesEnabled: boolean;
  /** Whether hard limits of quotas are limits (`enforceQuota`). */
  readonly enforceQuota: boolean;
  readonly limits: TreeLimits;
  readonly planReconfig: PlanReconfig;
  readonly onQuotaExceeded: (excess: QuotaExcess) => void;
  /** The zxid before the first one that is given out. */
  readonly lastZxid: Zxid;
  readonly nextZxid: (last: Zxid) => Zxid;
  /** In an ensemble. */
  readonly owners: SessionOwners | null;
  readonly turn: Turn;
}

/**
 * Turns requests into txns and gives them their place in the order: what a server does that stands alone, and a
 * leader. Refused or not, a request becomes a txn: a failed write has a zxid and stands in the log too
 * (protocol §2).
 */
export class Proposer implements WritePath {
  readonly #options: ProposerOptions;
  readonly #preparer: RequestPreparer;
  readonly #sessions: SessionTracker;
  readonly #log: TxnSink;
  readonly #clock: Clock;
  readonly #turn: Turn;
  #lastProposed: Zxid;
  #isClosed = false;
  /** Of the request being prepared: filled in anew for each, and kept by none. */
  readonly #context: Mutable<RequestContext> = { session: NO_SESSION, ids: NO_IDS, zxid: ZXID_ZERO, time: 0 };

  constructor(options: ProposerOptions) {
    this.#options = options;
    this.#preparer = new RequestPreparer(options);
    this.#sessions = options.sessions;
    this.#log = options.log;
    this.#clock = options.clock;
    this.#turn = options.turn;
    this.#lastProposed = options.lastZxid;
  }

  get lastProposed(): Zxid {
    return this.#lastProposed;
  }

  // ---- from clients of this server -----------------------------------------------------------------------

  submit(request: ClientRequest, reader: JuteReader): PendingWrite {
    const { connection, opcode } = request;
    const { session, ids } = connection;
    const context = this.#beginRequest(session, ids);
    return this.#propose(context, this.#prepare(context, { opcode, owner: this }, reader), request);
  }

  createSession(session: SessionId, timeoutMs: number): boolean {
    this.#createSession(session, timeoutMs, this);
    return false;
  }

  reattach(session: SessionId, timeoutMs: number): boolean | null {
    if (this.revalidate(session, timeoutMs, this)) return true;
    // A refusal waits until a quorum has confirmed it, where there is one.
    return this.#options.owners === null ? false : null;
  }

  /** What was proposed before is on its way, and what this client asked for is answered before its `sync`. */
  sync(): boolean {
    return true;
  }

  touch(session: SessionId): void {
    this.#sessions.touch(session, this.#turn.nowMs);
  }

  expire(): readonly SessionId[] {
    for (const session of this.#sessions.expire(this.#turn.nowMs)) {
      if (this.#isClosed) break;
      const context = this.#beginRequest(session, NO_IDS);
      this.#propose(
        context,
        this.#preparer.closeSession(session, context.zxid),
        ownRequest(OpCode.closeSession),
      );
    }
    return NO_SESSIONS;
  }

  reap(countMax: number): void {
    for (const path of nodesToReap(this.#options.tree, this.#clock.wallMs(), countMax)) {
      if (this.#isClosed) return;
      const context = this.#beginRequest(NO_SESSION, NO_IDS);
      const prepared = this.#preparer.deleteContainer(path, context.zxid);
      this.#propose(context, prepared, ownRequest(OpCode.deleteContainer));
    }
  }

  beginApplying(): void {
    this.#preparer.beginApplying();
  }

  onApplied(zxid: Zxid): void {
    this.#preparer.endApplying(zxid);
  }

  flush(): void {
    this.#log.flush();
  }

  /** Proposes nothing any more. It may be in the middle of it: what it proposed last can have ended its epoch. */
  close(): void {
    this.#isClosed = true;
  }

  // ---- from learners -------------------------------------------------------------------------------------

  /** @throws WireError if the body can't be read; then it has left no trace. */
  submitRemote(request: RemoteRequest, reader: JuteReader): void {
    const { session, xid, opcode, ids, owner } = request;
    if (opcode === OpCode.createSession) {
      this.#createSession(session, reader.int(), owner);
      return;
    }
    const context = this.#beginRequest(session, ids);
    // A learner may let through what its own server would refuse (trap 84).
    const prepared = isWriteType(opcode)
      ? this.#prepare(context, { opcode, owner }, reader)
      : ErrorCode.unimplemented;
    this.#propose(context, prepared, { connection: null, xid, opcode, size: 0 });
  }

  /** Gives a request whose body can't be read its place in the order, and its client an answer. */
  refuseRemote({ session, xid, opcode }: RemoteRequest): void {
    const context = this.#beginRequest(session, NO_IDS);
    this.#propose(context, ErrorCode.marshallingError, { connection: null, xid, opcode, size: 0 });
  }

  /**
   * Whether the session is alive; if so it is `owner`'s from now on, and has all its time again.
   *
   * If not, that must not be said before what has been proposed by then is committed: another leader may have made the
   * session, and this one not know yet that it leads no more (C11). So that there is something to commit, the refusal is
   * a txn itself.
   */
  revalidate(session: SessionId, timeoutMs: number, owner: object): boolean {
    const { owners } = this.#options;
    if (this.#sessions.reattach(session, timeoutMs, this.#turn.nowMs)) {
      owners?.claim(session, owner);
      return true;
    }
    if (owners !== null && !this.#isClosed) {
      const context = this.#beginRequest(session, NO_IDS);
      this.#propose(context, ErrorCode.sessionExpired, ownRequest(OpCode.error));
    }
    return false;
  }

  // ---- inside --------------------------------------------------------------------------------------------

  #createSession(session: SessionId, timeOut: number, owner: object): void {
    const context = this.#beginRequest(session, NO_IDS);
    this.#options.owners?.claim(session, owner);
    this.#propose(context, { type: OpCode.createSession, timeOut }, ownRequest(OpCode.createSession));
  }

  #prepare(
    context: RequestContext,
    { opcode, owner }: { readonly opcode: number; readonly owner: object },
    reader: JuteReader,
  ): Prepared {
    const { session } = context;
    if (!this.#sessions.isAlive(session)) return ErrorCode.sessionExpired;
    if (this.#options.owners?.isOwner(session, owner) === false) return ErrorCode.sessionMoved;
    if (opcode === OpCode.closeSession) this.#sessions.markClosing(session);
    return prepareWrite(this.#preparer, opcode, reader, context);
  }

  /** The next request to be prepared is of this session. */
  #beginRequest(session: SessionId, ids: readonly AuthId[]): RequestContext {
    const context = this.#context;
    context.session = session;
    context.ids = ids;
    context.zxid = this.#options.nextZxid(this.#lastProposed);
    context.time = this.#clock.wallMs();
    this.#preparer.begin();
    return context;
  }

  #propose({ session, zxid, time }: RequestContext, prepared: Prepared, origin: Origin): PendingWrite {
    let txn: Txn = typeof prepared === 'number' ? { type: OpCode.error, err: prepared } : prepared;
    let header: TxnHeader = { clientId: session, cxid: origin.xid, zxid, time, type: txn.type };
    if (!this.#append(header, txn)) {
      if (txn.type === OpCode.closeSession) {
        // More ephemerals than a txn can name. Whoever applies it takes those away that it does not name.
        txn = { type: OpCode.closeSession, paths2Delete: [] };
      } else {
        // The txn is longer than the request was, and longer than a log reader takes: refused before anybody
        // has seen it (B28).
        this.#preparer.rollBack();
        txn = { type: OpCode.error, err: ErrorCode.marshallingError };
        header = { ...header, type: txn.type };
      }
      assert(this.#append(header, txn), 'a txn that names nothing is never too long');
    }
    this.#lastProposed = zxid;
    // Nobody can speak through it any more.
    if (txn.type === OpCode.closeSession) this.#options.owners?.remove(session);

    const { connection, xid, opcode, size } = origin;
    const write: LoggedTxn = {
      type: 'write',
      header,
      txn,
      isPreparedHere: true,
      connection,
      xid,
      opcode,
      receivedAtMs: this.#turn.nowMs,
      size,
      forwardedAfter: null,
      statWanted: null,
    };
    this.#options.logged.push(write);
    this.#turn.begin();
    return write;
  }

  /** Encodes the txn once, straight into the batch. False if it is too long for the log. */
  #append(header: TxnHeader, txn: Txn): boolean {
    const entry = this.#log.begin(header.zxid);
    writeTxnHeader(entry, header);
    writeTxn(entry, txn);
    if (this.#options.digestEnabled && txn.type !== OpCode.error) {
      const { high, low } = this.#preparer.digest;
      entry.int(DIGEST_VERSION);
      entry.int(high);
      entry.int(low);
    }
    return this.#log.end();
  }
}

/** What no client here asked for. */
function ownRequest(opcode: number): Origin {
  return { connection: null, xid: 0, opcode, size: 0 };
}
