import type { StreamHandler } from '../../server/base/ports.ts';
import type { ServerAddress } from '../client/connect-string.ts';
import { type ClientStream, type OpenStream, openTcpStream } from '../client/tcp-stream.ts';
import type { TranscriptWriter } from './transcript-writer.ts';

/** Connections of one client, of which all that goes over them is written down. */
export function recordingTo(
  transcript: TranscriptWriter,
  client: number,
  open: OpenStream = openTcpStream,
): OpenStream {
  return (server, handler) => new RecordingStream(transcript, { client, server, handler, open });
}

class RecordingStream implements ClientStream {
  readonly #transcript: TranscriptWriter;
  readonly #connection: number;
  readonly #stream: ClientStream;

  constructor(
    transcript: TranscriptWriter,
    of: {
      readonly client: number;
      readonly server: ServerAddress;
      readonly handler: StreamHandler;
      readonly open: OpenStream;
    },
  ) {
    const { client, server, handler, open } = of;
    const connection = transcript.opened(client, `${server.host}:${server.port}`);
    this.#transcript = transcript;
    this.#connection = connection;
    this.#stream = open(server, {
      onBytes: (chunk) => {
        transcript.received(connection, chunk);
        handler.onBytes(chunk);
      },
      onDrain: () => handler.onDrain(),
      onClosed: () => {
        transcript.ended(connection);
        handler.onClosed();
      },
    });
  }

  get remoteAddress(): string {
    return this.#stream.remoteAddress;
  }

  get remotePort(): number {
    return this.#stream.remotePort;
  }

  get failure(): Error | undefined {
    return this.#stream.failure;
  }

  get queuedBytes(): number {
    return this.#stream.queuedBytes;
  }

  write(bytes: Uint8Array): boolean {
    this.#transcript.sent(this.#connection, bytes);
    return this.#stream.write(bytes);
  }

  end(): void {
    this.#stream.end();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }
}
