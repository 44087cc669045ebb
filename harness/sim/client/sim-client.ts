import type { Dialer } from '../../../server/base/ports.ts';
import type { Prng } from '../../../server/base/prng.ts';
import type { FrameDecoder } from '../../../server/wire/frame-decoder.ts';
import { JuteReader } from '../../../server/wire/jute-reader.ts';
import { JuteWriter } from '../../../server/wire/jute-writer.ts';
import { OpCode, SpecialXid } from '../../../server/wire/opcode.ts';
import { writeSetWatches } from '../../../server/wire/records/set-watches.ts';
import { readWatcherEvent } from '../../../server/wire/records/watcher-event.ts';
import type { Zxid } from '../../../server/base/zxid.ts';
import type { ServerAddress } from '../../client/connect-string.ts';
import {
  Connection,
  type ConnectionEnd,
  type ConnectionHandler,
  REPLY_HEADER_BYTES,
  type Session,
} from '../../client/connection.ts';
import type { OpenStream } from '../../client/tcp-stream.ts';
import type { Ghost } from '../ghost/ghost.ts';
import { hex, zx } from '../../model/ghost-tree.ts';
import type { Lifetime } from '../lifetime.ts';
import { EventKind, type SimWorld } from '../sim-world.ts';
import type { Trace } from '../trace.ts';
import { openDialed } from './dialed-stream.ts';
import { checkReadReply, checkWriteReply, type SentRequest } from '../../model/reply-check.ts';
import { describeOp, isReadOp, type RequestOp } from '../../model/request-op.ts';
import { SessionView, type WatchKind } from '../../model/session-view.ts';
import { writeRequest } from './sim-op.ts';
import { type PaceOptions, SimPace } from './sim-pace.ts';
import type { SimWorkload } from './sim-workload.ts';

export interface ClientOptions extends PaceOptions {
  readonly sessionTimeoutMs: number;
  readonly inFlightMax: number;
}

export interface SimClientContext {
  readonly name: string;
  readonly world: SimWorld;
  readonly lifetime: Lifetime;
  readonly dialer: Dialer;
  readonly servers: readonly ServerAddress[];
  readonly prng: Prng;
  readonly workload: SimWorkload;
  readonly ghost: Ghost;
  readonly trace: Trace;
  readonly options: ClientOptions;
}

/**
 * A client that works as the workload says, keeps its session over all connections, and holds whatever it is told
 * against the model.
 */
export class SimClient implements ConnectionHandler {
  readonly #context: SimClientContext;
  readonly #open: OpenStream;
  readonly #reader = new JuteReader();
  readonly #writer = new JuteWriter(1024);
  readonly #pace: SimPace;
  #connection: Connection | null = null;
  #session: Session | undefined;
  #view: SessionView | null = null;
  #pending: SentRequest[] = [];
  #head = 0;
  #nextXid = 1;
  #server: number;
  #isClosing = false;
  /** Does nothing of its own accord, and answers no ping. */
  isResting = false;
  /** Acknowledged writes. */
  acked = 0;
  /** In a calm world this is a violation. */
  onExpired: (session: bigint) => void = () => undefined;

  constructor(context: SimClientContext) {
    this.#context = context;
    this.#server = context.prng.below(context.servers.length);
    const { world, lifetime, dialer, options } = context;
    this.#pace = new SimPace(
      { ...context, sessionTimeoutMs: options.sessionTimeoutMs },
      {
        connection: () => this.#connection,
        isIdle: () => this.isResting || this.#isClosing,
        work: (connection) => this.#work(connection),
        closeSession: (connection) => this.#closeSession(connection),
      },
    );
    this.#open = openDialed(dialer, (callback) => {
      world.after(0, EventKind.closed, lifetime, callback);
    });
  }

  start(): void {
    this.#connect();
    this.#pace.start();
  }

  /** After so many steps more it takes its time. */
  slowDownAfter(steps: number): void {
    this.#pace.slowDownAfter(steps);
  }

  get isConnected(): boolean {
    return this.#connection?.isOpen === true;
  }

  /** The address of the server it talks to, or tries to. */
  get server(): string {
    const { servers } = this.#context;
    return servers[(this.#server + servers.length - 1) % servers.length]?.host ?? '';
  }

  /**
   * Keeps its session by saying something in time: it is there, has not been silent of its own accord of late, and has
   * not asked for the session's end.
   */
  get keepsSession(): boolean {
    const { world, options } = this.#context;
    const isHeard = world.nowMs >= this.#pace.silentUntilMs + options.sessionTimeoutMs;
    return this.isConnected && !this.#isClosing && isHeard;
  }

  get sessionId(): bigint | null {
    return this.#session?.id ?? null;
  }

  get inFlight(): number {
    return this.#pending.length - this.#head;
  }

  /** A write of its own, outside the workload. False if it is not connected. */
  probe(op: RequestOp): boolean {
    if (!this.isConnected || this.#isClosing) return false;
    this.#send(op);
    this.#connection?.flush();
    return true;
  }

  // ---- what it does --------------------------------------------------------------------------------------

  #work(connection: Connection): void {
    const { prng, options } = this.#context;
    for (let n = prng.below(options.inFlightMax) + 1; n > 0 && this.inFlight < options.inFlightMax; n--) {
      this.#send(this.#context.workload.next());
    }
    connection.flush();
  }

  #connect(): void {
    const { servers, options, world } = this.#context;
    this.#connection = new Connection(
      {
        server: servers[this.#server++ % servers.length] as ServerAddress,
        sessionTimeoutMs: options.sessionTimeoutMs,
        connectTimeoutMs: Math.max(1000, options.sessionTimeoutMs / 3),
        session: this.#session,
        firstXid: this.#nextXid,
        lastZxidSeen: this.#view?.lastZxid ?? 0,
        open: this.#open,
      },
      this,
      world.nowMs,
    );
  }

  #closeSession(connection: Connection): void {
    this.#isClosing = true;
    this.#say('closes its session');
    this.#context.ghost.requests.sent(this.#view?.id ?? 0n, connection.upcomingXid, { f: 'closeSession' });
    this.#push({ xid: connection.upcomingXid, op: { f: 'closeSession' }, ackedBefore: 0 });
    connection.closeSession();
    // Some clients do not wait, and have something on its way behind it (B50).
    if (this.#context.prng.next() < 0.5) {
      this.#send(this.#context.workload.next());
      connection.flush();
    }
  }

  #send(op: RequestOp): void {
    const connection = this.#connection as Connection;
    const { ghost } = this.#context;
    const xid = connection.nextXid();
    this.#writer.clear();
    writeRequest(this.#writer, xid, op);
    connection.output.raw(this.#writer.bytes());
    if (!isReadOp(op) && op.f !== 'sync') ghost.requests.sent(this.#view?.id ?? 0n, xid, op);
    this.#push({ xid, op, ackedBefore: ghost.requests.ackedZxid });
    if (this.#context.trace.isOn) this.#say(`sends ${xid}: ${describeOp(op)}`);
  }

  #push(request: SentRequest): void {
    if (this.#head > 64 && this.#head * 2 > this.#pending.length) {
      this.#pending = this.#pending.slice(this.#head);
      this.#head = 0;
    }
    this.#pending.push(request);
  }

  // ---- what it is told -----------------------------------------------------------------------------------

  opened(session: Session): void {
    const { ghost } = this.#context;
    if (this.#session !== undefined) {
      if (this.#session.id !== session.id) {
        ghost.report('C11', `session ${hex(this.#session.id)} comes back as ${hex(session.id)}`);
      }
      ghost.marks.hit('session moved');
    }
    if (!ghost.tree.sessions.has(session.id) && !ghost.tree.closedAt.has(session.id)) {
      ghost.report('C11', `session ${hex(session.id)} is told of, and was never committed`);
    }
    if (this.#context.trace.isOn) this.#say(`has session ${hex(session.id)}`);
    this.#session = session;
    this.#view ??= new SessionView(ghost, session.id);
    this.#sendWatches(this.#view.onConnected());
  }

  reply(err: number, zxid: number, frames: FrameDecoder): void {
    const { ghost } = this.#context;
    const view = this.#view as SessionView;
    const request = this.#pending[this.#head++];
    if (request === undefined) {
      ghost.report('C2', `session ${hex(view.id)} has a reply to nothing`);
      return;
    }
    const { op } = request;
    if (this.#context.trace.isOn) this.#say(`is told ${request.xid}: ${err} at ${zx(zxid)}`);
    this.#reader.reset(frames.bytes, frames.view, frames.start + REPLY_HEADER_BYTES, frames.end);
    const body = { err, zxid, body: this.#reader };
    view.onReply(zxid);
    if (isReadOp(op)) {
      checkReadReply(ghost, op, body);
      if (op.watch && (err === 0 || op.f === 'exists')) {
        view.setWatch(op.f === 'getChildren' ? 'child' : err === 0 ? 'data' : 'exist', op.path, zxid);
      }
    } else if (op.f !== 'sync') {
      checkWriteReply(ghost, view.id, request, body);
      this.acked++;
    }
  }

  watchEvent(zxid: number, frames: FrameDecoder): void {
    this.#reader.reset(frames.bytes, frames.view, frames.start + REPLY_HEADER_BYTES, frames.end);
    const { type, path } = readWatcherEvent(this.#reader);
    if (this.#context.trace.isOn) this.#say(`has event ${type} of ${path} at ${zxid < 0 ? zxid : zx(zxid)}`);
    this.#view?.onEvent(type, path, zxid);
  }

  specialReply(): void {
    // Only setWatches is sent, and what it gives rise to are events.
  }

  turnEnded(): void {
    this.#connection?.flush();
  }

  ended(end: ConnectionEnd, cause: Error | undefined): void {
    const { ghost, world, lifetime, prng } = this.#context;
    this.#nextXid = this.#connection?.upcomingXid ?? 1;
    this.#connection = null;
    if (this.#context.trace.isOn) this.#say(`has lost its connection: ${end} ${cause?.message ?? ''}`);
    if (cause !== undefined && /^a reply (to|of) /.test(cause.message)) ghost.report('C2', cause.message);
    this.#countLost();
    if (end === 'expired') this.#onExpired();
    else if (this.#isClosing) this.#forget();
    if (prng.next() < 0.3) this.#server = prng.below(this.#context.servers.length);
    world.after(prng.next() * 100, EventKind.client, lifetime, () => this.#connect());
  }

  #onExpired(): void {
    const { ghost } = this.#context;
    const id = this.#session?.id;
    if (id !== undefined) {
      if (!ghost.history.closing.has(id))
        ghost.report('C11', `session ${hex(id)} is told it has expired, and has not`);
      this.onExpired(id);
    }
    this.#forget();
  }

  #forget(): void {
    this.#session = undefined;
    this.#view = null;
    this.#nextXid = 1;
    this.#isClosing = false;
  }

  #countLost(): void {
    const { ghost } = this.#context;
    for (let i = this.#head; i < this.#pending.length; i++) {
      const { op, xid } = this.#pending[i] as SentRequest;
      if (!isReadOp(op) && op.f !== 'sync') ghost.requests.lost(this.#view?.id ?? 0n, xid);
    }
    this.#pending = [];
    this.#head = 0;
  }

  #sendWatches(paths: Record<WatchKind, string[]>): void {
    const { data, exist, child } = paths;
    if (data.length + exist.length + child.length === 0) return;
    const writer = this.#writer;
    writer.clear();
    const frame = writer.reserveInt();
    writer.int(SpecialXid.setWatches);
    writer.int(OpCode.setWatches);
    writeSetWatches(writer, {
      relativeZxid: (this.#view?.lastZxid ?? 0) as Zxid,
      dataWatches: data,
      existWatches: exist,
      childWatches: child,
    });
    writer.endFrame(frame);
    this.#connection?.output.raw(writer.bytes());
    this.#connection?.flush();
  }

  #say(what: string): void {
    this.#context.trace.say(this.#context.name, what);
  }
}
