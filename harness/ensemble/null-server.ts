import { fdatasync, openSync, write, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { FrameDecoder } from '../../server/wire/frame-decoder.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import { OutputBuffer } from '../client/output-buffer.ts';
import { NullReplies } from './null-replies.ts';

const FRAME_BYTES_MAX = 1_048_575;
const LOG_FILE_BYTES = 64 * 1024 * 1024;
/** Xid and type. */
const HEADER_BYTES = 8;

const WRITES: ReadonlySet<number> = new Set([
  OpCode.create,
  OpCode.create2,
  OpCode.delete,
  OpCode.setData,
  OpCode.multi,
  OpCode.setAcl,
]);

export interface NullServerOptions {
  readonly port: number;
  /**
   * A file that every write's bytes go to, flushed before the write is answered: the durability of a real server
   * without anything else of it. Null: writes are answered at once.
   */
  readonly logFile: string | null;
}

/**
 * Speaks just enough of the protocol to be put under load, and does nothing: every answer is a constant of the
 * right shape and size. What a load reaches against it is the limit of the generator and of this machine, which a
 * figure for a real server is to be held against. It keeps no data, so its histories are not valid ones.
 */
export class NullServer {
  readonly #server: Server;
  readonly #log: NullLog | null;
  readonly #replies = new NullReplies();

  constructor(options: NullServerOptions) {
    this.#log = options.logFile === null ? null : new NullLog(options.logFile);
    this.#server = createServer({ noDelay: true }, (socket) => {
      serveNull(socket, this.#replies, this.#log);
    });
    this.#server.listen(options.port, '127.0.0.1');
  }

  get server(): Server {
    return this.#server;
  }
}

function serveNull(socket: Socket, replies: NullReplies, log: NullLog | null): void {
  const connection = new NullConnection(socket, replies, log);
  socket.once('data', (first: Buffer) => {
    if (first.toString('latin1') === 'srvr') {
      socket.end('Mode: standalone\n');
      return;
    }
    connection.received(first);
    socket.on('data', (chunk: Buffer) => connection.received(chunk));
  });
  // A client that goes away takes its requests with it.
  socket.on('error', () => socket.destroy());
}

/**
 * One client. Answers leave in the order of the requests: once a write waits for the disk, so does everything
 * behind it.
 */
class NullConnection {
  readonly #socket: Socket;
  readonly #replies: NullReplies;
  readonly #log: NullLog | null;
  readonly #frames = new FrameDecoder(FRAME_BYTES_MAX);
  #hasSession = false;
  /** Answers that may leave now; where a flush is under way, those that leave when it is done. */
  #out = new OutputBuffer(64 * 1024);
  /** Answers to what came while a flush was under way. */
  #behind = new OutputBuffer(64 * 1024);
  #isFlushing = false;
  /** Whether `#behind` has answers to writes, which need the next flush. */
  #isBehindUnflushed = false;

  constructor(socket: Socket, replies: NullReplies, log: NullLog | null) {
    this.#socket = socket;
    this.#replies = replies;
    this.#log = log;
  }

  received(chunk: Buffer): void {
    this.#frames.push(chunk);
    let isUnflushed = false;
    const out = this.#isFlushing ? this.#behind : this.#out;
    try {
      while (this.#frames.next()) if (this.#answer(out)) isUnflushed = true;
    } catch {
      this.#socket.destroy();
      return;
    }
    if (this.#isFlushing) this.#isBehindUnflushed ||= isUnflushed;
    else if (isUnflushed) this.#flush();
    else this.#send();
  }

  /** Writes the answer to the frame at hand; true if it may leave only after a flush. */
  #answer(out: OutputBuffer): boolean {
    const { view, start, end, bytes } = this.#frames;
    if (!this.#hasSession) {
      this.#hasSession = true;
      this.#replies.connect(out, bytes.subarray(start, end));
      return false;
    }
    if (end - start < HEADER_BYTES) throw new Error('a request without a header');
    const xid = view.getInt32(start);
    const opCode = view.getInt32(start + 4);
    const isWrite = WRITES.has(opCode);
    if (isWrite && this.#log !== null) this.#log.append(bytes, start, end);
    this.#replies.reply(out, xid, opCode);
    if (opCode === OpCode.closeSession) this.#socket.end();
    return isWrite && this.#log !== null;
  }

  #flush(): void {
    this.#isFlushing = true;
    this.#log?.afterFlush(() => {
      this.#isFlushing = false;
      this.#send();
      [this.#out, this.#behind] = [this.#behind, this.#out];
      if (this.#isBehindUnflushed) this.#flush();
      else this.#send();
      this.#isBehindUnflushed = false;
    });
  }

  #send(): void {
    const out = this.#out;
    if (out.length === 0) return;
    this.#socket.write(out.content());
    // Node tries the write at once; what the kernel did not take is still read from this memory.
    if (this.#socket.writableLength === 0) out.clear();
    else out.lend(false);
  }
}

/** Group commit without a timer: while one write and flush runs, the next batch gathers. */
class NullLog {
  readonly #fd: number;
  #gathering = new OutputBuffer(1024 * 1024);
  #writing = new OutputBuffer(1024 * 1024);
  #waiting: (() => void)[] = [];
  #position = 0;
  #isBusy = false;

  constructor(file: string) {
    this.#fd = openSync(file, 'w');
    // Preallocated as ZooKeeper's own log is, so that a flush has no file size to write.
    const zeros = new Uint8Array(1024 * 1024);
    for (let at = 0; at < LOG_FILE_BYTES; at += zeros.length) writeSync(this.#fd, zeros, 0, zeros.length, at);
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    this.#gathering.raw(bytes.subarray(start, end));
  }

  /** Calls back when all that has been appended by now is on the disk. */
  afterFlush(done: () => void): void {
    this.#waiting.push(done);
    if (!this.#isBusy) {
      this.#isBusy = true;
      // After the other connections of this turn have been heard: their writes go into the same flush.
      setImmediate(() => this.#commit());
    }
  }

  #commit(): void {
    const batch = this.#gathering;
    const waiting = this.#waiting;
    [this.#gathering, this.#writing] = [this.#writing, batch];
    this.#waiting = [];
    if (this.#position + batch.length > LOG_FILE_BYTES) this.#position = 0;
    const at = this.#position;
    this.#position += batch.length;
    write(this.#fd, batch.bytes, 0, batch.length, at, (writeError) => {
      if (writeError !== null) throw writeError;
      fdatasync(this.#fd, (syncError) => {
        if (syncError !== null) throw syncError;
        batch.clear();
        for (const done of waiting) done();
        if (this.#waiting.length > 0) this.#commit();
        else this.#isBusy = false;
      });
    });
  }
}
