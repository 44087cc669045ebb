import type { Accept, StreamHandler } from '../../base/ports.ts';
import { NO_SESSION, type SessionId } from '../../base/session-id.ts';
import { ZXID_ZERO, type Zxid } from '../../base/zxid.ts';
import { ErrorCode } from '../../wire/error-code.ts';
import { FrameDecoder } from '../../wire/frame-decoder.ts';
import { JuteReader } from '../../wire/jute-reader.ts';
import { JuteWriter } from '../../wire/jute-writer.ts';
import { OpCode, SpecialXid } from '../../wire/opcode.ts';
import { writeAuthPacket } from '../../wire/records/auth.ts';
import { readConnectResponse, writeConnectRequest } from '../../wire/records/connect.ts';
import { InProcessStream, type Peer } from './in-process-stream.ts';

/** What the server says no to a request with, or why there is no answer. */
export class KeeperRefusal extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`error ${code}`);
    this.code = code;
  }
}

/** A session as its client knows it. */
export interface KnownSession {
  readonly id: SessionId;
  readonly password: Uint8Array;
  /** The newest that was seen through it: a server that is behind it refuses the connection. */
  readonly lastZxid: Zxid;
}

export interface KeeperConnectionOptions {
  readonly accept: Accept;
  readonly peer: Peer;
  /** Null: a new one is made. */
  readonly session: KnownSession | null;
  /** Asked for, ms. */
  readonly timeoutMs: number;
  /** `user:password` of the scheme `digest`; null: nobody in particular. */
  readonly digest: Uint8Array | null;
}

/** Answers come from this same process. */
const REPLY_BYTES_MAX = 2 ** 31 - 1;
const REPLY_HEADER_BYTES = 16;
const NO_PASSWORD = new Uint8Array(16);

interface Waiting {
  readonly resolve: (reader: JuteReader) => void;
  readonly reject: (refusal: KeeperRefusal) => void;
}

/**
 * One connection to this process's own server, in the protocol that every client speaks: frames go into the pipeline and come
 * out of it, and nothing is seen or done that a client could not.
 */
export class KeeperConnection implements StreamHandler {
  readonly #stream: InProcessStream;
  readonly #frames = new FrameDecoder(REPLY_BYTES_MAX);
  readonly #reader = new JuteReader();
  readonly #digest: Uint8Array | null;
  /** Resolves when requests are taken; rejects with a KeeperRefusal that says why they never will be. */
  readonly opened: Promise<void>;
  #session: KnownSession | null;
  #waiting: Waiting[] = [];
  #state: 'connecting' | 'authenticating' | 'open' | 'ended' = 'connecting';
  #resolveOpened: () => void = () => undefined;
  #rejectOpened: (refusal: KeeperRefusal) => void = () => undefined;
  #nextXid = 1;
  #timeoutMs: number;
  #end: number = ErrorCode.connectionLoss;

  constructor({ accept, peer, session, timeoutMs, digest }: KeeperConnectionOptions) {
    this.#digest = digest;
    this.#session = session;
    this.#timeoutMs = timeoutMs;
    this.opened = new Promise((resolve, reject) => {
      this.#resolveOpened = resolve;
      this.#rejectOpened = reject;
    });
    // It need not be that anybody waits for it.
    this.opened.catch(() => undefined);
    this.#stream = new InProcessStream(accept, peer, this);
    const writer = new JuteWriter(64);
    const frame = writer.reserveInt();
    writeConnectRequest(writer, {
      protocolVersion: 0,
      lastZxidSeen: session?.lastZxid ?? ZXID_ZERO,
      timeOut: timeoutMs,
      sessionId: session?.id ?? NO_SESSION,
      passwd: session?.password ?? NO_PASSWORD,
      readOnly: false,
    });
    writer.endFrame(frame);
    this.#stream.write(writer.take());
  }

  get isEnded(): boolean {
    return this.#state === 'ended';
  }

  /** The session has ended, and everything with it that it held, or it is not this client's to have. */
  get isRefused(): boolean {
    return this.#end !== ErrorCode.connectionLoss;
  }

  get inFlight(): number {
    return this.#waiting.length;
  }

  /** Null until there is one. */
  get session(): KnownSession | null {
    return this.#session;
  }

  /** As negotiated, once it is open. */
  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  /** Sends a request once it is open. `frame`: as `requestFrame` made it. Rejects with a KeeperRefusal. */
  async request<T>(frame: Uint8Array, read: (reader: JuteReader) => T): Promise<T> {
    await this.opened;
    if (this.#state !== 'open') throw new KeeperRefusal(this.#end);
    return new Promise<T>((resolve, reject) => {
      const fulfil = (reader: JuteReader): void => resolve(read(reader));
      this.#waiting.push({ resolve: fulfil, reject });
      new DataView(frame.buffer, frame.byteOffset).setInt32(4, this.#nextXid++ & 0x7fffffff);
      this.#stream.write(frame);
    });
  }

  ping(): void {
    if (this.#state === 'open') this.#stream.write(header(SpecialXid.ping, OpCode.ping));
  }

  /** Ends the session, and everything that it holds. */
  async closeSession(): Promise<void> {
    await this.request(
      requestFrame(OpCode.closeSession, () => undefined),
      () => undefined,
    ).catch(() => undefined);
    this.destroy();
  }

  /** The session stays until it expires. */
  destroy(): void {
    this.#stream.destroy();
  }

  onBytes(chunk: Uint8Array): void {
    this.#frames.push(chunk);
    while (this.#frames.next()) this.#onFrame();
  }

  onDrain(): void {
    // What is written is taken at once.
  }

  onClosed(): void {
    this.#state = 'ended';
    const refusal = new KeeperRefusal(this.#end);
    this.#rejectOpened(refusal);
    for (const { reject } of this.#waiting.splice(0)) reject(refusal);
  }

  #onFrame(): void {
    const { bytes, view, start, end } = this.#frames;
    if (this.#state === 'connecting') {
      this.#reader.reset(bytes, view, start, end);
      this.#onConnected();
      return;
    }
    const xid = view.getInt32(start);
    const zxid = view.getInt32(start + 4) * 2 ** 32 + view.getUint32(start + 8);
    const err = view.getInt32(start + 12);
    if (xid === SpecialXid.auth) this.#onAuthenticated(err);
    if (xid < 0) return;
    if (this.#session !== null && zxid > this.#session.lastZxid)
      this.#session = { ...this.#session, lastZxid: zxid as Zxid };
    const waiting = this.#waiting.shift();
    if (err !== ErrorCode.ok) {
      waiting?.reject(new KeeperRefusal(err));
      return;
    }
    this.#reader.reset(bytes, view, start + REPLY_HEADER_BYTES, end);
    waiting?.resolve(this.#reader);
  }

  #onConnected(): void {
    const { timeOut, sessionId, passwd } = readConnectResponse(this.#reader);
    if (timeOut <= 0) {
      this.#end = ErrorCode.sessionExpired;
      this.#stream.destroy();
      return;
    }
    this.#timeoutMs = timeOut;
    this.#session = {
      id: sessionId,
      password: (passwd ?? NO_PASSWORD).slice(),
      lastZxid: this.#session?.lastZxid ?? ZXID_ZERO,
    };
    if (this.#digest === null) {
      this.#open();
      return;
    }
    this.#state = 'authenticating';
    const auth = this.#digest;
    const frame = requestFrame(OpCode.auth, (writer) =>
      writeAuthPacket(writer, { type: 0, scheme: 'digest', auth }),
    );
    new DataView(frame.buffer, frame.byteOffset).setInt32(4, SpecialXid.auth);
    this.#stream.write(frame);
  }

  #onAuthenticated(err: number): void {
    if (err === ErrorCode.ok) this.#open();
    else this.#end = err;
  }

  #open(): void {
    this.#state = 'open';
    this.#resolveOpened();
  }
}

/** A whole frame, with its length, in which the xid is still to be put. */
export function requestFrame(opcode: number, write: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter(256);
  const frame = writer.reserveInt();
  writer.int(0);
  writer.int(opcode);
  write(writer);
  writer.endFrame(frame);
  return writer.take();
}

function header(xid: number, opcode: number): Uint8Array {
  const writer = new JuteWriter(12);
  writer.int(8);
  writer.int(xid);
  writer.int(opcode);
  return writer.take();
}
