import { JuteReader } from '../../wire/jute-reader.ts';
import { JuteWriter } from '../../wire/jute-writer.ts';
import { SpecialXid } from '../../wire/opcode.ts';
import { WireError } from '../../wire/wire-error.ts';
import { type Arrival, RawConnection } from './connection.ts';
import { describeEvent, errorName } from './describe.ts';
import { type Operation, ping } from './operations.ts';
import { passwordOf } from './session-password.ts';
import type { Step, Transcript } from './transcript.ts';

/** What one run of the sequence shares. */
export interface Run {
  /** `host:port` of the one server that all connections go to. */
  readonly address: string;
  readonly transcript: Transcript;
}

export interface Session {
  readonly id: bigint;
  readonly password: Uint8Array;
}

export interface HandshakeOptions {
  readonly protocolVersion?: number;
  readonly lastZxidSeen?: number;
  readonly timeoutMs?: number;
  readonly session?: Session;
  /** Instead of the session's. */
  readonly password?: Uint8Array | null;
  /** Null leaves the field out, as clients before 3.4 do. */
  readonly readOnly?: boolean | null;
  /** Glued to the end of the record, inside the frame. */
  readonly trailing?: Uint8Array;
  /** Written in the same segment as the handshake. */
  readonly pipelined?: readonly Operation[];
  /** Sends the handshake one byte at a time. */
  readonly inBytes?: boolean;
}

const NO_SESSION: Session = { id: 0n, password: new Uint8Array(16) };

/**
 * One client connection, played by hand: it sends exactly what it is told and tells the transcript everything
 * that comes back, in the order in which it comes.
 */
export class Peer {
  readonly name: string;
  session: Session = NO_SESSION;
  readonly #run: Run;
  readonly #connection: RawConnection;
  #xid = 0;

  private constructor(run: Run, name: string, connection: RawConnection) {
    this.#run = run;
    this.name = name;
    this.#connection = connection;
  }

  /** Opens a connection without a word. */
  static async open(run: Run, name: string): Promise<Peer> {
    return new Peer(run, name, await RawConnection.open(run.address));
  }

  /** Opens a connection and shakes hands. A session that is granted anew takes the peer's name. */
  static async connect(run: Run, name: string, options: HandshakeOptions = {}): Promise<Peer> {
    const peer = await Peer.open(run, name);
    await peer.handshake(options);
    return peer;
  }

  async handshake(options: HandshakeOptions): Promise<void> {
    const step = this.#begin(`connects${describeOptions(options, this.#run.transcript)}`);
    const writer = new JuteWriter();
    writeHandshake(writer, options);
    const pipelined = options.pipelined ?? [];
    const expected = pipelined.map((operation) => this.#write(writer, operation));
    if (options.inBytes === true) {
      for (const byte of writer.bytes()) this.#connection.send(Uint8Array.of(byte));
    } else {
      this.#connection.send(writer.bytes());
    }
    const arrival = await this.#connection.next();
    this.#tellHandshake(arrival, step);
    if (arrival.type === 'frame') await this.#collect(expected, step);
  }

  /** Sends one request and waits until it is answered or the connection ends. */
  async call(operation: Operation): Promise<void> {
    await this.pipeline(operation);
  }

  /** Sends requests in one segment and waits until all are answered or the connection ends. */
  async pipeline(...operations: readonly Operation[]): Promise<void> {
    const step = this.#begin(operations.map((operation) => operation.what).join(' | '));
    const writer = new JuteWriter();
    const expected = operations.map((operation) => this.#write(writer, operation));
    this.#connection.send(writer.bytes());
    await this.#collect(expected, step);
  }

  /** `call` of something after which the server is to close the connection. */
  async callToEnd(operation: Operation): Promise<void> {
    await this.call(operation);
    await this.untilClosed();
  }

  /** `call`, then finds out whether the server still talks to this connection. */
  async callAndProbe(operation: Operation): Promise<void> {
    await this.call(operation);
    await this.probe();
  }

  /**
   * A ping, which stands in the order of replies: whatever the server had to say before it has been told when
   * it is answered. If the server has closed the connection, this tells so.
   */
  async probe(): Promise<void> {
    await this.call(ping);
  }

  /** Sends bytes that are no request of ours and waits for the end of the connection. */
  async sendToEnd(what: string, bytes: Uint8Array): Promise<void> {
    const step = this.#begin(what);
    this.#connection.send(bytes);
    await this.#collectToEnd(step);
  }

  /** Waits for the server to end the connection. */
  async untilClosed(): Promise<void> {
    await this.#collectToEnd(this.#begin('waits for the end'));
  }

  /** Drops the connection; the session lives on. */
  async drop(): Promise<void> {
    await this.#connection.close();
  }

  #begin(request: string): Step {
    return this.#run.transcript.begin(`${this.name} ${request}`);
  }

  #write(writer: JuteWriter, operation: Operation): [number, Operation] {
    const xid = operation.xid ?? ++this.#xid;
    const frame = writer.reserveInt();
    writer.int(xid);
    writer.int(operation.type);
    operation.write(writer);
    writer.endFrame(frame);
    return [xid, operation];
  }

  async #collect(expected: readonly [number, Operation][], step: Step): Promise<void> {
    const pending = new Map<number, Operation[]>();
    for (const [xid, operation] of expected) pending.set(xid, [...(pending.get(xid) ?? []), operation]);
    while (pending.size > 0) {
      const arrival = await this.#connection.next();
      this.#tell(arrival, pending, step);
      if (arrival.type === 'closed') return;
    }
  }

  async #collectToEnd(step: Step): Promise<void> {
    for (;;) {
      const arrival = await this.#connection.next();
      this.#tell(arrival, new Map(), step);
      if (arrival.type === 'closed') return;
    }
  }

  #tell(arrival: Arrival, pending: Map<number, Operation[]>, step: Step): void {
    if (arrival.type === 'closed') {
      this.#run.transcript.observe(step, 'closed');
      return;
    }
    if (arrival.payload.length < 16) {
      this.#run.transcript.observe(step, `frame of ${arrival.payload.length} bytes: ${hex(arrival.payload)}`);
      return;
    }
    const reader = new JuteReader(arrival.payload);
    const xid = reader.int();
    const zxid = reader.long();
    const err = reader.int();
    if (xid === SpecialXid.notification) {
      // Before the zxid is known to anyone else: an event may come before the reply that caused it.
      const text = this.#describe(reader, describeEvent);
      this.#run.transcript.observe(step, `event ${text} zxid=${this.#run.transcript.zxid(zxid)}`);
      return;
    }
    const operation = takeFirst(pending, xid);
    const header = `${errorName(err)} ${this.#run.transcript.headerZxid(zxid, step)}`;
    const body =
      operation === undefined || err !== 0 ? restOf(reader) : this.#describe(reader, operation.describe);
    const who = operation === undefined ? `unexpected xid ${xid}: ` : '';
    this.#run.transcript.observe(step, `${who}${header}${body === '' ? '' : ` ${body}`}`);
  }

  #describe(reader: JuteReader, describe: Operation['describe']): string {
    try {
      const text = describe(reader, this.#run.transcript);
      return `${text}${restOf(reader)}`;
    } catch (error) {
      if (error instanceof WireError) return `cannot be read (${error.message})`;
      throw error;
    }
  }

  #tellHandshake(arrival: Arrival, step: Step): void {
    if (arrival.type === 'closed') {
      this.#run.transcript.observe(step, 'closed');
      return;
    }
    const reader = new JuteReader(arrival.payload);
    const version = reader.int();
    const timeoutMs = reader.int();
    const id = reader.bigLong();
    const password = reader.buffer();
    const readOnly = reader.remaining > 0 ? ` readOnly=${reader.byte()}` : '';
    if (id !== 0n) {
      if (this.#run.transcript.session(id).startsWith('0x')) this.#run.transcript.nameSession(id, this.name);
      this.session = { id, password: password ?? new Uint8Array(0) };
    }
    const told = [
      `version=${version} timeout=${timeoutMs} session=${this.#run.transcript.session(id)}`,
      `password=${describePassword(id, password)}${readOnly} in ${arrival.payload.length} bytes`,
    ];
    if (timeoutMs > 0) told.push(`server=${Number(BigInt.asUintN(64, id) >> 56n)}`);
    this.#run.transcript.observe(step, told.join(' '));
  }
}

function takeFirst(pending: Map<number, Operation[]>, xid: number): Operation | undefined {
  const waiting = pending.get(xid);
  const first = waiting?.shift();
  if (waiting?.length === 0) pending.delete(xid);
  return first;
}

function writeHandshake(writer: JuteWriter, options: HandshakeOptions): void {
  const session = options.session ?? NO_SESSION;
  const frame = writer.reserveInt();
  writer.int(options.protocolVersion ?? 0);
  writer.long(options.lastZxidSeen ?? 0);
  writer.int(options.timeoutMs ?? 30_000);
  writer.bigLong(session.id);
  writer.buffer(options.password === undefined ? session.password : options.password);
  if (options.readOnly !== null) writer.bool(options.readOnly ?? false);
  if (options.trailing !== undefined) writer.raw(options.trailing);
  writer.endFrame(frame);
}

function describeOptions(options: HandshakeOptions, transcript: Transcript): string {
  const told: string[] = [];
  if (options.session !== undefined) told.push(`session=${transcript.session(options.session.id)}`);
  if (options.password !== undefined)
    told.push(`password=${options.password === null ? 'null' : hex(options.password)}`);
  if (options.timeoutMs !== undefined) told.push(`timeout=${options.timeoutMs}`);
  if (options.readOnly !== undefined) told.push(`readOnly=${options.readOnly ?? 'absent'}`);
  if (options.protocolVersion !== undefined) told.push(`version=${options.protocolVersion}`);
  if (options.lastZxidSeen !== undefined) {
    told.push(`seen=${options.lastZxidSeen > transcript.lastZxid ? 'ahead' : 'known'}`);
  }
  if (options.trailing !== undefined) told.push(`trailing=${hex(options.trailing)}`);
  if (options.inBytes === true) told.push('byte-by-byte');
  if (options.pipelined !== undefined) {
    told.push(`followed by ${options.pipelined.map((operation) => operation.what).join(' | ')}`);
  }
  return told.length === 0 ? '' : ` ${told.join(' ')}`;
}

function describePassword(id: bigint, password: Uint8Array | null): string {
  if (password === null) return 'null';
  if (hex(password) === hex(passwordOf(id))) return 'of-session';
  if (password.every((byte) => byte === 0)) return `${password.length}*00`;
  return `other(${password.length} bytes)`;
}

function restOf(reader: JuteReader): string {
  return reader.remaining === 0 ? '' : ` then ${reader.remaining} bytes ${hex(reader.rest().slice(0, 32))}`;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
