import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { FrameDecoder } from '../../../server/wire/frame-decoder.ts';
import { JuteReader } from '../../../server/wire/jute-reader.ts';
import { JuteWriter } from '../../../server/wire/jute-writer.ts';
import { OpCode, SpecialXid } from '../../../server/wire/opcode.ts';
import { readGetDataRequest } from '../../../server/wire/records/get-data.ts';
import { writeReplyHeader } from '../../../server/wire/records/headers.ts';
import { readSetDataRequest } from '../../../server/wire/records/set-data.ts';
import { EventType, writeWatcherEvent } from '../../../server/wire/records/watcher-event.ts';
import { ZXID_ZERO } from '../../../server/base/zxid.ts';
import { OutputBuffer } from '../../client/output-buffer.ts';
import type { ServerRole } from '../../ensemble/ensemble.ts';
import { NullReplies } from '../../ensemble/null-replies.ts';
import type { LoadClock } from '../../load/load-clock.ts';

/**
 * - `serves`: answers at once.
 * - `refuses`: nobody listens, and every connection is cut.
 * - `stalls`: accepts what comes and answers it when the stall is over.
 * - `errs`: answers every request with an error.
 * - `lags`: answers everything, so many ms later.
 */
export type Behaviour =
  | { readonly type: 'serves' | 'refuses' | 'stalls' | 'errs' }
  | { readonly type: 'lags'; readonly delayMs: number };

/** What the server did, by its own clock. */
export interface Stamp {
  readonly type: Behaviour['type'];
  readonly atMs: number;
}

/** When an answer went out. */
export interface Answered {
  readonly xid: number;
  readonly atMs: number;
}

const FRAME_BYTES_MAX = 1_048_575;
const REQUEST_HEADER_BYTES = 8;
const OPERATION_TIMEOUT = -7;

/**
 * Speaks enough of the protocol for every kind of probe, behaves as it is told, and stamps when it really began to:
 * what a prober has measured is held against that.
 */
export class ScriptedServer {
  readonly stamps: Stamp[] = [];
  /** All answers but those to connects, by the server's clock. */
  readonly answers: Answered[] = [];
  /** When something came, on any connection. */
  readonly heardMs: number[] = [];
  /** What it says to `srvr`; null: that it is not serving. */
  role: ServerRole | null;
  readonly #clock: LoadClock;
  readonly #replies = new NullReplies();
  readonly #connections = new Set<ScriptedConnection>();
  readonly #loopDelay = monitorEventLoopDelay({ resolution: 1 });
  #server: Server | null = null;
  #port = 0;
  #behaviour: Behaviour = { type: 'serves' };

  constructor(clock: LoadClock, role: ServerRole = 'standalone') {
    this.#clock = clock;
    this.role = role;
    this.#loopDelay.enable();
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get replies(): NullReplies {
    return this.#replies;
  }

  /** By how much this process itself may have been late to do what it was told. */
  get lagMaxMs(): number {
    return this.#loopDelay.max / 1e6;
  }

  /** Resolves when it listens: at a port of its own, which it keeps. */
  async start(): Promise<void> {
    const server = createServer({ noDelay: true }, (socket) => {
      this.#connections.add(new ScriptedConnection(socket, this));
      socket.on('close', () => this.#forget(socket));
    });
    this.#server = server;
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
  }

  /** Resolves when it is so. */
  async behave(behaviour: Behaviour): Promise<void> {
    if (behaviour.type === 'refuses') this.#cut();
    else if (this.#server === null) await this.start();
    this.#behaviour = behaviour;
    this.stamps.push({ type: behaviour.type, atMs: this.nowMs() });
    for (const connection of this.#connections) connection.goOn();
  }

  nowMs(): number {
    return this.#clock.nowNs() / 1e6;
  }

  get behaviour(): Behaviour {
    return this.#behaviour;
  }

  stop(): void {
    this.#cut();
    this.#loopDelay.disable();
  }

  /** Everybody who watches `path` is told that it has changed. */
  changed(path: string): void {
    for (const connection of this.#connections) connection.changed(path);
  }

  #cut(): void {
    this.#server?.close();
    this.#server = null;
    for (const { socket } of this.#connections) socket.destroy();
  }

  #forget(socket: Socket): void {
    for (const connection of this.#connections) {
      if (connection.socket === socket) this.#connections.delete(connection);
    }
  }
}

class ScriptedConnection {
  readonly socket: Socket;
  readonly #server: ScriptedServer;
  readonly #frames = new FrameDecoder(FRAME_BYTES_MAX);
  readonly #out = new OutputBuffer();
  readonly #watched = new Set<string>();
  /** Of the answers in `#out`. */
  readonly #xids: number[] = [];
  /** What has come and is not answered yet, in order. */
  readonly #waiting: { readonly chunk: Buffer; readonly dueMs: number }[] = [];
  #timer: NodeJS.Timeout | null = null;
  #hasSession = false;

  constructor(socket: Socket, server: ScriptedServer) {
    this.socket = socket;
    this.#server = server;
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
  }

  /** What waits is looked at, as the server behaves now. */
  goOn(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    while (this.#server.behaviour.type !== 'stalls') {
      const [next] = this.#waiting;
      if (next === undefined) return;
      const leftMs = next.dueMs - performance.now();
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.goOn(), leftMs);
        return;
      }
      this.#waiting.shift();
      this.#answer(next.chunk);
    }
  }

  changed(path: string): void {
    if (!this.#watched.delete(path)) return;
    const writer = new JuteWriter();
    const frame = writer.reserveInt();
    writeReplyHeader(writer, { xid: SpecialXid.notification, zxid: ZXID_ZERO, err: 0 });
    writeWatcherEvent(writer, { type: EventType.nodeDataChanged, state: 3, path });
    writer.endFrame(frame);
    this.#out.raw(writer.bytes());
    this.#send();
  }

  #received(chunk: Buffer): void {
    const { behaviour } = this.#server;
    this.#server.heardMs.push(this.#server.nowMs());
    const delayMs = behaviour.type === 'lags' ? behaviour.delayMs : 0;
    this.#waiting.push({ chunk, dueMs: performance.now() + delayMs });
    this.goOn();
  }

  #answer(chunk: Buffer): void {
    if (this.socket.destroyed) return;
    if (!this.#hasSession && chunk.toString('latin1') === 'srvr') {
      const { role } = this.#server;
      this.socket.end(
        role === null ? 'This ZooKeeper instance is not currently serving requests\n' : `Mode: ${role}\n`,
      );
      return;
    }
    this.#frames.push(chunk);
    while (this.#frames.next()) this.#answerFrame();
    this.#send();
  }

  #answerFrame(): void {
    const { view, start, end, bytes } = this.#frames;
    const { replies, behaviour } = this.#server;
    if (!this.#hasSession) {
      this.#hasSession = true;
      replies.connect(this.#out, bytes.subarray(start, end));
      return;
    }
    const xid = view.getInt32(start);
    const opCode = view.getInt32(start + 4);
    this.#xids.push(xid);
    const isRefused = behaviour.type === 'errs' && xid > 0;
    if (isRefused) this.#refuse(xid);
    else replies.reply(this.#out, xid, opCode);
    if (!isRefused) this.#watch(opCode, bytes.slice(start + REQUEST_HEADER_BYTES, end));
    if (opCode === OpCode.closeSession) {
      this.#send();
      this.socket.end();
    }
  }

  #watch(opCode: number, body: Uint8Array): void {
    const reader = new JuteReader(body);
    if (opCode === OpCode.getData) {
      const { path, watch } = readGetDataRequest(reader);
      if (watch) this.#watched.add(path);
    } else if (opCode === OpCode.setData) {
      this.#server.changed(readSetDataRequest(reader).path);
    }
  }

  #refuse(xid: number): void {
    const writer = new JuteWriter();
    const frame = writer.reserveInt();
    writeReplyHeader(writer, { xid, zxid: ZXID_ZERO, err: OPERATION_TIMEOUT });
    writer.endFrame(frame);
    this.#out.raw(writer.bytes());
  }

  #send(): void {
    if (this.#out.length === 0 || this.socket.destroyed) return;
    const atMs = this.#server.nowMs();
    for (const xid of this.#xids.splice(0)) this.#server.answers.push({ xid, atMs });
    this.socket.write(Buffer.from(this.#out.content()));
    this.#out.clear();
  }
}
