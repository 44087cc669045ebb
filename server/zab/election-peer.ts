import type { Log } from '../base/log.ts';
import type { ByteStream, Cancel, Dialer, Endpoint, StreamHandler, Timers } from '../base/ports.ts';
import type { Prng } from '../base/prng.ts';
import type { ServerId } from '../base/server-id.ts';
import type { InitialMessage } from '../wire/election/initial-message.ts';
import { type Notification, PeerState } from '../wire/election/notification.ts';
import type { WireError } from '../wire/wire-error.ts';
import { type ConnectionOwner, ElectionConnection } from './election-connection.ts';

/** What a peer's connections are made with, the same for all of them. */
export interface PeerContext {
  readonly self: ServerId;
  readonly dialer: Dialer;
  readonly timers: Timers;
  readonly log: Log;
  readonly prng: Prng;
  readonly limits: LinkLimits;
  /** What this server says first on each connection it opens. */
  initialMessage(): Uint8Array;
}

export interface LinkLimits {
  /** `zookeeper.cnxTimeout`. */
  readonly dialTimeoutMs: number;
  /** An accepted connection that has not said by then who it is from is closed. */
  readonly handshakeTimeoutMs: number;
  /** The first attempt after a failed one comes after about this long; each next one after twice that … */
  readonly retryMinMs: number;
  /** … up to this. */
  readonly retryMaxMs: number;
  /** How long a server with a larger id may take to connect back. */
  readonly connectBackMs: number;
  /** A server that asks for a connection and has been given one so short a time ago has it already. */
  readonly freshMs: number;
  /** Accepted connections that have not said yet who they are from; beyond that the oldest is closed. */
  readonly unidentifiedMax: number;
  /** Servers outside the configuration that may be connected; beyond that the oldest is closed. */
  readonly guestsMax: number;
}

interface Message {
  readonly bytes: Uint8Array;
  /** What a server says while it is LOOKING is worth saying until the election is over. */
  readonly isQuestion: boolean;
}

/** What becomes known about the other servers. */
export interface PeerEvents {
  onNotification(from: ServerId, notification: Notification): void;
  /** A connection has come up, and nothing waits to be sent on it. */
  onPeerConnected(id: ServerId): void;
  /**
   * The other side or the network closed the connection. The server need not be dead; whether it refuses a new
   * connection is found out at once, and then `onPeerDown` follows.
   */
  onPeerLost(id: ServerId): void;
  /** A connection could not be opened. Again after each attempt. */
  onPeerDown(id: ServerId): void;
}

/**
 * The connection to one other server, and what is to be said to it (protocol §5.1).
 *
 * Of two servers the one with the larger id opens the connection that is kept. The other one opens its own only
 * to say who it is, closes it, and is connected to in return.
 */
export class ElectionPeer implements ConnectionOwner {
  readonly id: ServerId;
  readonly #context: PeerContext;
  readonly #events: PeerEvents;
  /** From the configuration; null for a server that is in none. */
  #configured: Endpoint | null;
  /** As it said itself: only where the configuration has no address, or one that does not work (B40). */
  #claimed: Endpoint | null = null;
  #connection: ElectionConnection | null = null;
  #isFresh = false;
  #freshness: Cancel | null = null;
  /** The newest message that has not been sent; what came before it is of no interest. */
  #queued: Message | null = null;
  /** A question that was sent on this connection and after which nothing has come yet. */
  #unanswered: Message | null = null;
  /** Runs from a question on a connection that stood already until anything comes. */
  #patience: Cancel | null = null;
  #dialing: Cancel | null = null;
  #retry: Cancel | null = null;
  /** Attempts in this row: it ends with a message that comes, or when there is nothing to say any more. */
  #attempts = 0;
  /** Whether a broken connection is tried again with nothing to say: once, after something came through it. */
  #mayProbe = false;

  constructor(id: ServerId, configured: Endpoint | null, context: PeerContext, events: PeerEvents) {
    this.id = id;
    this.#configured = configured;
    this.#context = context;
    this.#events = events;
  }

  get isGuest(): boolean {
    return this.#configured === null;
  }

  set configured(endpoint: Endpoint | null) {
    this.#configured = endpoint;
  }

  /** Sends `bytes`, at once or as soon as there is a connection, unless something newer comes before that. */
  send(bytes: Uint8Array, state: PeerState): void {
    this.#queued = { bytes, isQuestion: state === PeerState.looking };
    if (this.#connection === null) {
      this.#connect();
      return;
    }
    this.#flush(this.#connection);
    if (state === PeerState.looking) this.#doubtIfSilent();
  }

  /** Forgets what was not sent, and stops trying to. */
  withdraw(): void {
    this.#queued = null;
    this.#unanswered = null;
    this.#attempts = 0;
    this.#retry?.();
    this.#retry = null;
    this.#trust();
  }

  /** It has opened this connection, from a larger id. */
  adopt(connection: ElectionConnection): void {
    this.#cancelDial();
    this.#replaceBy(connection);
  }

  /** It has asked to be connected to, from a smaller id. */
  connectBack(claimed: Endpoint | null): void {
    this.#claimed = claimed;
    if (this.#dialing !== null || (this.#connection !== null && this.#isFresh)) return;
    this.#retry?.();
    this.#retry = null;
    // An old connection stays until there is a new one: anybody can claim to be that server.
    this.#dial(this.#configured ?? claimed);
  }

  close(): void {
    this.withdraw();
    this.#cancelDial();
    this.#freshness?.();
    this.#connection?.destroy();
    this.#connection = null;
  }

  onIdentified(connection: ElectionConnection, _message: InitialMessage): void {
    connection.destroy();
  }

  onNotification(connection: ElectionConnection, notification: Notification): void {
    if (connection !== this.#connection) return;
    this.#trust();
    this.#attempts = 0;
    this.#mayProbe = true;
    this.#unanswered = null;
    this.#events.onNotification(this.id, notification);
  }

  onDrain(connection: ElectionConnection): void {
    if (connection === this.#connection) this.#flush(connection);
  }

  onGarbage(connection: ElectionConnection, why: WireError): void {
    this.#context.log.warn(
      'election',
      `closed the connection of server ${this.id} at ${connection.remote}: ${why.message}`,
    );
    if (connection !== this.#connection) return;
    this.#connection = null;
    this.#trust();
    this.#unanswered = null;
    if (this.#queued !== null) this.#connect();
  }

  onClosed(connection: ElectionConnection): void {
    if (connection !== this.#connection) return;
    this.#lose();
  }

  #lose(): void {
    this.#connection = null;
    this.#trust();
    this.#queued ??= this.#unanswered;
    this.#unanswered = null;
    const isProbe = this.#mayProbe;
    this.#mayProbe = false;
    if (this.#queued !== null || isProbe) this.#connect();
    this.#events.onPeerLost(this.id);
  }

  /**
   * A machine that has gone without a word leaves a connection that looks sound for as long as TCP goes on trying,
   * which is a quarter of an hour. Whoever has nothing to answer is asked through another one, which costs little.
   */
  #doubtIfSilent(): void {
    this.#patience ??= this.#context.timers.after(this.#context.limits.dialTimeoutMs, () => {
      this.#patience = null;
      this.#connection?.destroy();
      this.#lose();
    });
  }

  #trust(): void {
    this.#patience?.();
    this.#patience = null;
  }

  #replaceBy(connection: ElectionConnection): void {
    this.#trust();
    connection.owner = this;
    // `end` and not `destroy`: what was written to the old one is still good.
    this.#connection?.end();
    this.#connection = connection;
    this.#isFresh = true;
    this.#freshness?.();
    this.#freshness = this.#context.timers.after(this.#context.limits.freshMs, () => {
      this.#isFresh = false;
      this.#freshness = null;
    });
    if (this.#queued === null) this.#events.onPeerConnected(this.id);
    else this.#flush(connection);
  }

  #flush(connection: ElectionConnection): void {
    if (this.#queued === null || connection.isCongested) return;
    const message = this.#queued;
    this.#queued = null;
    this.#unanswered = message.isQuestion ? message : null;
    connection.write(message.bytes);
  }

  #connect(): void {
    if (this.#connection !== null || this.#dialing !== null || this.#retry !== null) return;
    if (this.#attempts === 0) this.#dial(this.#configured ?? this.#claimed);
    else this.#retryAfter(this.#backoffMs());
  }

  #backoffMs(): number {
    const { retryMinMs, retryMaxMs } = this.#context.limits;
    const most = Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(this.#attempts - 1, 30));
    // Not all at the same moment, where many lost the same server.
    return most * (0.5 + this.#context.prng.next() / 2);
  }

  #retryAfter(delayMs: number): void {
    this.#retry?.();
    this.#retry = this.#context.timers.after(delayMs, () => {
      this.#retry = null;
      if (this.#queued === null) this.#attempts = 0;
      else if (this.#connection === null) this.#dial(this.#configured ?? this.#claimed);
    });
  }

  #dial(endpoint: Endpoint | null): void {
    if (endpoint === null) {
      this.#queued = null;
      return;
    }
    this.#attempts++;
    this.#dialing = this.#context.dialer.dial(endpoint, {
      timeoutMs: this.#context.limits.dialTimeoutMs,
      onOpen: (stream) => this.#onOpen(stream),
      onFailed: (why) => this.#onFailed(endpoint, why),
    });
  }

  #onOpen(stream: ByteStream): StreamHandler {
    this.#dialing = null;
    const connection = new ElectionConnection(stream, this, { isAccepted: false });
    connection.write(this.#context.initialMessage());
    if (this.id > this.#context.self) {
      connection.end();
      this.#retryAfter(Math.max(this.#context.limits.connectBackMs, this.#backoffMs()));
    } else this.#replaceBy(connection);
    return connection;
  }

  #onFailed(endpoint: Endpoint, why: string): void {
    this.#dialing = null;
    const line = `no connection to server ${this.id} at ${endpoint.host}:${endpoint.port}: ${why}`;
    if (this.#attempts === 1) this.#context.log.info('election', line);
    else this.#context.log.debug('election', line);
    const claimed = this.#claimed;
    if (endpoint === this.#configured && claimed !== null && !isSame(endpoint, claimed)) {
      this.#dial(claimed);
      return;
    }
    // An answer is not worth a second attempt: who wants it will ask again.
    if (this.#queued?.isQuestion === false) this.#queued = null;
    if (this.#queued === null) this.#attempts = 0;
    else this.#retryAfter(this.#backoffMs());
    if (this.#connection === null) this.#events.onPeerDown(this.id);
  }

  #cancelDial(): void {
    this.#dialing?.();
    this.#dialing = null;
    this.#retry?.();
    this.#retry = null;
  }
}

function isSame(left: Endpoint, right: Endpoint): boolean {
  return left.host === right.host && left.port === right.port;
}
