import { assert } from '../base/assert.ts';
import type { Clock, ScheduleEndOfTurn } from '../base/ports.ts';
import { RingQueue } from '../base/ring-queue.ts';
import { NO_SESSION, type SessionId } from '../base/session-id.ts';
import { ZXID_ZERO, nextStandaloneZxid, type Zxid } from '../base/zxid.ts';
import { isSessionPassword, sessionPassword } from '../session/session-password.ts';
import type { SessionTracker } from '../session/session-tracker.ts';
import type { AccessControl, AuthId } from '../tree/acl.ts';
import type { DataTree } from '../tree/data-tree.ts';
import { RequestPreparer, type Prepared, type RequestContext } from '../tree/prepare-request.ts';
import { ErrorCode } from '../wire/error-code.ts';
import type { JuteReader } from '../wire/jute-reader.ts';
import type { JuteWriter } from '../wire/jute-writer.ts';
import { OpCode } from '../wire/opcode.ts';
import { readAuthPacket } from '../wire/records/auth.ts';
import type { ConnectRequest } from '../wire/records/connect.ts';
import { DIGEST_VERSION } from '../wire/txns/txn-digest.ts';
import { writeTxnHeader, type TxnHeader } from '../wire/txns/txn-header.ts';
import { writeTxn, type Txn } from '../wire/txns/txn.ts';
import type { WireError } from '../wire/wire-error.ts';
import { applyTxn } from './apply-txn.ts';
import type { ClientConnection } from './client-connection.ts';
import { ConnectionTable } from './connection-table.ts';
import type { PendingWrite } from './pending-write.ts';
import { prepareWrite } from './write-requests.ts';
import { nodesToReap } from './reaper.ts';
import { WriteReplies } from './write-replies.ts';

const NO_IDS: readonly AuthId[] = [];
const EMPTY = new Uint8Array(0);

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Who asked, and what for. */
interface ProposedRequest {
  readonly connection: ClientConnection | null;
  readonly xid: number;
  readonly opcode: number;
  /** Of the request, bytes. */
  readonly size: number;
}

/** What no client asked for. */
function ownRequest(opcode: number): ProposedRequest {
  return { connection: null, xid: 0, opcode, size: 0 };
}

/** Where txns become durable. `GroupCommit` alone; in an ensemble, the broadcast to a quorum. */
export interface TxnSink {
  begin(zxid: Zxid): JuteWriter;
  /** Null if the entry is longer than a log reader takes: then it is forgotten. */
  end(): Uint8Array | null;
  /** At the end of a turn: what was gathered may go to disk. */
  flush(): void;
}

/** What the core tells whoever counts; called for every request. */
export interface ServerCounters {
  packetsReceived: number;
  /** Latencies from arrival to reply, ms. */
  readDone(latencyMs: number): void;
  updateDone(latencyMs: number): void;
  responseSent(sizeBytes: number): void;
  authFailedCount: number;
}

/** How connections come by their identities (protocol §7.1). */
export interface Authenticator {
  /** What a connection is from the start. */
  idsOfAddress(remoteAddress: string): readonly AuthId[];
  /** What these bytes make it besides; null if they are refused. */
  authenticate(scheme: string, token: Uint8Array, remoteAddress: string): readonly AuthId[] | null;
}

export interface ServerCoreOptions {
  readonly tree: DataTree;
  readonly sessions: SessionTracker;
  readonly access: AccessControl;
  readonly authenticator: Authenticator;
  readonly log: TxnSink;
  readonly clock: Clock;
  readonly scheduleEndOfTurn: ScheduleEndOfTurn;
  /** What a connection is answered whose first four bytes, as a signed int, are a word; null if they are none. */
  readonly fourLetterWord: (firstInt: number) => Uint8Array | null;
  readonly counters: ServerCounters;
  readonly onBadBytes: (connection: ClientConnection, error: WireError) => void;
  /** After each txn is applied; snapshots are decided there. */
  readonly onApplied: (zxid: Zxid) => void;
  readonly digestEnabled: boolean;
  /** Whether there are TTL nodes (`extendedTypesEnabled`). */
  readonly extendedTypesEnabled: boolean;
  readonly frameBytesMax: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  /** How long a connection may be without a session, ms. */
  readonly sessionlessTimeoutMs: number;
  /** The id the first session gets; the next ones count up from it. */
  readonly firstSessionId: SessionId;
}

/**
 * The request pipeline of one server: prepare, make durable, apply, answer. Synchronous and without I/O of its
 * own; the order in which things happen here is the order clients see.
 */
export class ServerCore {
  readonly tree: DataTree;
  readonly sessions: SessionTracker;
  readonly frameBytesMax: number;
  readonly counters: ServerCounters;
  readonly connections = new ConnectionTable();
  readonly #options: ServerCoreOptions;
  readonly #preparer: RequestPreparer;
  readonly #replies: WriteReplies;
  readonly #log: TxnSink;
  readonly #clock: Clock;

  /** Proposed and not yet applied, in zxid order. */
  readonly #proposed = new RingQueue<PendingWrite>(1024);
  #lastProposed: Zxid;
  #turnScheduled = false;
  /** A tick has come, and what it ends is to be ended with the turn. */
  #isTick = false;
  #nextSessionId: SessionId;
  /** Of the request being prepared: filled in anew for each, and kept by none. */
  readonly #context: Mutable<RequestContext> = { session: NO_SESSION, ids: NO_IDS, zxid: ZXID_ZERO, time: 0 };
  /** Of the turn that is running: reading the clock for every request costs more than it tells. */
  nowMs: number;

  constructor(options: ServerCoreOptions) {
    this.#options = options;
    this.tree = options.tree;
    this.sessions = options.sessions;
    this.frameBytesMax = options.frameBytesMax;
    this.#log = options.log;
    this.#clock = options.clock;
    this.counters = options.counters;
    this.#preparer = new RequestPreparer(options);
    this.#replies = new WriteReplies(options.tree);
    this.#lastProposed = options.tree.lastProcessedZxid;
    this.#nextSessionId = options.firstSessionId;
    this.nowMs = options.clock.monotonicMs();
  }

  get outstanding(): number {
    return this.#proposed.length;
  }

  identitiesOf(remoteAddress: string): readonly AuthId[] {
    return this.#options.authenticator.idsOfAddress(remoteAddress);
  }

  get lastProposedZxid(): Zxid {
    return this.#lastProposed;
  }

  allows(aclId: number, perms: number, ids: readonly AuthId[]): boolean {
    return this.#options.access.allows(this.tree.acls.listOf(aclId), perms, ids);
  }

  fourLetterWord(firstInt: number): Uint8Array | null {
    return this.#options.fourLetterWord(firstInt);
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
    this.#beginTurn();
    if (connection.hasSession) this.sessions.touch(connection.session, this.nowMs);
  }

  markDirty(connection: ClientConnection): void {
    this.connections.markDirty(connection);
    this.#beginTurn();
  }

  // ---- sessions ------------------------------------------------------------------------------------------

  /** The decision table of protocol §1.3, in its order. */
  onConnectRequest(connection: ClientConnection, request: ConnectRequest): void {
    if (request.lastZxidSeen > this.tree.lastProcessedZxid) {
      // It has seen a state this server has not reached. Not expired: it must find another server (trap 12).
      connection.destroy();
      return;
    }
    const timeoutMs = this.#negotiate(request.timeOut);
    if (request.sessionId === NO_SESSION) {
      this.#createSession(connection, timeoutMs);
      return;
    }
    const { sessionId } = request;
    if (
      !isSessionPassword(sessionId, request.passwd) ||
      !this.sessions.reattach(sessionId, timeoutMs, this.nowMs)
    ) {
      connection.onSessionRefused();
      return;
    }
    // The password is right: only now is whoever had the session before sent away.
    this.connections.holderOf(sessionId)?.destroy();
    this.connections.setHolder(sessionId, connection);
    connection.onSessionEstablished(sessionId, timeoutMs, sessionPassword(sessionId));
  }

  onAuth(connection: ClientConnection, xid: number, reader: JuteReader): void {
    const packet = readAuthPacket(reader);
    const { remoteAddress } = connection.socket;
    const ids = this.#options.authenticator.authenticate(packet.scheme, packet.auth ?? EMPTY, remoteAddress);
    if (ids === null) {
      this.counters.authFailedCount++;
      connection.reply(xid, 0, ErrorCode.authFailed);
      connection.end();
      return;
    }
    for (const id of ids) {
      if (connection.ids.some((known) => known.scheme === id.scheme && known.id === id.id)) continue;
      connection.ids.push(id);
    }
    connection.reply(xid, 0, ErrorCode.ok);
  }

  /**
   * Called about once a tick: ends sessions that nothing was heard of, and handshakes that do not come. It does
   * so at the end of the turn, when the sockets have been read: a process that was stopped for a while finds
   * its timers due before the pings that have come in the meantime.
   */
  onTick(): void {
    this.#beginTurn();
    this.#isTick = true;
  }

  /** Called every `znode.container.checkIntervalMs`: deletes containers and TTL nodes whose time is over. */
  reap(countMax: number): void {
    this.#beginTurn();
    for (const path of nodesToReap(this.tree, this.#clock.wallMs(), countMax)) {
      const context = this.#beginRequest(NO_SESSION, NO_IDS);
      this.#propose(
        context,
        this.#preparer.deleteContainer(path, context.zxid),
        ownRequest(OpCode.deleteContainer),
      );
    }
  }

  // ---- writes --------------------------------------------------------------------------------------------

  /**
   * Takes a request of a write type. Refused or not it becomes a txn: a failed write has a zxid and stands in
   * the log too (protocol §2).
   * @throws WireError if it can't be read; then it has left no trace (trap 83).
   */
  propose(
    connection: ClientConnection,
    xid: number,
    opcode: number,
    reader: JuteReader,
    size: number,
  ): PendingWrite {
    const { session } = connection;
    const context = this.#beginRequest(session, connection.ids);
    let prepared: Prepared = ErrorCode.sessionExpired;
    if (this.sessions.isAlive(session)) {
      if (opcode === OpCode.closeSession) this.sessions.markClosing(session);
      prepared = prepareWrite(this.#preparer, opcode, reader, context);
    }
    return this.#propose(context, prepared, { connection, xid, opcode, size });
  }

  /** Everything up to this zxid is on disk: apply it and answer, in order. */
  onDurable(upTo: Zxid): void {
    this.#beginTurn();
    for (;;) {
      const write = this.#proposed.peek();
      if (write === undefined || write.header.zxid > upTo) break;
      this.#proposed.shift();
      this.connections.release(write.size);
      this.#apply(write);
    }
    this.connections.resumePaused();
  }

  /** The work of the turn is done: start the next flush, and send each connection its replies in one piece. */
  endTurn(): void {
    this.#turnScheduled = false;
    if (this.#isTick) this.#expire();
    this.connections.flush();
    this.#log.flush();
  }

  // ---- inside --------------------------------------------------------------------------------------------

  #beginTurn(): void {
    if (this.#turnScheduled) return;
    this.#turnScheduled = true;
    this.nowMs = this.#clock.monotonicMs();
    this.#options.scheduleEndOfTurn();
  }

  #expire(): void {
    this.#isTick = false;
    const openedBefore = this.nowMs - this.#options.sessionlessTimeoutMs;
    for (const connection of this.connections) {
      if (!connection.hasSession && connection.openedAtMs < openedBefore) connection.destroy();
    }
    for (const session of this.sessions.expire(this.nowMs)) {
      const context = this.#beginRequest(session, NO_IDS);
      this.#propose(
        context,
        this.#preparer.closeSession(session, context.zxid),
        ownRequest(OpCode.closeSession),
      );
    }
  }

  #negotiate(requestedMs: number): number {
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#options;
    return Math.min(Math.max(requestedMs, minSessionTimeoutMs), maxSessionTimeoutMs);
  }

  #createSession(connection: ClientConnection, timeOut: number): void {
    const session = this.#nextSessionId;
    this.#nextSessionId = (session + 1n) as SessionId;
    const context = this.#beginRequest(session, NO_IDS);
    const prepared: Prepared = { type: OpCode.createSession, timeOut };
    this.#propose(context, prepared, { ...ownRequest(OpCode.createSession), connection });
  }

  /** The next request to be prepared is of this session. */
  #beginRequest(session: SessionId, ids: readonly AuthId[]): RequestContext {
    const context = this.#context;
    context.session = session;
    context.ids = ids;
    context.zxid = nextStandaloneZxid(this.#lastProposed);
    context.time = this.#clock.wallMs();
    this.#preparer.begin();
    return context;
  }

  #propose(
    { session, zxid, time }: RequestContext,
    prepared: Prepared,
    { connection, xid, opcode, size }: ProposedRequest,
  ): PendingWrite {
    let txn: Txn = typeof prepared === 'number' ? { type: OpCode.error, err: prepared } : prepared;
    let header: TxnHeader = { clientId: session, cxid: xid, zxid, time, type: txn.type };
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

    const write: PendingWrite = {
      type: 'write',
      header,
      txn,
      changes: this.#preparer.takeChanges(),
      connection,
      xid,
      opcode,
      receivedAtMs: this.nowMs,
      size,
    };
    this.connections.hold(size);
    this.#proposed.push(write);
    this.#beginTurn();
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
    return this.#log.end() !== null;
  }

  #apply(write: PendingWrite): void {
    const { header, txn, connection } = write;
    this.#replies.begin();
    this.tree.beginAdopting();
    const error = applyTxn(this, header, txn, this.nowMs, this.#replies.onSubTxn);
    this.tree.adopt(write.changes);
    this.#preparer.onApplied(header.zxid);
    assert(txn.type === OpCode.error || error === ErrorCode.ok, 'a prepared txn did not apply');

    if (write.opcode === OpCode.createSession) this.#onSessionCreated(header.clientId, connection);
    else if (connection !== null) {
      connection.onWriteApplied(write, this.#replies);
      this.counters.updateDone(this.nowMs - write.receivedAtMs);
    }
    if (txn.type === OpCode.closeSession) this.#onSessionClosed(header.clientId, connection);
    this.#options.onApplied(header.zxid);
  }

  #onSessionCreated(session: SessionId, connection: ClientConnection | null): void {
    if (connection === null || !this.connections.has(connection)) return;
    this.connections.setHolder(session, connection);
    const timeoutMs = this.sessions.timeoutOf(session);
    connection.onSessionEstablished(session, timeoutMs, sessionPassword(session));
  }

  /** Who closed it gets the reply and then the end; whoever held an expired one gets the end alone. */
  #onSessionClosed(session: SessionId, asked: ClientConnection | null): void {
    const holder = this.connections.holderOf(session);
    if (asked !== null) asked.end();
    if (holder !== undefined && holder !== asked) holder.destroy();
  }
}
