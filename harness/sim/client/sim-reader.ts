import type { Dialer } from '../../../server/base/ports.ts';
import type { Prng } from '../../../server/base/prng.ts';
import type { FrameDecoder } from '../../../server/wire/frame-decoder.ts';
import { JuteWriter } from '../../../server/wire/jute-writer.ts';
import type { ServerAddress } from '../../client/connect-string.ts';
import {
  Connection,
  type ConnectionEnd,
  type ConnectionHandler,
  REPLY_HEADER_BYTES,
  type Session,
} from '../../client/connection.ts';
import type { OpenStream } from '../../client/tcp-stream.ts';
import { hex, zx } from '../../model/ghost-tree.ts';
import { describeOp, type RequestOp } from '../../model/request-op.ts';
import { checkEnd, checkOpened, type ReaderSession } from '../checks/reader-sessions.ts';
import { ReaderReplies } from '../checks/reader-replies.ts';
import type { Ghost } from '../ghost/ghost.ts';
import type { Lifetime } from '../lifetime.ts';
import { EventKind, type SimWorld } from '../sim-world.ts';
import type { Trace } from '../trace.ts';
import { openDialed } from './dialed-stream.ts';
import { writeRequest } from './sim-op.ts';
import { type PaceOptions, SimPace } from './sim-pace.ts';
import { SimWorkload, type WorkloadOptions } from './sim-workload.ts';

export interface ReaderOptions extends PaceOptions {
  readonly count: number;
  readonly inFlightMax: number;
  /** How much of what it asks for, where there is no quorum, is a write or a `sync`. */
  readonly writeShare: number;
  /** How often it comes back with a session that was made without a quorum: kazoo does, Apache's client does not. */
  readonly keepShare: number;
  /** How often it is another client that calls next, which has seen nothing and has no session. */
  readonly freshShare: number;
}

export function drawReaderOptions(prng: Prng): ReaderOptions {
  return {
    count: 1 + prng.below(3),
    thinkMs: 2 + 40 * prng.next(),
    inFlightMax: 1 + prng.below(5),
    writeShare: 0.3 * prng.next(),
    moveShare: 0.05 * prng.next(),
    closeShare: 0.03 * prng.next(),
    silenceShare: 0.01 * prng.next(),
    keepShare: prng.next(),
    freshShare: 0.1 + 0.5 * prng.next(),
  };
}

export interface SimReaderContext {
  readonly name: string;
  readonly world: SimWorld;
  readonly lifetime: Lifetime;
  readonly dialer: Dialer;
  readonly servers: readonly ServerAddress[];
  readonly prng: Prng;
  readonly workload: WorkloadOptions;
  readonly ghost: Ghost;
  readonly trace: Trace;
  readonly sessionTimeoutMs: number;
  readonly options: ReaderOptions;
}

/**
 * A client that can do with reads: it takes any server, one without a quorum too, and never goes back in time,
 * whatever session it has. Where there is a quorum it only reads; where there is none it also asks for writes, which
 * have to be refused.
 */
export class SimReader implements ConnectionHandler {
  readonly #context: SimReaderContext;
  readonly #open: OpenStream;
  readonly #writer = new JuteWriter(1024);
  readonly #pace: SimPace;
  readonly #reads: SimWorkload;
  readonly #writes: SimWorkload;
  readonly #replies: ReaderReplies;
  #connection: Connection | null = null;
  #connectedAtMs = 0;
  #server: number;
  #session: ReaderSession | null = null;
  #nextXid = 1;
  #isClosing = false;
  #pending: { readonly op: RequestOp; readonly sentAtMs: number }[] = [];
  /** Does nothing of its own accord. */
  isResting = false;

  constructor(context: SimReaderContext) {
    this.#context = context;
    const { world, lifetime, dialer, workload, prng, ghost, servers } = context;
    this.#server = prng.below(servers.length);
    this.#pace = new SimPace(context, {
      connection: () => this.#connection,
      isIdle: () => this.isResting || this.#isClosing,
      work: (connection) => this.#work(connection),
      closeSession: (connection) => this.#closeSession(connection),
    });
    this.#reads = new SimWorkload(readsOf(workload), prng.fork('reads'));
    this.#writes = new SimWorkload(writesOf(workload), prng.fork('writes'));
    this.#replies = new ReaderReplies(ghost);
    this.#open = openDialed(dialer, (callback) => {
      world.after(0, EventKind.closed, lifetime, callback);
    });
  }

  start(): void {
    this.#connect();
    this.#pace.start();
  }

  /** What could not be judged when it was read: whether it would be committed was open. */
  judge(): void {
    this.#replies.judgeOpen();
  }

  // ---- what it does --------------------------------------------------------------------------------------

  #work(connection: Connection): void {
    const { prng, options } = this.#context;
    const count = prng.below(options.inFlightMax) + 1;
    for (let n = count; n > 0 && this.#pending.length < options.inFlightMax; n--) this.#send(connection);
    connection.flush();
  }

  #connect(): void {
    const { servers, options, world, prng, sessionTimeoutMs } = this.#context;
    const isFresh = prng.next() < options.freshShare;
    if (isFresh) this.#replies.lastZxid = 0;
    if (isFresh || (this.#session?.isLocal === true && prng.next() >= options.keepShare)) this.#forget();
    this.#connectedAtMs = world.nowMs;
    this.#connection = new Connection(
      {
        server: servers[this.#server] as ServerAddress,
        sessionTimeoutMs,
        connectTimeoutMs: Math.max(1000, sessionTimeoutMs / 3),
        session: this.#session?.session,
        firstXid: this.#nextXid,
        lastZxidSeen: this.#replies.lastZxid,
        readOnly: true,
        open: this.#open,
      },
      this,
      world.nowMs,
    );
  }

  #closeSession(connection: Connection): void {
    this.#isClosing = true;
    const op = { f: 'closeSession' } as const;
    const { ghost, world } = this.#context;
    if (!connection.isReadOnly) ghost.requests.sent(this.#id, connection.upcomingXid, op);
    this.#pending.push({ op, sentAtMs: world.nowMs });
    connection.closeSession();
  }

  #send(connection: Connection): void {
    const { prng, options, trace, world } = this.#context;
    const isWrite = connection.isReadOnly && prng.next() < options.writeShare;
    const op = (isWrite ? this.#writes : this.#reads).next();
    const xid = connection.nextXid();
    this.#writer.clear();
    writeRequest(this.#writer, xid, op);
    connection.output.raw(this.#writer.bytes());
    this.#pending.push({ op, sentAtMs: world.nowMs });
    if (trace.isOn) this.#say(`sends ${xid}: ${describeOp(op)}`);
  }

  // ---- what it is told -----------------------------------------------------------------------------------

  opened(session: Session): void {
    const { ghost } = this.#context;
    const isLocal = this.#connection?.isReadOnly === true;
    if (this.#context.trace.isOn)
      this.#say(`has session ${hex(session.id)}${isLocal ? ' without a quorum' : ''}`);
    checkOpened(ghost, this.#session, { id: session.id, isLocal });
    this.#session = { session, isLocal, heardAtMs: this.#connectedAtMs };
  }

  reply(err: number, zxid: number, frames: FrameDecoder): void {
    const request = this.#pending.shift();
    const session = this.#session;
    const { ghost, trace } = this.#context;
    if (request === undefined || session === null) {
      ghost.report('C2', `session ${hex(this.#id)} has a reply to nothing`);
      return;
    }
    session.heardAtMs = Math.max(session.heardAtMs, request.sentAtMs);
    const { op } = request;
    if (trace.isOn) this.#say(`is told ${describeOp(op)}: ${err} at ${zx(zxid)}`);
    if (op.f === 'closeSession') return;
    const body = frames.bytes.subarray(frames.start + REPLY_HEADER_BYTES, frames.end);
    const from = session.isLocal ? ghost.server(this.#server + 1) : null;
    this.#replies.onReply(from, op, { err, zxid, body });
  }

  watchEvent(): void {
    this.#context.ghost.report('C7', `session ${hex(this.#id)} has an event, and watches nothing`);
  }

  specialReply(): void {
    // It sends nothing of that kind.
  }

  turnEnded(): void {
    this.#connection?.flush();
  }

  ended(end: ConnectionEnd, cause: Error | undefined): void {
    const { ghost, world, lifetime, prng, servers, trace } = this.#context;
    const isReadOnly = this.#connection?.isReadOnly === true;
    this.#nextXid = this.#connection?.upcomingXid ?? 1;
    this.#connection = null;
    if (trace.isOn) this.#say(`has lost its connection: ${end} ${cause?.message ?? ''}`);
    if (cause !== undefined && /^a reply (to|of) /.test(cause.message)) ghost.report('C2', cause.message);
    this.#pending = [];
    if (end === 'expired' && this.#session !== null) checkEnd(ghost, this.#session, isReadOnly, world.nowMs);
    if (end === 'expired' || this.#isClosing) this.#forget();
    if (prng.next() < 0.5) this.#server = prng.below(servers.length);
    world.after(prng.next() * 100, EventKind.client, lifetime, () => this.#connect());
  }

  get #id(): bigint {
    return this.#session?.session.id ?? 0n;
  }

  #forget(): void {
    this.#session = null;
    this.#nextXid = 1;
    this.#isClosing = false;
  }

  #say(what: string): void {
    this.#context.trace.say(this.#context.name, what);
  }
}

function readsOf(workload: WorkloadOptions): WorkloadOptions {
  const weights = Object.fromEntries(Object.keys(workload.weights).map((kind) => [kind, 0]));
  return {
    ...workload,
    weights: { ...(weights as WorkloadOptions['weights']), getData: 4, exists: 2, getChildren: 2 },
    watchShare: 0,
  };
}

function writesOf(workload: WorkloadOptions): WorkloadOptions {
  const weights = { ...workload.weights, getData: 0, exists: 0, getChildren: 0, sync: 2 };
  return { ...workload, weights, watchShare: 0 };
}
