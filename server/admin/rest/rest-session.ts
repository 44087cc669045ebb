import type { Accept } from '../../base/ports.ts';
import { ErrorCode } from '../../wire/error-code.ts';
import type { JuteReader } from '../../wire/jute-reader.ts';
import type { JuteWriter } from '../../wire/jute-writer.ts';
import type { Peer } from './in-process-stream.ts';
import { KeeperConnection, KeeperRefusal, requestFrame, type KnownSession } from './keeper-connection.ts';

/** Who asks: what counts when ACLs are looked at. */
export interface RestIdentity {
  readonly peer: Peer;
  /** `user:password` of the scheme `digest`; null: nobody in particular. */
  readonly digest: Uint8Array | null;
}

export interface RestSessionOptions extends RestIdentity {
  readonly accept: Accept;
  /** Asked for, ms. */
  readonly timeoutMs: number;
  /** Of the longest request that the server takes. */
  readonly frameBytesMax: number;
}

/** It is longer than the server takes requests. */
export class RequestTooLong extends Error {}

const ANSWER_TIMEOUT_MS = 10_000;

/** A session of HTTP clients: over as many connections to the server as its ups and downs take. */
export class RestSession {
  readonly #options: RestSessionOptions;
  #connection: KeeperConnection | null = null;
  #known: KnownSession | null = null;
  #isOver = false;
  #saidAtMs = 0;

  constructor(options: RestSessionOptions) {
    this.#options = options;
  }

  /** It has ended, or nobody could be who it was to be: there is nothing more to be asked. */
  get isOver(): boolean {
    return this.#isOver || (this.#connection?.isEnded === true && this.#connection.isRefused);
  }

  get isIdle(): boolean {
    return (this.#connection?.inFlight ?? 0) === 0;
  }

  /** Resolves when the session is there. Rejects with a KeeperRefusal. */
  async open(nowMs: number): Promise<void> {
    await this.#answered(this.#connected(nowMs).opened);
  }

  /**
   * Requests are done in the order in which they are asked for.
   *
   * Rejects with a KeeperRefusal; of `connectionLoss` and `operationTimeout` nobody knows whether it was done. With
   * RequestTooLong before anything is asked.
   */
  async request<T>(
    nowMs: number,
    opcode: number,
    {
      write,
      read,
    }: { readonly write: (writer: JuteWriter) => void; readonly read: (reader: JuteReader) => T },
  ): Promise<T> {
    const frame = requestFrame(opcode, write);
    if (frame.length - 4 > this.#options.frameBytesMax) throw new RequestTooLong();
    return this.#answered(this.#connected(nowMs).request(frame, read));
  }

  /** To be called a few times in each third of the timeout: nobody else says that the session lives. */
  keepAlive(nowMs: number): void {
    const connection = this.#connection;
    if (connection === null) return;
    if (connection.isEnded) {
      this.#leave(connection);
      if (!this.isOver) this.#connected(nowMs);
    } else if (nowMs - this.#saidAtMs >= connection.timeoutMs / 3) {
      this.#saidAtMs = nowMs;
      connection.ping();
    }
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await this.#connection?.closeSession();
  }

  /** The session stays until it expires. */
  destroy(): void {
    this.#isOver = true;
    this.#connection?.destroy();
  }

  #connected(nowMs: number): KeeperConnection {
    if (this.#connection?.isEnded === true) this.#leave(this.#connection);
    if (this.#isOver) throw new KeeperRefusal(ErrorCode.sessionExpired);
    if (this.#connection === null) {
      this.#connection = new KeeperConnection({ ...this.#options, session: this.#known });
      this.#saidAtMs = nowMs;
    }
    return this.#connection;
  }

  #leave(connection: KeeperConnection): void {
    this.#known = connection.session;
    this.#isOver ||= connection.isRefused;
    this.#connection = null;
  }

  /** What takes longer is waited for no more; its answer finds nobody. */
  #answered<T>(answer: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new KeeperRefusal(ErrorCode.operationTimeout)),
        ANSWER_TIMEOUT_MS,
      );
      answer.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }
}
