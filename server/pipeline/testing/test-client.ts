import { NO_SESSION, type SessionId } from '../../base/session-id.ts';
import { ZXID_ZERO, type Zxid } from '../../base/zxid.ts';
import { JuteReader } from '../../wire/jute-reader.ts';
import { JuteWriter } from '../../wire/jute-writer.ts';
import { OpCode, SpecialXid } from '../../wire/opcode.ts';
import { writeConnectRequest, type ConnectRequest } from '../../wire/records/connect.ts';
import { readConnectResponse, type ConnectResponse } from '../../wire/records/connect.ts';
import { readReplyHeader } from '../../wire/records/headers.ts';
import { readWatcherEvent } from '../../wire/records/watcher-event.ts';
import type { ClientConnection } from '../client-connection.ts';
import { FakeSocket } from '../../base/testing/fake-socket.ts';

export interface Reply {
  readonly xid: number;
  readonly zxid: Zxid;
  readonly err: number;
  /** Behind the header. */
  readonly body: JuteReader;
}

/** The client's end of a connection: frames out, frames in, no state of its own but the xid. */
export class TestClient {
  readonly socket: FakeSocket;
  session: SessionId = NO_SESSION;
  password: Uint8Array | null = null;
  #connection: ClientConnection | null = null;
  #xid = 0;
  #unread: Uint8Array = new Uint8Array(0);

  constructor(remoteAddress = '127.0.0.1') {
    this.socket = new FakeSocket(remoteAddress);
  }

  attach(connection: ClientConnection): void {
    this.#connection = connection;
  }

  get connection(): ClientConnection {
    if (this.#connection === null) throw new Error('not attached');
    return this.#connection;
  }

  sendBytes(bytes: Uint8Array): void {
    this.connection.onBytes(bytes);
  }

  sendConnect(request: Partial<ConnectRequest> = {}): void {
    this.sendBytes(connectFrame(request));
  }

  /** Sends one request and returns its xid. */
  send(type: number, writeBody?: (writer: JuteWriter) => void, xid = ++this.#xid): number {
    this.sendBytes(requestFrame(xid, type, writeBody));
    return xid;
  }

  /** The network takes what is queued and says so. */
  drain(): Uint8Array {
    const bytes = this.socket.take();
    this.connection.onDrain();
    return bytes;
  }

  /** The frames that have come and were not looked at yet. */
  frames(): Uint8Array[] {
    const more = this.socket.take();
    const bytes = new Uint8Array(this.#unread.length + more.length);
    bytes.set(this.#unread);
    bytes.set(more, this.#unread.length);
    const view = new DataView(bytes.buffer);
    const frames: Uint8Array[] = [];
    let at = 0;
    while (at + 4 <= bytes.length) {
      const end = at + 4 + view.getInt32(at);
      if (end > bytes.length) break;
      frames.push(bytes.subarray(at + 4, end));
      at = end;
    }
    this.#unread = bytes.slice(at);
    return frames;
  }

  connectResponse(): ConnectResponse {
    const [frame] = this.frames();
    if (frame === undefined) throw new Error('no answer to the handshake');
    const response = readConnectResponse(new JuteReader(frame));
    this.session = response.sessionId;
    this.password = response.passwd === null ? null : response.passwd.slice();
    return response;
  }

  replies(): Reply[] {
    return this.frames().map((frame) => {
      const body = new JuteReader(frame);
      return { ...readReplyHeader(body), body };
    });
  }

  /** What has come, in short: the xid of a reply, `type path zxid` of an event. */
  received(): string[] {
    return this.replies().map(({ xid, zxid, body }) => {
      if (xid !== SpecialXid.notification) return String(xid);
      const { type, path } = readWatcherEvent(body);
      return `${type} ${path} ${zxid}`;
    });
  }

  ping(): void {
    this.send(OpCode.ping, undefined, SpecialXid.ping);
  }
}

export function connectFrame(request: Partial<ConnectRequest>): Uint8Array {
  return frameOf((writer) =>
    writeConnectRequest(writer, {
      protocolVersion: 0,
      lastZxidSeen: ZXID_ZERO,
      timeOut: 10_000,
      sessionId: NO_SESSION,
      passwd: new Uint8Array(16),
      readOnly: false,
      ...request,
    }),
  );
}

export function requestFrame(
  xid: number,
  type: number,
  writeBody?: (writer: JuteWriter) => void,
): Uint8Array {
  return frameOf((writer) => {
    writer.int(xid);
    writer.int(type);
    writeBody?.(writer);
  });
}

function frameOf(write: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter();
  const at = writer.reserveInt();
  write(writer);
  writer.endFrame(at);
  return writer.bytes().slice();
}
