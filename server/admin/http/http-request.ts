import { createWriteStream } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { plainAddress } from '../../net/node-stream.ts';

/** A request's body that cannot be had: it is longer than whoever reads it takes, or breaks off. */
export class BodyError extends Error {
  readonly isTooLong: boolean;

  constructor(isTooLong: boolean) {
    super(isTooLong ? 'the body is too long' : 'the body breaks off');
    this.isTooLong = isTooLong;
  }
}

/** What was asked for, without anything that a proxy may have written into it. */
export class HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  /** Of the connection. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Rejects with BodyError, as soon as it shows. */
  readonly body: (bytesMax: number) => Promise<Uint8Array>;
  /** Whether there is one, as far as its headers say. */
  readonly hasBody: boolean;
  /**
   * Writes the body to a file, however long that takes. Rejects with BodyError, or the system's error for the file; what is
   * there of it by then is the caller's to remove.
   */
  readonly saveTo: (path: string, bytesMax: number) => Promise<void>;

  /** `onLong`: the request may take longer than others from now on. */
  constructor(message: IncomingMessage, url: URL, onLong: () => void) {
    this.method = message.method ?? '';
    this.url = url;
    this.headers = message.headers;
    this.remoteAddress = plainAddress(message.socket.remoteAddress ?? '');
    this.remotePort = message.socket.remotePort ?? 0;
    this.body = (bytesMax) => bodyOf(message, bytesMax);
    this.hasBody = hasBody(message);
    this.saveTo = (path, bytesMax) => {
      onLong();
      return saved(message, path, bytesMax);
    };
  }
}

const OWNER_ONLY = 0o600;

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || announcedLength(headers) > 0;
}

function announcedLength(headers: IncomingHttpHeaders): number {
  return Number(headers['content-length'] ?? 0);
}

async function saved(message: IncomingMessage, path: string, bytesMax: number): Promise<void> {
  if (announcedLength(message.headers) > bytesMax) throw new BodyError(true);
  const file = createWriteStream(path, { mode: OWNER_ONLY });
  const isClosed = new Promise<void>((resolve) => file.once('close', () => resolve()));
  try {
    await pipeline(upTo(bytesMax, message), file);
  } catch (error) {
    // One that is only now being opened would be there again after it was removed.
    await isClosed;
    throw message.errored === null ? error : new BodyError(false);
  }
}

/** Leaves the rest unread: to destroy the message would cut the connection, and with it the answer. */
async function* upTo(bytesMax: number, message: IncomingMessage): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const chunk of message.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > bytesMax) throw new BodyError(true);
    yield chunk;
  }
}

/** By its events: an iterator that is left early would cut the connection, and with it the answer. */
function bodyOf(message: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const refuse = (isTooLong: boolean): void => {
      message.removeAllListeners('data');
      reject(new BodyError(isTooLong));
    };
    if (announcedLength(message.headers) > bytesMax) {
      refuse(true);
      return;
    }
    message.on('data', (chunk: Uint8Array) => {
      length += chunk.length;
      if (length > bytesMax) refuse(true);
      else chunks.push(chunk);
    });
    message.on('end', () => resolve(Buffer.concat(chunks)));
    message.on('error', () => refuse(false));
  });
}
