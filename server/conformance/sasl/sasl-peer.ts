import { clientAnswer, type Credentials } from '../../auth/testing/digest-md5-client.ts';
import { JuteReader } from '../../wire/jute-reader.ts';
import { JuteWriter } from '../../wire/jute-writer.ts';
import { OpCode } from '../../wire/opcode.ts';
import { writeConnectRequest } from '../../wire/records/connect.ts';
import type { SessionId } from '../../base/session-id.ts';
import type { Zxid } from '../../base/zxid.ts';
import { RawConnection } from '../sequence/connection.ts';
import type { Operation } from '../sequence/operations.ts';
import { Transcript } from '../sequence/transcript.ts';

/** One connection that authenticates by hand. What it is answered is told as text: `err zxid body`. */
export class SaslPeer {
  readonly #connection: RawConnection;
  readonly #transcript = new Transcript();
  #xid = 0;
  #challenge: Uint8Array = new Uint8Array(0);

  private constructor(connection: RawConnection) {
    this.#connection = connection;
  }

  /** Has a session of its own. */
  static async connect(address: string): Promise<SaslPeer> {
    const connection = await RawConnection.open(address);
    connection.send(
      frameOf((writer) =>
        writeConnectRequest(writer, {
          protocolVersion: 0,
          lastZxidSeen: 0 as Zxid,
          timeOut: 30_000,
          sessionId: 0n as SessionId,
          passwd: new Uint8Array(16),
          readOnly: false,
        }),
      ),
    );
    if ((await connection.next()).type === 'closed') throw new Error('no session');
    return new SaslPeer(connection);
  }

  /** Its identity is proved, or what came instead is thrown. */
  static async authenticated(address: string, credentials: Credentials): Promise<SaslPeer> {
    const peer = await SaslPeer.connect(address);
    await peer.token('');
    const answer = await peer.authenticate(credentials);
    if (!answer.includes('rspauth=')) throw new Error(answer);
    return peer;
  }

  async call(operation: Operation): Promise<string> {
    this.#send(operation.type, (writer) => operation.write(writer), operation.xid);
    return this.#told((reader) => operation.describe(reader, this.#transcript));
  }

  /** A token as it is; a character is a byte. */
  async token(token: string | null): Promise<string> {
    this.#send(OpCode.sasl, (writer) => writer.buffer(token === null ? null : Buffer.from(token, 'latin1')));
    return this.#told((reader) => this.#describeToken(reader));
  }

  /** Answers the last challenge. */
  async authenticate(credentials: Credentials): Promise<string> {
    return this.token(this.answerFor(credentials));
  }

  answerFor(credentials: Credentials): string {
    return clientAnswer(this.#challenge, credentials);
  }

  /** Whether anything more comes: `closed`, or what it was. */
  async end(): Promise<string> {
    return this.#told(() => '');
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  #send(type: number, write: (writer: JuteWriter) => void, xid = ++this.#xid): void {
    this.#connection.send(
      frameOf((writer) => {
        writer.int(xid);
        writer.int(type);
        write(writer);
      }),
    );
  }

  /** Of a zxid only whether it is 0 as it must be in answers of this kind. */
  async #told(describe: (reader: JuteReader) => string): Promise<string> {
    const arrival = await this.#connection.next();
    if (arrival.type === 'closed') return 'closed';
    const reader = new JuteReader(arrival.payload);
    reader.int();
    const zxid = reader.long() === 0 ? '0' : 'z';
    const err = reader.int();
    if (err !== 0) return `${err} ${zxid} ${Buffer.from(reader.rest()).toString('hex')}`.trimEnd();
    return `0 ${zxid} ${describe(reader)}`.trimEnd();
  }

  #describeToken(reader: JuteReader): string {
    const token = reader.buffer();
    if (token === null) return 'null';
    this.#challenge = new Uint8Array(token);
    const text = Buffer.from(token).toString('latin1');
    return text.replace(/nonce="[^"]+"/, 'nonce="…"').replace(/^rspauth=[0-9a-f]{32}$/, 'rspauth=…');
  }
}

function frameOf(write: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter();
  const frame = writer.reserveInt();
  write(writer);
  writer.endFrame(frame);
  return writer.bytes().slice();
}
