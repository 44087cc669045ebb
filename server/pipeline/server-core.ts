import type { RingQueue } from '../base/ring-queue.ts';
import { NO_SESSION, type SessionId } from '../base/session-id.ts';
import type { Turn } from '../base/turn.ts';
import type { Zxid } from '../base/zxid.ts';
import { isSessionPassword, type PasswordOf } from '../session/session-password.ts';
import type { SessionTracker } from '../session/session-tracker.ts';
import type { AccessControl, AuthId } from '../tree/acl.ts';
import type { DataTree } from '../tree/data-tree.ts';
import { ErrorCode } from '../wire/error-code.ts';
import type { JuteReader } from '../wire/jute-reader.ts';
import { OpCode } from '../wire/opcode.ts';
import type { ConnectRequest } from '../wire/records/connect.ts';
import type { WireError } from '../wire/wire-error.ts';
import { applyLogged } from './apply-txn.ts';
import type { Authenticator } from './authenticator.ts';
import type { ClientConnection } from './client-connection.ts';
import { ConnectionTable } from './connection-table.ts';
import type { Limits } from './limits.ts';
import { LookAhead } from './look-ahead.ts';
import type { LoggedTxn, PendingWrite } from './pending-write.ts';
import type { PendingSync } from './pending-sync.ts';
import type { RequestJournal } from './request-journal.ts';
import type { ReadOnlyPath } from './read-only-path.ts';
import type { ClientRequest, WritePath } from './write-path.ts';
import { WriteReplies } from './write-replies.ts';

/** What the core tells whoever counts; called for every request. */
export interface ServerCounters {
  packetsReceived: number;
  /** Latencies from arrival to reply, ms. */
  readDone(latencyMs: number): void;
  updateDone(latencyMs: number): void;
  responseSent(sizeBytes: number): void;
  /** So many txns went to the disk in one write. */
  batchWritten(txnCount: number): void;
  /** From when a snapshot was begun to when it was on the disk, ms. */
  snapshotWritten(durationMs: number): void;
  /** From when a leader was looked for to when there was one, ms. */
  electionDone(durationMs: number): void;
  authFailedCount: number;
}

/**
 * What a connection is answered that begins with these bytes, four at least: they may be a word of an operator and not
 * the length of a frame. `incomplete` is a word of which more is to come. The pieces of an answer are made as they are
 * asked for, over many turns if there are many, and each has memory of its own.
 */
export type AnswerWord = (bytes: Uint8Array) => Iterable<Uint8Array> | 'no-word' | 'incomplete';

export interface ServerCoreOptions {
  readonly tree: DataTree;
  readonly sessions: SessionTracker;
  readonly access: AccessControl;
  readonly authenticator: Authenticator;
  readonly writes: WritePath;
  /** Logged, or on its way to the log, and not applied yet, in zxid order. */
  readonly logged: RingQueue<LoggedTxn>;
  readonly turn: Turn;
  readonly answerWord: AnswerWord;
  readonly counters: ServerCounters;
  readonly onBadBytes: (connection: ClientConnection, error: WireError) => void;
  /** After each txn is applied; snapshots are decided there. */
  readonly onApplied: (zxid: Zxid) => void;
  readonly frameBytesMax: number;
  readonly limits: Limits;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  /** How long a connection may be without a session, ms. */
  readonly sessionlessTimeoutMs: number;
  /** An id that no session ever had. */
  readonly nextSessionId: () => SessionId;
  readonly passwordOf: PasswordOf;
  /** Null: nobody wants to read it. */
  readonly journal?: RequestJournal | null;
  /** Nothing is written, and only those are served who can do with that (protocol §1.10). */
  readonly readOnly?: ReadOnlyPath;
}

/**
 * What one server does for its clients, whatever its role: it keeps their connections, answers their reads from
 * its tree, hands their writes on, applies what comes back and answers. Synchronous and without I/O of its own;
 * the order in which things happen here is the order clients see.
 */
export class ServerCore {
  readonly tree: DataTree;
  readonly sessions: SessionTracker;
  readonly frameBytesMax: number;
  readonly counters: ServerCounters;
  readonly limits: Limits;
  /** Tells one turn from the next. */
  turnCount = 0;
  readonly connections: ConnectionTable;
  readonly lookAhead: LookAhead;
  readonly isReadOnly: boolean;
  /** Null: nobody wants to read it. */
  readonly journal: RequestJournal | null;
  readonly #options: ServerCoreOptions;
  readonly #replies: WriteReplies;
  readonly #writes: WritePath;
  readonly #logged: RingQueue<LoggedTxn>;
  readonly #turn: Turn;

  /** Who waits for a session: for its txn, or for the leader's word that it is alive. */
  readonly #connecting = new Map<SessionId, ClientConnection>();
  /** `sync`s that the leader has not answered, oldest first. */
  readonly #syncs: PendingSync[] = [];
  /** A tick has come, and what it ends is to be ended with the turn. */
  #isTick = false;

  constructor(options: ServerCoreOptions) {
    this.#options = options;
    this.journal = options.journal ?? null;
    this.isReadOnly = options.readOnly !== undefined;
    this.tree = options.tree;
    this.lookAhead = new LookAhead(options.tree);
    this.sessions = options.sessions;
    this.frameBytesMax = options.frameBytesMax;
    this.limits = options.limits;
    this.connections = new ConnectionTable(options.limits);
    this.counters = options.counters;
    this.#writes = options.writes;
    this.#logged = options.logged;
    this.#turn = options.turn;
    this.#replies = new WriteReplies(options.tree);
  }

  get outstanding(): number {
    return this.#logged.length;
  }

  get nowMs(): number {
    return this.#turn.nowMs;
  }

  get authenticator(): Authenticator {
    return this.#options.authenticator;
  }

  allows(aclId: number, perms: number, ids: readonly AuthId[]): boolean {
    return this.#options.access.allows(this.tree.acls.listOf(aclId), perms, ids);
  }

  /** Whether this connection may watch so many paths more. */
  mayWatch(connection: ClientConnection, more = 1): boolean {
    const { watchesMax, watchesPerConnectionMax } = this.limits;
    const { dataWatches, childWatches, watchCount } = this.tree;
    if (watchCount + more > watchesMax) return false;
    return (
      dataWatches.countOf(connection) + childWatches.countOf(connection) + more <= watchesPerConnectionMax
    );
  }

  get answerWord(): AnswerWord {
    return this.#options.answerWord;
  }

  // ---- connections ---------------------------------------------------------------------------------------

  onConnectionOpened(connection: ClientConnection): void {
    this.connections.add(connection);
  }

  /** Watches go with the connection; the session stays until it expires. */
  onConnectionClosed(connection: ClientConnection): void {
    if (this.connections.remove(connection)) this.tree.removeWatcher(connection);
  }

  onBadBytes(connection: ClientConnection, error: WireError): void {
    this.#options.onBadBytes(connection, error);
  }

  /** Bytes came: whatever they say, the session is alive (trap 18). */
  onActivity(connection: ClientConnection): void {
    this.#turn.begin();
    if (connection.hasSession) this.#writes.touch(connection.session);
  }

  markDirty(connection: ClientConnection): void {
    this.connections.markDirty(connection);
    this.#turn.begin();
  }

  /** Serves nobody any more: every connection is closed, and their requests are forgotten. */
  close(): void {
    for (const connection of Array.from(this.connections)) connection.destroy();
  }

  // ---- sessions ------------------------------------------------------------------------------------------

  /** The decision table of protocol §1.3, in its order. */
  onConnectRequest(connection: ClientConnection, request: ConnectRequest): void {
    if (this.isReadOnly && request.readOnly !== true) {
      connection.destroy();
      return;
    }
    if (request.lastZxidSeen > this.tree.lastProcessedZxid) {
      // It has seen a state this server has not reached. Not expired: it must find another server (trap 12).
      connection.destroy();
      return;
    }
    const timeoutMs = this.#negotiate(request.timeOut);
    connection.sessionTimeoutMs = timeoutMs;
    if (request.sessionId === NO_SESSION) {
      const session = this.#options.nextSessionId();
      this.#connecting.set(session, connection);
      if (this.#writes.createSession(session, timeoutMs)) this.#onSessionCreated(session);
      return;
    }
    const { sessionId } = request;
    if (!isSessionPassword(sessionId, request.passwd, this.#options.passwordOf)) {
      // Without a quorum nobody is told of an end that may be none, by the wrong password least of all.
      if (this.isReadOnly) connection.destroy();
      else connection.onSessionRefused();
      return;
    }
    // The password is right: who had the session here is sent away before the leader hears of it, as in Apache. What
    // it has not asked for yet would else be asked in the new connection's name, behind what the client asked
    // elsewhere in the meantime (C2).
    this.connections.holderOf(sessionId)?.destroy();
    const isAlive = this.#writes.reattach(sessionId, timeoutMs);
    if (isAlive === 'unknown') connection.destroy();
    else if (isAlive === null) this.#connecting.set(sessionId, connection);
    else this.#onReattached(connection, sessionId, isAlive);
  }

  /** The leader's word on a session that a client wants to go on with here. */
  onRevalidated(session: SessionId, isAlive: boolean): void {
    const connection = this.#connecting.get(session);
    if (connection === undefined) return;
    this.#connecting.delete(session);
    if (this.connections.has(connection)) this.#onReattached(connection, session, isAlive);
  }

  /**
   * Called whenever a tick is over: ends sessions that nothing was heard of, and handshakes that do not come. It does
   * so at the end of the turn, when the sockets have been read: a process that was stopped for a while finds
   * its timers due before the pings that have come in the meantime.
   */
  onTick(): void {
    this.#turn.begin();
    this.#isTick = true;
  }

  /** Called every `znode.container.checkIntervalMs`: deletes containers and TTL nodes whose time is over. */
  reap(countMax: number): void {
    this.#turn.begin();
    this.#writes.reap(countMax);
  }

  // ---- requests ------------------------------------------------------------------------------------------

  /**
   * Takes a request of a write type; its answer comes when its txn is applied.
   * @throws WireError if it can't be read; then it has left no trace (trap 83).
   */
  submit(request: ClientRequest, reader: JuteReader): PendingWrite {
    const start = reader.offset;
    const write = this.#writes.submit(request, reader);
    this.connections.hold(request.size);
    if (this.journal !== null) {
      reader.rewind(start);
      this.journal.onTaken(request.connection, write, reader);
    }
    return write;
  }

  /** Of a server that writes nothing: a session of its own ends with the answer to its client. */
  closeOwnSession(connection: ClientConnection): void {
    this.#options.readOnly?.closeSession(connection.session);
    connection.end();
  }

  /** Null if a `sync` may be answered at once; else what stands in its connection's queue until it may. */
  sync(connection: ClientConnection, xid: number): PendingSync | null {
    if (this.#writes.sync(connection.session, xid)) return null;
    const sync: PendingSync = { connection, isDone: false };
    this.#syncs.push(sync);
    return sync;
  }

  /** The state shows all that was committed when the oldest unanswered `sync` came to the leader. */
  onSynced(): void {
    const sync = this.#syncs.shift();
    if (sync === undefined) return;
    sync.isDone = true;
    sync.connection.onSynced();
  }

  /** Everything up to this zxid is on disk, and where there is an ensemble committed: apply it and answer, in order. */
  applyThrough(upTo: Zxid): void {
    this.#turn.begin();
    for (;;) {
      const logged = this.#logged.peek();
      if (logged === undefined || logged.header.zxid > upTo) break;
      this.#logged.shift();
      this.#apply(logged);
    }
    this.connections.resumePaused();
  }

  /**
   * The work of the turn is done: start the next flush, and send each connection its replies in one piece. In this
   * order, because the disk works beside this thread, and dozens of sockets keep it waiting for a while.
   */
  endTurn(): void {
    if (this.#isTick) this.#expire();
    this.turnCount++;
    if (this.connections.runDeferred()) this.#turn.begin();
    this.#writes.flush();
    this.connections.flush();
  }

  // ---- inside --------------------------------------------------------------------------------------------

  #expire(): void {
    this.#isTick = false;
    const openedBefore = this.nowMs - this.#options.sessionlessTimeoutMs;
    for (const connection of this.connections) {
      if (!connection.hasSession && connection.awaitedSinceMs < openedBefore) connection.destroy();
      else if (connection.isRequestOverdue()) connection.destroy();
    }
    for (const session of this.#writes.expire()) this.connections.holderOf(session)?.destroy();
  }

  #negotiate(requestedMs: number): number {
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#options;
    return Math.min(Math.max(requestedMs, minSessionTimeoutMs), maxSessionTimeoutMs);
  }

  #onReattached(connection: ClientConnection, session: SessionId, isAlive: boolean): void {
    if (!isAlive) {
      connection.onSessionRefused();
      return;
    }
    this.connections.setHolder(session, connection);
    connection.onSessionEstablished(session, this.#options.passwordOf(session));
  }

  #apply(logged: LoggedTxn): void {
    const { header, txn } = logged;
    const { clientId, zxid } = header;
    this.#replies.begin();
    this.#writes.beginApplying();
    this.journal?.beforeApplying(logged, this.tree);
    applyLogged(this, logged, this.nowMs, this.#replies.onSubTxn);
    this.#writes.onApplied(zxid);
    this.journal?.onApplied(logged);

    const asked = this.#answer(logged);
    if (txn.type === OpCode.createSession) this.#onSessionCreated(clientId);
    if (txn.type === OpCode.closeSession) this.#onSessionClosed(clientId, asked);
    if (txn.type === OpCode.error && txn.err === ErrorCode.sessionExpired)
      this.onRevalidated(clientId, false);
    this.#options.onApplied(zxid);
  }

  /**
   * Answers whoever asked for the txn on a connection of this server, and returns that connection. One whose session
   * has moved to another server is closed: what it still asks for nobody answers (protocol §4.7).
   */
  #answer(logged: LoggedTxn): ClientConnection | null {
    const { connection } = logged;
    const isMoved = logged.txn.type === OpCode.error && logged.txn.err === ErrorCode.sessionMoved;
    if (connection !== null) {
      this.connections.release(logged.size);
      if (isMoved) {
        connection.destroy();
        return null;
      }
      connection.onWriteApplied(logged, logged, this.#replies);
      this.counters.updateDone(this.nowMs - logged.receivedAtMs);
      return connection;
    }
    const holder = this.connections.holderOf(logged.header.clientId);
    const forwarded = holder?.forwardedInFront(logged.header.cxid, logged.header.zxid) ?? null;
    if (holder === undefined || forwarded === null) return null;
    this.connections.release(forwarded.size);
    if (isMoved) {
      holder.destroy();
      return null;
    }
    holder.onWriteApplied(forwarded, logged, this.#replies);
    this.counters.updateDone(this.nowMs - forwarded.receivedAtMs);
    return holder;
  }

  #onSessionCreated(session: SessionId): void {
    const connection = this.#connecting.get(session);
    if (connection === undefined) return;
    this.#connecting.delete(session);
    if (!this.connections.has(connection)) return;
    this.connections.setHolder(session, connection);
    connection.onSessionEstablished(session, this.#options.passwordOf(session));
  }

  /** Who closed it gets the reply and then the end; whoever held an expired one gets the end alone. */
  #onSessionClosed(session: SessionId, asked: ClientConnection | null): void {
    const holder = this.connections.holderOf(session);
    if (asked !== null) asked.end();
    if (holder !== undefined && holder !== asked) holder.destroy();
  }
}
