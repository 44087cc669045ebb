import { connect, createServer, type Socket } from 'node:net';
import { FrameDecoder } from '../../server/wire/frame-decoder.ts';
import { OutputBuffer } from '../client/output-buffer.ts';
import type { ServerRole } from './ensemble.ts';
import type { NullLog, WriteLog } from './null-log.ts';

export interface NullQuorumOptions {
  /** Of the one that leads; all are on 127.0.0.1. */
  readonly leaderPort: number;
  readonly isLeader: boolean;
  /** All of them, this one included. */
  readonly members: number;
}

/** A null server's part in an ensemble of them. */
export interface NullQuorum extends WriteLog {
  /** Null before enough of the others are there. */
  readonly role: ServerRole | null;
}

const MESSAGE_BYTES_MAX = 256 * 1024 * 1024;
const RECONNECT_MS = 20;
/** Length, type and number. */
const HEAD_BYTES = 9;

/**
 * - `forward`, to the leader: so many writes of the sender's clients.
 * - `propose`, to a follower: a batch of writes; the number says how many of them it had forwarded.
 * - `ack`, to the leader: the oldest batch without one is on the sender's disk.
 * - `commit`, to a follower: the oldest batch without one is on the disks of a majority.
 */
const Message = { forward: 1, propose: 2, ack: 3, commit: 4 } as const;
type Message = (typeof Message)[keyof typeof Message];

/**
 * The least that an ensemble has to do for a write: bring it to one server, from there in batches to all, flush it on
 * a majority, and tell the one whose client waits. Nobody is ever elected, and whoever loses a link is of no more use.
 */
export function joinNullQuorum(options: NullQuorumOptions, disk: NullLog): NullQuorum {
  return options.isLeader ? new NullLeader(options, disk) : new NullFollower(options, disk);
}

class NullLeader implements NullQuorum {
  readonly #options: NullQuorumOptions;
  readonly #disk: NullLog;
  readonly #followers: NullLink[] = [];
  #gathering = new OutputBuffer(1024 * 1024);
  /** Of the batch that gathers: who waits for it, and how many writes each follower has in it. */
  #waiting: (() => void)[] = [];
  #forwarded = new Map<NullLink, number>();
  #isBusy = false;

  constructor(options: NullQuorumOptions, disk: NullLog) {
    this.#options = options;
    this.#disk = disk;
    const server = createServer({ noDelay: true }, (socket) => this.#follow(socket));
    server.listen(options.leaderPort, '127.0.0.1');
  }

  get role(): ServerRole | null {
    return this.#followers.length === this.#options.members - 1 ? 'leader' : null;
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    this.#gathering.raw(bytes.subarray(start, end));
  }

  afterFlush(done: () => void): void {
    this.#waiting.push(done);
    this.#commitSoon();
  }

  /** The acks of a follower come in the order of the batches, and a batch that is committed needs no more of them. */
  #follow(socket: Socket): void {
    const link = new NullLink(socket, {
      [Message.forward]: (count, bytes) => {
        this.#gathering.raw(bytes);
        this.#forwarded.set(link, (this.#forwarded.get(link) ?? 0) + count);
        this.#commitSoon();
      },
      [Message.ack]: () => link.acknowledged(),
    });
    this.#followers.push(link);
  }

  #commitSoon(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    // After the other links and connections of this turn have been heard.
    setImmediate(() => this.#propose());
  }

  #propose(): void {
    const batch = this.#gathering.content();
    const waiting = this.#waiting;
    let acks = 0;
    const ack = (): void => {
      if (++acks === (this.#options.members >> 1) + 1) this.#committed(waiting);
    };
    for (const follower of this.#followers) {
      follower.onAcknowledged.push(ack);
      follower.send(Message.propose, this.#forwarded.get(follower) ?? 0, batch);
    }
    this.#disk.append(batch, 0, batch.length);
    this.#disk.afterFlush(ack);
    this.#waiting = [];
    this.#forwarded = new Map();
    // Everybody has a copy.
    this.#gathering.clear();
  }

  #committed(waiting: readonly (() => void)[]): void {
    for (const follower of this.#followers) follower.send(Message.commit, 0);
    for (const done of waiting) done();
    this.#isBusy = false;
    if (this.#waiting.length > 0 || this.#forwarded.size > 0) this.#commitSoon();
  }
}

class NullFollower implements NullQuorum {
  readonly #disk: NullLog;
  #link: NullLink | null = null;
  #gathering = new OutputBuffer(1024 * 1024);
  #gathered = 0;
  /** Writes forwarded since the beginning, and committed of them. */
  #forwarded = 0;
  #committed = 0;
  #waiting: { readonly upTo: number; readonly done: () => void }[] = [];
  /** How many of our writes each batch has that is not committed. */
  readonly #ours: number[] = [];

  constructor(options: NullQuorumOptions, disk: NullLog) {
    this.#disk = disk;
    this.#connect(options.leaderPort);
  }

  get role(): ServerRole | null {
    return this.#link === null ? null : 'follower';
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    this.#gathering.raw(bytes.subarray(start, end));
    if (this.#gathered++ === 0) setImmediate(() => this.#forward());
    this.#forwarded++;
  }

  afterFlush(done: () => void): void {
    this.#waiting.push({ upTo: this.#forwarded, done });
  }

  #forward(): void {
    this.#link?.send(Message.forward, this.#gathered, this.#gathering.content());
    this.#gathering.clear();
    this.#gathered = 0;
  }

  #connect(port: number): void {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    // The leader may be a little later.
    socket.once('error', () => setTimeout(() => this.#connect(port), RECONNECT_MS));
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      const link = new NullLink(socket, {
        [Message.propose]: (ours, bytes) => {
          this.#ours.push(ours);
          this.#disk.append(bytes, 0, bytes.length);
          this.#disk.afterFlush(() => link.send(Message.ack, 0));
        },
        [Message.commit]: () => this.#commit(),
      });
      this.#link = link;
    });
  }

  #commit(): void {
    this.#committed += this.#ours.shift() ?? 0;
    const waiting = this.#waiting;
    const still = waiting.findIndex(({ upTo }) => upTo > this.#committed);
    const ready = still === -1 ? waiting.splice(0) : waiting.splice(0, still);
    for (const { done } of ready) done();
  }
}

type Handlers = Partial<Record<Message, (count: number, bytes: Uint8Array) => void>>;

/** One connection between two null servers. Its end is the end of the server. */
class NullLink {
  /** One for each batch that the other side has not acknowledged. */
  readonly onAcknowledged: (() => void)[] = [];
  readonly #socket: Socket;
  readonly #frames = new FrameDecoder(MESSAGE_BYTES_MAX);
  readonly #handlers: Handlers;

  constructor(socket: Socket, handlers: Handlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => process.exit(1));
  }

  acknowledged(): void {
    this.onAcknowledged.shift()?.();
  }

  send(type: Message, count: number, bytes: Uint8Array = new Uint8Array(0)): void {
    const message = new Uint8Array(HEAD_BYTES + bytes.length);
    const view = new DataView(message.buffer);
    view.setInt32(0, message.length - 4);
    message[4] = type;
    view.setUint32(5, count);
    message.set(bytes, HEAD_BYTES);
    this.#socket.write(message);
  }

  #received(chunk: Buffer): void {
    this.#frames.push(chunk);
    while (this.#frames.next()) {
      const { bytes, view, start, end } = this.#frames;
      const type = bytes[start] as Message;
      this.#handlers[type]?.(view.getUint32(start + 1), bytes.subarray(start + HEAD_BYTES - 4, end));
    }
  }
}
