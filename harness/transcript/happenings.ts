import { FrameDecoder } from '../../server/wire/frame-decoder.ts';
import { JuteReader } from '../../server/wire/jute-reader.ts';
import { SpecialXid } from '../../server/wire/opcode.ts';
import { readConnectRequest, readConnectResponse } from '../../server/wire/records/connect.ts';
import { readWatcherEvent } from '../../server/wire/records/watcher-event.ts';
import { REPLY_HEADER_BYTES } from '../client/connection.ts';
import type { Exchange, Happening } from './happening.ts';
import { readRequest } from './read-request.ts';
import type { TranscriptRecord } from './transcript-record.ts';

const FRAME_BYTES_MAX = 256 * 1024 * 1024;

/** Not among the requests that are answered in order. */
const OUT_OF_BAND: ReadonlySet<number> = new Set([SpecialXid.ping, SpecialXid.auth, SpecialXid.setWatches]);

/**
 * What befell the clients, read out of what went over their connections: in the order of time, and for each client in
 * the order in which it was told.
 *
 * @throws WireError for bytes that are no ZooKeeper's; they are in the transcript as they were on the wire.
 */
export function happeningsIn(records: readonly TranscriptRecord[]): readonly Happening[] {
  const happenings: Happening[] = [];
  const connections = new Map<number, RecordedConnection>();
  for (const record of records) {
    if (record.type === 'note') {
      happenings.push(record);
      continue;
    }
    if (record.type === 'opened') {
      connections.set(record.connection, new RecordedConnection(record, happenings));
      continue;
    }
    const connection = connections.get(record.connection);
    if (record.type === 'sent') connection?.sent(record.bytes, record.atNs);
    else if (record.type === 'received') connection?.received(record.bytes, record.atNs);
    else connection?.ended(record.atNs);
  }
  return happenings;
}

/** One connection, from its first frame on. */
class RecordedConnection {
  readonly #client: number;
  readonly #server: string;
  readonly #happenings: Happening[];
  readonly #requests = new FrameDecoder(FRAME_BYTES_MAX);
  readonly #replies = new FrameDecoder(FRAME_BYTES_MAX);
  readonly #reader = new JuteReader();
  readonly #unanswered: Exchange[] = [];
  #hasAsked = false;
  #hasSession = false;
  /** The one it asks for, and then the one it has; 0 for a new one. */
  #session = 0n;

  constructor(
    { client, server }: { readonly client: number; readonly server: string },
    happenings: Happening[],
  ) {
    this.#client = client;
    this.#server = server;
    this.#happenings = happenings;
  }

  sent(bytes: Uint8Array, atNs: number): void {
    this.#requests.push(bytes);
    while (this.#requests.next()) {
      const { bytes: memory, view, start, end } = this.#requests;
      this.#reader.reset(memory, view, start, end);
      if (this.#hasAsked) this.#request(atNs);
      else this.#session = readConnectRequest(this.#reader).sessionId;
      this.#hasAsked = true;
    }
  }

  received(bytes: Uint8Array, atNs: number): void {
    this.#replies.push(bytes);
    while (this.#replies.next()) {
      if (this.#hasSession) this.#answer(atNs);
      else this.#handshake(atNs);
    }
  }

  ended(atNs: number): void {
    if (!this.#hasSession) return;
    this.#happenings.push({ type: 'lost', atNs, client: this.#client, session: this.#session });
  }

  #request(sentNs: number): void {
    const xid = this.#reader.int();
    const opCode = this.#reader.int();
    if (OUT_OF_BAND.has(xid)) return;
    const op = readRequest(opCode, this.#reader);
    const exchange: Exchange = {
      client: this.#client,
      session: this.#session,
      server: this.#server,
      xid,
      op,
      opCode,
      sentNs,
      reply: null,
    };
    this.#unanswered.push(exchange);
    this.#happenings.push({ type: 'request', atNs: sentNs, exchange });
  }

  #handshake(atNs: number): void {
    const { bytes, view, start, end } = this.#replies;
    this.#reader.reset(bytes, view, start, end);
    const { timeOut: timeoutMs, sessionId } = readConnectResponse(this.#reader);
    const who = { atNs, client: this.#client };
    if (timeoutMs <= 0) {
      if (this.#session !== 0n) this.#happenings.push({ type: 'expired', ...who, session: this.#session });
      return;
    }
    const asked = this.#session;
    this.#session = sessionId;
    this.#hasSession = true;
    this.#happenings.push({
      type: 'attached',
      ...who,
      session: sessionId,
      server: this.#server,
      timeoutMs,
      asked,
    });
  }

  #answer(atNs: number): void {
    const { bytes, view, start, end } = this.#replies;
    const xid = view.getInt32(start);
    const zxid = view.getInt32(start + 4) * 2 ** 32 + view.getUint32(start + 8);
    const err = view.getInt32(start + 12);
    if (xid === SpecialXid.notification) {
      this.#reader.reset(bytes, view, start + REPLY_HEADER_BYTES, end);
      const { type: eventType, path } = readWatcherEvent(this.#reader);
      const { client, session } = { client: this.#client, session: this.#session };
      this.#happenings.push({ type: 'event', atNs, client, session, zxid, eventType, path });
      return;
    }
    if (OUT_OF_BAND.has(xid)) return;
    const exchange = this.#unanswered.shift();
    if (exchange?.xid !== xid) {
      this.#happenings.push({ type: 'stray', atNs, client: this.#client, session: this.#session, xid });
      return;
    }
    exchange.reply = { receivedNs: atNs, err, zxid, body: bytes.slice(start + REPLY_HEADER_BYTES, end) };
    this.#happenings.push({ type: 'reply', atNs, exchange });
  }
}
