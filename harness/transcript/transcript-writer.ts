import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { RECORD_HEADER_BYTES, RecordKind, TRANSCRIPT_MAGIC } from './transcript-record.ts';

const NOTHING = new Uint8Array(0);

/**
 * Writes a transcript as it happens. What a kill leaves is whole up to its last record; only one that was closed has an
 * end mark.
 */
export class TranscriptWriter {
  readonly #stream: WriteStream;
  readonly #nowNs: () => number;
  readonly #finished: Promise<void>;
  #connections = 0;
  #bytes = 0;

  /** `nowNs`: since the run's start. @throws at `close` if `path` exists or cannot be written. */
  constructor(path: string, nowNs: () => number) {
    this.#nowNs = nowNs;
    this.#stream = createWriteStream(path, { flags: 'wx' });
    this.#finished = finished(this.#stream);
    // It is heard at `close`.
    this.#finished.catch(() => {});
    this.#stream.write(TRANSCRIPT_MAGIC);
  }

  /** Written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @returns the connection's number. */
  opened(client: number, server: string): number {
    const connection = this.#connections++;
    const name = new TextEncoder().encode(server);
    const payload = new Uint8Array(4 + name.length);
    new DataView(payload.buffer).setUint32(0, client);
    payload.set(name, 4);
    this.#write(RecordKind.opened, connection, payload);
    return connection;
  }

  /** Call it before the bytes are on their way. They are copied. */
  sent(connection: number, bytes: Uint8Array): void {
    this.#write(RecordKind.sent, connection, bytes);
  }

  /** Call it when they have been read, before anything is done about them. They are copied. */
  received(connection: number, bytes: Uint8Array): void {
    this.#write(RecordKind.received, connection, bytes);
  }

  ended(connection: number): void {
    this.#write(RecordKind.ended, connection, NOTHING);
  }

  /** `note`: anything that JSON can hold. */
  note(client: number, note: unknown): void {
    this.#write(RecordKind.note, client, new TextEncoder().encode(JSON.stringify(note)));
  }

  /** @throws if anything could not be written: the transcript is then cut. */
  async close(): Promise<void> {
    this.#write(RecordKind.end, 0, NOTHING);
    this.#stream.end();
    await this.#finished;
  }

  #write(kind: number, id: number, payload: Uint8Array): void {
    const record = new Uint8Array(RECORD_HEADER_BYTES + payload.length);
    const view = new DataView(record.buffer);
    view.setUint32(0, payload.length);
    view.setUint8(4, kind);
    view.setUint32(5, id);
    view.setFloat64(9, this.#nowNs());
    record.set(payload, RECORD_HEADER_BYTES);
    this.#bytes += record.length;
    this.#stream.write(record);
  }
}
