import { NO_SESSION, type SessionId } from '../base/session-id.ts';
import { assert } from '../base/assert.ts';
import { concat } from '../base/bytes.ts';
import type { ByteStream, StreamHandler } from '../base/ports.ts';
import { RingQueue } from '../base/ring-queue.ts';
import type { Zxid } from '../base/zxid.ts';
import type { AuthId } from '../tree/acl.ts';
import type { WatchEventType, Watcher } from '../tree/watch-manager.ts';
import { writeChildren, type Znode } from '../tree/znode.ts';
import { FrameDecoder } from '../wire/frame-decoder.ts';
import { ErrorCode } from '../wire/error-code.ts';
import { JuteReader } from '../wire/jute-reader.ts';
import type { JuteWriter } from '../wire/jute-writer.ts';
import { OpCode, SpecialXid } from '../wire/opcode.ts';
import { readConnectRequest, writeConnectResponse } from '../wire/records/connect.ts';
import { Perms } from '../wire/records/acl.ts';
import { WireError } from '../wire/wire-error.ts';
import { answerAuth, answerSasl, answerUnadmitted } from './auth-requests.ts';
import type { SaslExchange } from './authenticator.ts';
import { ConnectionOutput } from './connection-output.ts';
import { ConnectionStats } from './connection-stats.ts';
import type { PendingSync } from './pending-sync.ts';
import type { LoggedTxn, PendingWrite } from './pending-write.ts';
import { answerRead, decodeRead, errorReply, isReadType, type ReadRequest } from './read-requests.ts';
import type { ServerCore } from './server-core.ts';
import { WordAnswer } from './word-answer.ts';
import type { WriteReplies } from './write-replies.ts';
import { isWriteType } from './write-requests.ts';

/** Nobody without a session needs a longer frame than this; a handshake is 45 bytes. */
const HANDSHAKE_FRAME_MAX = 4096;
/** Of replies made in one turn, and of those the client does not take: then nothing more is read from it. */
const OUTPUT_PAUSE_BYTES = 2 << 20;
/**
 * What a connection may have done in a turn before it has to wait for the others: bytes of requests and replies, and so
 * many for each request, however small. Of a multi each byte counts for many, since it stands for work on the tree.
 */
const SHARE_OF_TURN = 256 << 10;
const REQUEST_WORK = 256;
const MULTI_FACTOR = 32;
/** Of requests not answered yet, on one connection. */
const PENDING_MAX = 10_000;
const KEEPER_STATE_SYNC_CONNECTED = 3;

/** A reply that has to wait for the writes before it. */
export interface PendingRead {
  readonly type: 'read';
  readonly xid: number;
  readonly request: ReadRequest;
  readonly receivedAtMs: number;
  readonly size: number;
  /** Null for what waits for nothing but its turn. */
  readonly sync: PendingSync | null;
}

type Pending = PendingRead | PendingWrite;

/**
 * One client's half of the protocol: bytes in, frames cut, the handshake, requests in order, replies in the
 * order of the requests, events before the replies that could show them (protocol §1.2–1.4, §1.9).
 */
export class ClientConnection implements StreamHandler, Watcher {
  readonly socket: ByteStream;
  readonly ids: AuthId[];
  /** Null until the client has sent a token. */
  sasl: SaslExchange | null = null;
  session: SessionId = NO_SESSION;
  sessionTimeoutMs = 0;
  readonly stats = new ConnectionStats();
  readonly openedAtMs: number;
  /** Monotonic ms. */
  lastHeardAtMs: number;
  /** Nothing is read from it until it takes its replies, or the server has caught up. */
  isPaused = false;

  readonly #core: ServerCore;
  readonly #decoder = new FrameDecoder(HANDSHAKE_FRAME_MAX);
  readonly #reader = new JuteReader();
  readonly #output: ConnectionOutput;
  readonly #pending = new RingQueue<Pending>(8);
  #state: 'first-word' | 'answering' | 'handshake' | 'connecting' | 'open' | 'closing' | 'closed' =
    'first-word';
  /** The handshake had no readOnly: an old client, which would take a 37th byte for the next frame. */
  #isOldClient = false;
  #askedForSessionAtMs = 0;
  #firstBytes: Uint8Array | null = null;
  /** To a four-letter word, until all of it is written. */
  #answer: WordAnswer | null = null;
  /** When it took some of that last, monotonic ms. */
  #answeredAtMs = 0;
  /** What it has had done in the turn `#workTurn`, and whether that was its share and it waits for another. */
  #work = 0;
  #workTurn = 0;
  #isDeferred = false;
  /** Of a request that has not come as a whole, and since when. */
  #partialBytes = 0;
  #partialSinceMs = 0;
  #isDirty = false;
  #wasAdmitted = false;
  #processing = false;

  constructor(core: ServerCore, socket: ByteStream) {
    this.#core = core;
    this.socket = socket;
    this.#output = new ConnectionOutput(socket);
    this.ids = [...core.authenticator.idsOfConnection(socket)];
    this.openedAtMs = core.nowMs;
    this.lastHeardAtMs = core.nowMs;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** A request has begun to come, and takes too long. */
  isRequestOverdue(): boolean {
    return (
      this.#partialBytes > 0 && this.#core.nowMs - this.#partialSinceMs > this.#core.limits.requestTimeoutMs
    );
  }

  /** Of one without a session: since when it has not done what it came for, monotonic ms. */
  get awaitedSinceMs(): number {
    return Math.max(this.openedAtMs, this.#answeredAtMs);
  }

  get hasSession(): boolean {
    return this.session !== NO_SESSION;
  }

  get outstanding(): number {
    return this.#pending.length;
  }

  // ---- from the socket -----------------------------------------------------------------------------------

  onBytes(chunk: Uint8Array): void {
    if (this.#state === 'closed' || this.#state === 'closing' || this.#state === 'answering') return;
    this.#core.onActivity(this);
    this.lastHeardAtMs = this.#core.nowMs;
    let bytes = chunk;
    if (this.#state === 'first-word') {
      const first = this.#afterFirstWord(chunk);
      if (first === null) return;
      bytes = first;
    }
    this.#decoder.push(bytes);
    this.#process();
  }

  /** The network took what was queued. */
  onDrain(): void {
    if (this.#answer !== null || this.#output.waiting > 0) this.#touchOutput();
    this.#resumeIfPossible();
  }

  onClosed(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#leave();
  }

  // ---- from the core -------------------------------------------------------------------------------------

  /** The session is there: new (its txn is committed), or an old one this client has come back to. */
  onSessionEstablished(session: SessionId, password: Uint8Array): void {
    if (this.#state !== 'connecting') return;
    this.session = session;
    this.#state = 'open';
    this.#decoder.limit = this.#core.frameBytesMax;
    this.#writeConnectResponse(this.sessionTimeoutMs, session, password);
    const { nowMs, tree } = this.#core;
    this.stats.onAnswered(OpCode.createSession, 0, tree.lastProcessedZxid, this.#askedForSessionAtMs, nowMs);
    this.#process();
    this.#resumeIfPossible();
  }

  /** No such session any more: the answer that makes a client declare it expired (trap 11). */
  onSessionRefused(): void {
    this.#writeConnectResponse(0, NO_SESSION, new Uint8Array(16));
    this.end();
  }

  /** The write that the leader has got of this connection and not answered, if it is next and the txn can be its. */
  forwardedInFront(xid: number, zxid: Zxid): PendingWrite | null {
    const first = this.#pending.peek();
    if (first?.type !== 'write' || first.forwardedAfter === null || first.xid !== xid) return null;
    return zxid > first.forwardedAfter ? first : null;
  }

  /** The oldest unanswered write of this connection has been applied. */
  onWriteApplied(write: PendingWrite, logged: LoggedTxn, replies: WriteReplies): void {
    if (this.#state !== 'open') return;
    const first = this.#pending.shift();
    assert(first === write, 'replies out of order');
    replies.write(this, write, logged);
    this.stats.onAnswered(write.opcode, write.xid, logged.header.zxid, write.receivedAtMs, this.#core.nowMs);
    this.#answerReadsInFront();
    if (this.isPaused) this.#resumeIfPossible();
  }

  /** A `sync` of this connection is done; it may still have to wait for its turn. */
  onSynced(): void {
    if (this.#state === 'open') this.#answerReadsInFront();
  }

  onWatchEvent(type: WatchEventType, path: string, zxid: Zxid, aclId: number): void {
    if (this.#state !== 'open') return;
    if (!this.#core.allows(aclId, Perms.read, this.ids)) return;
    this.writeEvent(type, path, zxid);
  }

  /** `zxid` −1 for an event that answers setWatches. */
  writeEvent(type: WatchEventType, path: string, zxid: number): void {
    const out = this.beginReply(SpecialXid.notification, zxid, ErrorCode.ok);
    out.int(type);
    out.int(KEEPER_STATE_SYNC_CONNECTED);
    out.string(path);
    this.endReply();
  }

  /** Starts a reply frame; the body, if any, goes into the writer it returns. Closed by `endReply`. */
  beginReply(xid: number, zxid: number, error: number): JuteWriter {
    const out = this.#output.beginFrame();
    out.int(xid);
    out.long(zxid);
    out.int(error);
    return out;
  }

  /** A znode's data, into the reply begun. */
  writeValue(data: Uint8Array | null): void {
    this.#output.value(data);
  }

  /** The names of a znode's children, into the reply begun. */
  writeChildren(node: Znode, out: JuteWriter): void {
    const encoded = node.children?.encoded() ?? null;
    if (encoded === null) {
      writeChildren(out, node);
      return;
    }
    out.int(node.childCount);
    this.#output.lend(encoded);
  }

  endReply(): void {
    const bytes = this.#output.endFrame();
    this.stats.sent++;
    this.#core.counters.responseSent(bytes);
    this.#touchOutput();
  }

  /** A reply without a body. */
  reply(xid: number, zxid: number, error: number): void {
    this.beginReply(xid, zxid, error);
    this.endReply();
  }

  /** At the end of the turn: what was written in it goes out. */
  flushOutput(): void {
    this.#isDirty = false;
    if (this.#state === 'closed') return;
    if (this.#answer !== null) {
      this.#continueAnswer(this.#answer);
      return;
    }
    if (this.#state === 'closing') {
      this.#output.flushAll();
      this.socket.end();
      return;
    }
    if (this.#output.flush()) this.#touchOutput();
    if (this.#output.waiting > this.#core.limits.outputBytesMax) this.destroy();
    else if (this.#output.waiting > OUTPUT_PAUSE_BYTES) this.#pause();
    else if (this.isPaused) this.#resumeIfPossible();
  }

  /** Sends what is written, then closes: nothing more is read or executed (B54). */
  end(): void {
    if (this.#state === 'closed' || this.#state === 'closing') return;
    this.#state = 'closing';
    this.#touchOutput();
    this.#leave();
  }

  /** Closes without another byte. */
  destroy(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.socket.destroy();
    this.#leave();
  }

  // ---- inside --------------------------------------------------------------------------------------------

  /** Nothing is answered any more: what still waits for an answer is forgotten. */
  #leave(): void {
    this.#answer = null;
    this.#core.connections.holdPartial(-this.#partialBytes);
    this.#partialBytes = 0;
    for (;;) {
      const pending = this.#pending.shift();
      if (pending === undefined) break;
      // What is proposed is held until it is applied, whoever waits for it.
      if (pending.type === 'read' || pending.forwardedAfter !== null)
        this.#core.connections.release(pending.size);
    }
    this.#core.onConnectionClosed(this);
  }

  /**
   * The first four bytes of a connection may be a four-letter word instead of a length. Returns the bytes to
   * go on with, or null if there are none yet, or if it was a word.
   */
  #afterFirstWord(chunk: Uint8Array): Uint8Array | null {
    const bytes = this.#firstBytes === null ? chunk : concat(this.#firstBytes, chunk);
    if (bytes.length < 4) {
      this.#firstBytes = new Uint8Array(bytes);
      return null;
    }
    const answer = this.#core.answerWord(bytes);
    if (answer === 'no-word') {
      this.#firstBytes = null;
      this.#state = 'handshake';
      return bytes;
    }
    if (answer === 'incomplete') {
      this.#firstBytes = new Uint8Array(bytes);
      return null;
    }
    this.#firstBytes = null;
    this.#state = 'answering';
    this.#answer = new WordAnswer(this.socket, answer);
    this.#touchOutput();
    return null;
  }

  /** One piece a turn, so that everybody else has its turn, too. */
  #continueAnswer(answer: WordAnswer): void {
    const outcome = answer.writeNext();
    if (outcome === 'full') return;
    this.#answeredAtMs = this.#core.nowMs;
    if (outcome === 'done') this.end();
    else this.#touchOutput();
  }

  #process(): void {
    if (this.#processing) return;
    this.#processing = true;
    let lookedAt = this.#lookAhead();
    try {
      for (let isNew = this.#partialBytes === 0; this.#mayRead(); isNew = true) {
        if (!this.#decoder.next()) {
          this.#processing = false;
          this.#notePartial(this.#decoder.buffered, isNew);
          return;
        }
        this.#onFrame();
        if (--lookedAt <= 0) lookedAt = this.#lookAhead();
      }
      this.#decoder.keep();
      this.#notePartial(0, true);
      if (this.#state === 'connecting' || (this.#state === 'open' && !this.#isDeferred)) this.#pause();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#core.onBadBytes(this, error);
      this.destroy();
    }
    this.#processing = false;
  }

  /** @returns of how many frames. */
  #lookAhead(): number {
    const { view, bytes, ahead, aheadEnd } = this.#decoder;
    return this.#core.lookAhead.at(view, bytes, ahead, aheadEnd);
  }

  /** So many bytes of a request have come, and the rest has not. */
  #notePartial(bytes: number, isNew: boolean): void {
    if (isNew) this.#partialSinceMs = this.#core.nowMs;
    if (bytes === this.#partialBytes) return;
    const { connections } = this.#core;
    connections.holdPartial(bytes - this.#partialBytes);
    this.#partialBytes = bytes;
    if (bytes > 0 && connections.hasTooManyPartials) this.destroy();
  }

  #mayRead(): boolean {
    if (this.#state === 'handshake') return true;
    return this.#state === 'open' && !this.isPaused && !this.#isDeferred;
  }

  /** Has some more done, after having waited for it. @returns how much it was. */
  takeShare(): number {
    this.#isDeferred = false;
    this.#work = 0;
    this.#workTurn = this.#core.turnCount;
    if (this.#state !== 'open' || this.isPaused) return 0;
    this.socket.resume();
    this.#process();
    return this.#work;
  }

  #countWork(bytes: number): void {
    const { turnCount } = this.#core;
    if (this.#workTurn !== turnCount) {
      this.#workTurn = turnCount;
      this.#work = 0;
    }
    this.#work += bytes;
    if (this.#work <= SHARE_OF_TURN || this.#isDeferred) return;
    this.#isDeferred = true;
    this.socket.pause();
    this.#core.connections.defer(this);
  }

  #onFrame(): void {
    const { bytes, view, start, end } = this.#decoder;
    this.#reader.reset(bytes, view, start, end);
    this.stats.received++;
    this.#core.counters.packetsReceived++;
    if (this.#state === 'open') this.#onRequest(end - start);
    else this.#onConnectRequest();
  }

  #onConnectRequest(): void {
    const request = readConnectRequest(this.#reader);
    this.#isOldClient = request.readOnly === null;
    this.#state = 'connecting';
    this.#askedForSessionAtMs = this.#core.nowMs;
    this.#core.onConnectRequest(this, request);
  }

  #onRequest(size: number): void {
    const reader = this.#reader;
    const xid = reader.int();
    const type = reader.int();
    const outputBefore = this.#output.gathered;
    this.#dispatch(xid, type, size);
    const replied = Math.max(0, this.#output.gathered - outputBefore);
    this.#countWork(REQUEST_WORK + (type === OpCode.multi ? MULTI_FACTOR * size : size) + replied);
  }

  #dispatch(xid: number, type: number, size: number): void {
    if (type === OpCode.auth) {
      answerAuth(this.#core, this, xid, this.#reader);
    } else if (type === OpCode.sasl) {
      answerSasl(this.#core, this, xid, this.#reader);
    } else if (!this.#isAdmitted()) {
      answerUnadmitted(this.#core, this, xid);
    } else if (isReadType(type)) {
      this.#onRead(xid, type, size);
    } else if (isWriteType(type)) {
      this.#onWrite(xid, type, size);
    } else {
      // Answered at once, even before replies that are still due (protocol §1.5).
      this.reply(xid, -1, ErrorCode.unimplemented);
      this.end();
    }
  }

  /** Once it is, it stays so: identities are added, never taken away. */
  #isAdmitted(): boolean {
    this.#wasAdmitted ||= this.#core.authenticator.admits(this.ids);
    return this.#wasAdmitted;
  }

  #onWrite(xid: number, type: number, size: number): void {
    if (this.#core.isReadOnly) {
      const isClose = type === OpCode.closeSession;
      this.#queueRead(xid, errorReply(isClose ? ErrorCode.ok : ErrorCode.notReadOnly), size);
      if (isClose) this.#core.closeOwnSession(this);
      return;
    }
    let write: PendingWrite;
    try {
      write = this.#core.submit({ connection: this, xid, opcode: type, size }, this.#reader);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#queueRead(xid, errorReply(ErrorCode.marshallingError), size);
      return;
    }
    this.#hold(write);
  }

  #onRead(xid: number, type: number, size: number): void {
    let request: ReadRequest;
    try {
      request = decodeRead(type, this.#reader);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      // The frame was whole, so what comes behind it can still be understood.
      request = errorReply(ErrorCode.marshallingError);
    }
    // What there is to catch up with is not here.
    if (type === OpCode.sync && this.#core.isReadOnly) request = errorReply(ErrorCode.notReadOnly);
    this.#queueRead(xid, request, size);
  }

  /** A read waits for the writes its client sent before it, and for nobody else's. */
  #queueRead(xid: number, request: ReadRequest, size: number): void {
    const { nowMs } = this.#core;
    const sync = request.type === OpCode.sync ? this.#core.sync(this, xid) : null;
    if (this.#pending.length === 0 && sync === null) {
      answerRead(this.#core, this, xid, request, nowMs);
      if (this.#output.gathered > OUTPUT_PAUSE_BYTES) this.#pause();
      return;
    }
    this.#core.connections.hold(size);
    this.#hold({ type: 'read', xid, request, receivedAtMs: nowMs, size, sync });
  }

  #hold(pending: Pending): void {
    this.#pending.push(pending);
    if (this.#pending.length > PENDING_MAX || this.#core.connections.isOverloaded) this.#pause();
  }

  #answerReadsInFront(): void {
    for (;;) {
      const first = this.#pending.peek();
      if (first === undefined || first.type !== 'read') return;
      if (first.sync?.isDone === false) return;
      this.#pending.shift();
      this.#core.connections.release(first.size);
      answerRead(this.#core, this, first.xid, first.request, first.receivedAtMs);
      this.#core.journal?.onReadAnswered(this, first);
      if (this.#output.gathered > this.#core.limits.outputBytesMax) {
        // They can't wait for the client to take them: the next write would change what they show.
        this.destroy();
        return;
      }
    }
  }

  #writeConnectResponse(timeOut: number, sessionId: SessionId, passwd: Uint8Array): void {
    const readOnly = this.#isOldClient ? null : this.#core.isReadOnly;
    const response = { protocolVersion: 0, timeOut, sessionId, passwd, readOnly };
    writeConnectResponse(this.#output.beginFrame(), response);
    this.#output.endFrame();
    this.#touchOutput();
  }

  #touchOutput(): void {
    if (this.#isDirty) return;
    this.#isDirty = true;
    this.#core.markDirty(this);
  }

  #pause(): void {
    if (this.isPaused) return;
    this.isPaused = true;
    this.socket.pause();
    this.#core.connections.onPaused(this);
  }

  /** Called when something that stood in the way of reading may be gone. */
  resumeIfPossible(): void {
    this.#resumeIfPossible();
  }

  #resumeIfPossible(): void {
    if (!this.isPaused || this.#state !== 'open') return;
    if (this.#output.waiting > OUTPUT_PAUSE_BYTES || this.#core.connections.isOverloaded) return;
    if (this.#output.gathered > OUTPUT_PAUSE_BYTES) return;
    if (this.#pending.length > PENDING_MAX / 2) return;
    this.isPaused = false;
    this.#core.connections.onResumed(this);
    if (this.#isDeferred) return;
    this.socket.resume();
    this.#process();
  }
}
