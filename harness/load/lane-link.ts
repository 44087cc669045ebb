import type { Prng } from '../../server/base/prng.ts';
import type { FrameDecoder } from '../../server/wire/frame-decoder.ts';
import { Connection } from '../client/connection.ts';
import type { ConnectionEnd, ConnectionHandler, Session } from '../client/connection.ts';
import type { ServerAddress } from '../client/connect-string.ts';
import type { Lane } from './lane.ts';
import type { LoadEngine } from './load-engine.ts';

const BACKOFF_MIN_MS = 5;
const BACKOFF_MAX_MS = 100;
const CONNECTION_LOSS = -4;
const SESSION_EXPIRED = -112;

export interface LaneLinkOptions {
  readonly lane: Lane;
  readonly engine: LoadEngine;
  readonly servers: readonly ServerAddress[];
  /** Which of them to try first. */
  readonly firstServer: number;
  readonly sessionTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly prng: Prng;
  /** The number of a new session in the history, unique over all generators. */
  readonly newProcess: () => number;
  /** When a session's connection was lost or attached again. */
  readonly onChange: (change: 'connected' | 'lost' | 'expired') => void;
}

/**
 * Keeps a lane connected: connects, and whenever the connection is lost attaches the same session to the next
 * server, waiting a few milliseconds once it has tried them all. A session that has expired is followed by a new
 * one, which is a new process in the history.
 */
export class LaneLink implements ConnectionHandler {
  readonly #options: LaneLinkOptions;
  #connection: Connection | null = null;
  #session: Session | undefined;
  #process = 0;
  #nextXid = 1;
  #lastZxidSeen = 0;
  #server: number;
  /** Connections in a row that came to nothing. */
  #failures = 0;
  #timer: NodeJS.Timeout | null = null;
  #isClosing = false;
  #isStartingOver = false;
  #onClosed: (() => void) | null = null;

  constructor(options: LaneLinkOptions) {
    this.#options = options;
    this.#server = options.firstServer;
  }

  connect(): void {
    const { servers, sessionTimeoutMs, connectTimeoutMs } = this.#options;
    this.#timer = null;
    this.#connection = new Connection(
      {
        server: servers[this.#server % servers.length] as ServerAddress,
        sessionTimeoutMs,
        connectTimeoutMs,
        session: this.#session,
        firstXid: this.#nextXid,
        lastZxidSeen: this.#lastZxidSeen,
      },
      this,
      performance.now(),
    );
  }

  tick(nowMs: number): void {
    this.#connection?.tick(nowMs);
  }

  /** Cuts the connection, so that what is in flight ends now, and connects again. */
  drop(): void {
    this.#connection?.destroy();
  }

  /**
   * Comes back as a client that has seen nothing, in a new session. A server that has lost what this client was
   * told of refuses it for having seen more than the server has; what is left can still be read this way.
   */
  startOver(): void {
    this.#isStartingOver = true;
    if (this.#connection === null) this.#forgetEverything();
    else this.#connection.destroy();
  }

  /** Closes the session; resolves when the connection has ended. No connecting again. */
  close(): Promise<void> {
    this.#isClosing = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#connection === null) return Promise.resolve();
    const closed = new Promise<void>((resolve) => (this.#onClosed = resolve));
    this.#connection.closeSession();
    return closed;
  }

  opened(session: Session): void {
    const { lane, engine, onChange } = this.#options;
    if (this.#session?.id !== session.id) this.#process = this.#options.newProcess();
    this.#session = session;
    this.#failures = 0;
    if (this.#connection === null || this.#isClosing) return;
    lane.attach(this.#connection, this.#process);
    onChange('connected');
    engine.turnEnded(lane);
  }

  reply(err: number, zxid: number, frames: FrameDecoder): void {
    // The answer to closeSession comes when nothing else is in flight.
    if (!this.#isClosing) this.#options.lane.reply(err, zxid, frames);
  }

  turnEnded(): void {
    if (!this.#isClosing) this.#options.engine.turnEnded(this.#options.lane);
  }

  watchEvent(): void {
    // A load sets no watches.
  }

  specialReply(): void {
    // It sends no auth and no setWatches either.
  }

  ended(end: ConnectionEnd): void {
    const { lane, engine, onChange } = this.#options;
    const connection = this.#connection;
    this.#connection = null;
    if (connection !== null) {
      this.#nextXid = connection.upcomingXid;
      this.#lastZxidSeen = Math.max(this.#lastZxidSeen, connection.lastZxidSeen);
    }
    if (end === 'expired') this.#forgetSession();
    if (this.#isStartingOver) this.#forgetEverything();
    if (lane.isAttached) {
      lane.detach(end === 'expired' ? SESSION_EXPIRED : CONNECTION_LOSS);
      if (!this.#isClosing) onChange('lost');
      engine.pace();
    }
    if (end === 'expired') onChange('expired');
    if (this.#isClosing) this.#onClosed?.();
    else this.#connectAgain();
  }

  #forgetEverything(): void {
    this.#isStartingOver = false;
    this.#forgetSession();
    this.#lastZxidSeen = 0;
  }

  #forgetSession(): void {
    this.#session = undefined;
    this.#nextXid = 1;
    // A new session has seen nothing; but this client has, and must not be shown an older tree.
  }

  /** The next server at once; a pause, longer each time, after a round over all of them. */
  #connectAgain(): void {
    const { servers, prng } = this.#options;
    this.#server++;
    this.#failures++;
    const rounds = Math.floor(this.#failures / servers.length);
    const pauseMs = rounds === 0 ? 0 : Math.min(BACKOFF_MIN_MS * 2 ** (rounds - 1), BACKOFF_MAX_MS);
    this.#timer = setTimeout(() => this.connect(), pauseMs * (0.5 + prng.next() / 2));
  }
}
