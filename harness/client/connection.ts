import { assert } from '../../server/base/assert.ts';
import type { StreamHandler } from '../../server/base/ports.ts';
import { NO_SESSION } from '../../server/base/session-id.ts';
import type { SessionId } from '../../server/base/session-id.ts';
import { ZXID_ZERO } from '../../server/base/zxid.ts';
import type { Zxid } from '../../server/base/zxid.ts';
import { FrameDecoder } from '../../server/wire/frame-decoder.ts';
import { JuteReader } from '../../server/wire/jute-reader.ts';
import { JuteWriter } from '../../server/wire/jute-writer.ts';
import { OpCode, SpecialXid } from '../../server/wire/opcode.ts';
import { readConnectResponse, writeConnectRequest } from '../../server/wire/records/connect.ts';
import type { ServerAddress } from './connect-string.ts';
import { OutputBuffer } from './output-buffer.ts';
import { openTcpStream, type ClientStream, type OpenStream } from './tcp-stream.ts';

/** A session as its client knows it: what it needs to attach to it again, on this server or another. */
export interface Session {
  readonly id: SessionId;
  readonly password: Uint8Array;
  /** As negotiated, in ms. */
  readonly timeoutMs: number;
}

/**
 * Why a connection came to its end.
 * - `lost`: refused, reset, silent for too long or talking nonsense; the session may live on.
 * - `expired`: the server says that the session is gone. It will not come back.
 * - `closed`: by us.
 */
export type ConnectionEnd = 'lost' | 'expired' | 'closed';

export interface ConnectionHandler {
  /** The session is established or attached again: requests may be written. */
  opened(session: Session): void;
  /**
   * The answer to the oldest request that has none yet: they come in the order of the requests. `frames` holds
   * the frame; the body, which an error does not have, is `[frames.start + REPLY_HEADER_BYTES, frames.end)`,
   * and all of it is gone when the call returns. `zxid`: the server's last one when it answered.
   */
  reply(err: number, zxid: number, frames: FrameDecoder): void;
  /** A watch event; its record (type, state, path) is where a reply's body would be. */
  watchEvent(zxid: number, frames: FrameDecoder): void;
  /** An auth (−4) or setWatches (−8) request was answered; they are not among the replies. */
  specialReply(xid: number, err: number): void;
  /** Every whole frame of a chunk has been delivered: the moment to `flush` what they gave rise to. */
  turnEnded(): void;
  /** Called once, last, also if the connection never opened. Requests without an answer will get none. */
  ended(end: ConnectionEnd, cause: Error | undefined): void;
}

export interface ConnectionOptions {
  readonly server: ServerAddress;
  /** Asked for; the server has the last word. */
  readonly sessionTimeoutMs: number;
  /** Attach to this one; without it a new session is made. */
  readonly session?: Session | undefined;
  /** The first request's xid, for a session whose numbering goes on over its connections; 1 unless told. */
  readonly firstXid?: number;
  /** The newest zxid this client has seen: a server that is behind it refuses the connection. */
  readonly lastZxidSeen?: number;
  /** Whether a server without a quorum will do, which takes no writes. */
  readonly readOnly?: boolean;
  /** From connecting to the end of the handshake. */
  readonly connectTimeoutMs?: number;
  /** Where connections come from; TCP unless told. */
  readonly open?: OpenStream;
}

export const REPLY_HEADER_BYTES = 16;

const NO_PASSWORD = new Uint8Array(16);
const XID_MAX = 2 ** 31 - 1;
const CONNECT_TIMEOUT_MS = 5_000;
/** A client must be able to read what a server may answer: a list of children can be far above jute.maxbuffer. */
const REPLY_BYTES_MAX = 256 * 1024 * 1024;
const PING_IDLE_MAX_MS = 10_000;

/**
 * One connection of one session, from connecting to its end, for as many requests in flight as one likes.
 *
 * Requests are written as frames into `output` under the xid that `nextXid` gives out, and leave with `flush`,
 * all in one socket write. Nothing is allocated for a request here. The owner calls `tick` a few times in each
 * third of the session timeout, for pings and for noticing silence (protocol §1.3, trap 17).
 */
export class Connection implements StreamHandler {
  readonly output = new OutputBuffer();
  #stream: ClientStream;
  #frames = new FrameDecoder(REPLY_BYTES_MAX);
  #handler: ConnectionHandler;
  #options: ConnectionOptions;
  #state: 'connecting' | 'open' | 'ended' = 'connecting';
  #endedByUs: ConnectionEnd | null = null;
  #cause: Error | undefined;

  #nextXid: number;
  #expectedXid: number;
  #inFlight = 0;
  #lastZxidSeen: number;

  #startedMs: number;
  #heardMs: number;
  #saidMs: number;
  #hasHeard = false;
  #hasSaid = false;
  #timeoutMs: number;
  #isReadOnly = false;

  /** `nowMs`: of the same clock that `tick` is called with. */
  constructor(options: ConnectionOptions, handler: ConnectionHandler, nowMs: number) {
    this.#options = options;
    this.#handler = handler;
    this.#nextXid = options.firstXid ?? 1;
    this.#expectedXid = this.#nextXid;
    this.#lastZxidSeen = options.lastZxidSeen ?? 0;
    this.#timeoutMs = options.sessionTimeoutMs;
    this.#startedMs = nowMs;
    this.#heardMs = nowMs;
    this.#saidMs = nowMs;
    this.#stream = (options.open ?? openTcpStream)(options.server, this);
    this.#stream.write(encodeConnectRequest(options));
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** The server has said that it has no quorum, be it with the session or with the word that there is none. */
  get isReadOnly(): boolean {
    return this.#isReadOnly;
  }

  /** Requests written (or at least numbered) and not answered. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** What `nextXid` will give out. */
  get upcomingXid(): number {
    return this.#nextXid;
  }

  get lastZxidSeen(): number {
    return this.#lastZxidSeen;
  }

  /** The number of the next request. The caller writes its frame into `output` before it asks for another. */
  nextXid(): number {
    const xid = this.#nextXid;
    this.#nextXid = xid === XID_MAX ? 1 : xid + 1;
    this.#inFlight++;
    return xid;
  }

  /** Sends what is in `output`. Safe to call with nothing in it, or on a connection that has ended. */
  flush(): void {
    const { output } = this;
    if (output.length === 0) return;
    if (this.#state !== 'open') {
      if (this.#state === 'ended') output.clear();
      return;
    }
    const isLentFree = this.#stream.queuedBytes === 0;
    const isOut = this.#stream.write(output.content());
    this.#hasSaid = true;
    if (isOut) output.clear();
    else output.lend(isLentFree);
  }

  /** Pings when nothing was sent for a third of the timeout; gives up after two thirds of silence. */
  tick(nowMs: number): void {
    if (this.#state === 'ended') return;
    if (this.#hasHeard) this.#heardMs = nowMs;
    if (this.#hasSaid) this.#saidMs = nowMs;
    this.#hasHeard = false;
    this.#hasSaid = false;

    if (this.#state === 'connecting') {
      const limit = this.#options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
      if (nowMs - this.#startedMs > limit) this.#destroy('lost', new Error(`no session after ${limit} ms`));
      return;
    }
    if (nowMs - this.#heardMs > (this.#timeoutMs * 2) / 3) {
      this.#destroy('lost', new Error(`silent for ${Math.round(nowMs - this.#heardMs)} ms`));
      return;
    }
    if (nowMs - this.#saidMs >= Math.min(this.#timeoutMs / 3, PING_IDLE_MAX_MS)) this.#ping();
  }

  /** Ends the session: asks the server to close it, which answers and then closes the connection. */
  closeSession(): void {
    if (this.#state !== 'open') {
      this.destroy();
      return;
    }
    this.#endedByUs = 'closed';
    this.output.raw(encodeHeader(this.nextXid(), OpCode.closeSession));
    this.flush();
  }

  /** Ends the connection at once; the session is left to expire, or to be attached to again. */
  destroy(): void {
    this.#destroy('closed', undefined);
  }

  // ---- from the stream -----------------------------------------------------------------------------------

  onBytes(chunk: Uint8Array): void {
    this.#hasHeard = true;
    try {
      this.#frames.push(chunk);
      while (this.#state !== 'ended' && this.#frames.next()) this.#frame();
    } catch (error) {
      this.#destroy('lost', error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (this.#state === 'open') this.#handler.turnEnded();
  }

  onDrain(): void {
    // Nothing waits for it: what is written is bounded by what is in flight.
  }

  onClosed(): void {
    assert(this.#state !== 'ended', 'a connection ends once');
    this.#state = 'ended';
    this.output.clear();
    this.#handler.ended(this.#endedByUs ?? 'lost', this.#cause ?? this.#stream.failure);
  }

  // ---- inside --------------------------------------------------------------------------------------------

  #ping(): void {
    this.output.raw(PING);
    this.flush();
  }

  #destroy(end: ConnectionEnd, cause: Error | undefined): void {
    this.#endedByUs ??= end;
    this.#cause ??= cause;
    this.#stream.destroy();
  }

  #frame(): void {
    if (this.#state === 'connecting') {
      this.#handshake();
      return;
    }
    const { view, start, end } = this.#frames;
    if (end - start < REPLY_HEADER_BYTES) throw new Error(`a reply of ${end - start} bytes has no header`);
    const xid = view.getInt32(start);
    const zxid = view.getInt32(start + 4) * 2 ** 32 + view.getUint32(start + 8);
    const err = view.getInt32(start + 12);
    if (xid < 0) {
      this.#special(xid, zxid, err);
      return;
    }
    if (xid !== this.#expectedXid) throw new Error(`a reply to ${xid} where ${this.#expectedXid} was next`);
    this.#expectedXid = xid === XID_MAX ? 1 : xid + 1;
    this.#inFlight--;
    if (zxid > this.#lastZxidSeen) this.#lastZxidSeen = zxid;
    this.#handler.reply(err, zxid, this.#frames);
  }

  #special(xid: number, zxid: number, err: number): void {
    if (xid === SpecialXid.notification) this.#handler.watchEvent(zxid, this.#frames);
    else if (xid !== SpecialXid.ping) this.#handler.specialReply(xid, err);
  }

  #handshake(): void {
    const { bytes, view, start, end } = this.#frames;
    const reader = new JuteReader();
    reader.reset(bytes, view, start, end);
    const { timeOut, sessionId, passwd, readOnly } = readConnectResponse(reader);
    this.#isReadOnly = readOnly === true;
    if (timeOut <= 0) {
      this.#destroy('expired', undefined);
      return;
    }
    this.#timeoutMs = timeOut;
    this.#state = 'open';
    this.#handler.opened({ id: sessionId, password: (passwd ?? NO_PASSWORD).slice(), timeoutMs: timeOut });
  }
}

const PING = encodeHeader(SpecialXid.ping, OpCode.ping);

function encodeHeader(xid: number, opCode: number): Uint8Array {
  const writer = new JuteWriter(12);
  writer.int(8);
  writer.int(xid);
  writer.int(opCode);
  return writer.take();
}

function encodeConnectRequest(options: ConnectionOptions): Uint8Array {
  const writer = new JuteWriter(64);
  const frame = writer.reserveInt();
  writeConnectRequest(writer, {
    protocolVersion: 0,
    lastZxidSeen: (options.lastZxidSeen ?? ZXID_ZERO) as Zxid,
    timeOut: options.sessionTimeoutMs,
    sessionId: options.session?.id ?? NO_SESSION,
    passwd: options.session?.password ?? NO_PASSWORD,
    readOnly: options.readOnly ?? false,
  });
  writer.endFrame(frame);
  return writer.take();
}
