import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { FrameDecoder } from '../../server/wire/frame-decoder.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import { OutputBuffer } from '../client/output-buffer.ts';
import { NullLog, type WriteLog } from './null-log.ts';
import { joinNullQuorum, type NullQuorum, type NullQuorumOptions } from './null-quorum.ts';
import { NullReplies } from './null-replies.ts';

const FRAME_BYTES_MAX = 1_048_575;
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
  /** Of several that flush: each write is in the files of a majority before it is answered. */
  readonly quorum?: NullQuorumOptions | null;
}

/**
 * Speaks just enough of the protocol to be put under load, and does nothing: every answer is a constant of the
 * right shape and size. What a load reaches against it is the limit of the generator and of this machine, which a
 * figure for a real server is to be held against. It keeps no data, so its histories are not valid ones.
 */
export class NullServer {
  readonly #server: Server;
  readonly #replies = new NullReplies();

  constructor({ port, logFile, quorum = null }: NullServerOptions) {
    const disk = logFile === null ? null : new NullLog(logFile);
    const member = disk === null || quorum === null ? null : joinNullQuorum(quorum, disk);
    this.#server = createServer({ noDelay: true }, (socket) => {
      serveNull(socket, { replies: this.#replies, log: member ?? disk, member });
    });
    this.#server.listen(port, '127.0.0.1');
  }

  get server(): Server {
    return this.#server;
  }
}

interface NullService {
  readonly replies: NullReplies;
  readonly log: WriteLog | null;
  readonly member: NullQuorum | null;
}

function serveNull(socket: Socket, { replies, log, member }: NullService): void {
  const connection = new NullConnection(socket, replies, log);
  socket.once('data', (first: Buffer) => {
    if (first.toString('latin1') === 'srvr') {
      const role = member === null ? 'standalone' : member.role;
      socket.end(role === null ? 'not serving\n' : `Mode: ${role}\n`);
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
  readonly #log: WriteLog | null;
  readonly #frames = new FrameDecoder(FRAME_BYTES_MAX);
  #hasSession = false;
  /** Answers that may leave now; where a flush is under way, those that leave when it is done. */
  #out = new OutputBuffer(64 * 1024);
  /** Answers to what came while a flush was under way. */
  #behind = new OutputBuffer(64 * 1024);
  #isFlushing = false;
  /** Whether `#behind` has answers to writes, which need the next flush. */
  #isBehindUnflushed = false;

  constructor(socket: Socket, replies: NullReplies, log: WriteLog | null) {
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
