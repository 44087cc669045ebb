import { assert } from '../../server/base/assert.ts';
import { Connection } from '../client/connection.ts';
import type { ConnectionEnd, ConnectionHandler, Session } from '../client/connection.ts';
import type { ServerAddress } from '../client/connect-string.ts';
import { putRequest } from './probe-requests.ts';

const CONNECTION_LOSS = -4;
const SESSION_EXPIRED = -112;

/** Called with the answer's error code; −4 or −112 if the connection ended without one. */
export type Answered = (err: number) => void;

export interface LinkOptions {
  readonly sessionTimeoutMs: number;
  /** From connecting to having a session. */
  readonly connectTimeoutMs: number;
}

export interface LinkOwner {
  linkOpened(): void;
  /** The owner says when to connect again, and whereto. */
  linkEnded(link: ProbeLink, end: ConnectionEnd): void;
}

/**
 * One session of a prober: probes wait for nobody, so each class has a session of its own, in which no other
 * request stands before it. It attaches to its session again whenever it is told to connect.
 */
export class ProbeLink implements ConnectionHandler {
  readonly #owner: LinkOwner;
  readonly #options: LinkOptions;
  #connection: Connection | null = null;
  #server: ServerAddress | null = null;
  #session: Session | undefined;
  #nextXid = 1;
  #lastZxidSeen = 0;
  /** Of the requests without an answer, in order. */
  #inFlight: Answered[] = [];
  #isClosing = false;
  #onClosed: (() => void) | null = null;
  /** Requests may be sent, in the session of before or in a new one: watches are to be set again. */
  onOpened: (() => void) | null = null;
  onWatchEvent: (() => void) | null = null;

  constructor(owner: LinkOwner, options: LinkOptions) {
    this.#owner = owner;
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#connection?.isOpen === true && !this.#isClosing;
  }

  /** Connecting, or connected. */
  get isBusy(): boolean {
    return this.#connection !== null;
  }

  /** The one it is connected to, or was last. */
  get server(): ServerAddress | null {
    return this.#server;
  }

  connect(server: ServerAddress): void {
    assert(this.#connection === null, 'a link has one connection at a time');
    this.#server = server;
    this.#connection = new Connection(
      {
        server,
        ...this.#options,
        session: this.#session,
        firstXid: this.#nextXid,
        lastZxidSeen: this.#lastZxidSeen,
      },
      this,
      performance.now(),
    );
  }

  /** Only while it is open. Leaves with `flush`. */
  send(request: Uint8Array, answered: Answered): void {
    assert(this.#connection !== null && this.isOpen, 'a probe was sent without a connection');
    putRequest(this.#connection, request);
    this.#inFlight.push(answered);
  }

  flush(): void {
    this.#connection?.flush();
  }

  tick(nowMs: number): void {
    this.#connection?.tick(nowMs);
  }

  /** Closes the session; resolves when the connection has ended. */
  close(): Promise<void> {
    this.#isClosing = true;
    if (this.#connection === null) return Promise.resolve();
    const closed = new Promise<void>((resolve) => (this.#onClosed = resolve));
    this.#connection.closeSession();
    return closed;
  }

  opened(session: Session): void {
    this.#session = session;
    if (this.#isClosing) return;
    this.#owner.linkOpened();
    this.onOpened?.();
  }

  reply(err: number): void {
    // Nothing is in flight for the answer to closeSession.
    this.#inFlight.shift()?.(err);
  }

  watchEvent(): void {
    this.onWatchEvent?.();
  }

  specialReply(): void {
    // It sends no auth, and sets its watches by itself.
  }

  turnEnded(): void {
    this.#connection?.flush();
  }

  ended(end: ConnectionEnd): void {
    const connection = this.#connection;
    this.#connection = null;
    if (connection !== null) {
      this.#nextXid = connection.upcomingXid;
      this.#lastZxidSeen = Math.max(this.#lastZxidSeen, connection.lastZxidSeen);
    }
    if (end === 'expired') {
      this.#session = undefined;
      this.#nextXid = 1;
    }
    for (const answered of this.#inFlight.splice(0)) {
      answered(end === 'expired' ? SESSION_EXPIRED : CONNECTION_LOSS);
    }
    if (this.#isClosing) this.#onClosed?.();
    else this.#owner.linkEnded(this, end);
  }
}
