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
  /** Writes the body to a file, however long it is and takes. Rejects with BodyError, or the system's error for the file. */
  readonly saveTo: (path: string) => Promise<void>;

  /** `onLong`: the request may take longer than others from now on. */
  constructor(message: IncomingMessage, url: URL, onLong: () => void) {
    this.method = message.method ?? '';
    this.url = url;
    this.headers = message.headers;
    this.remoteAddress = plainAddress(message.socket.remoteAddress ?? '');
    this.remotePort = message.socket.remotePort ?? 0;
    this.body = (bytesMax) => bodyOf(message, bytesMax);
    this.saveTo = (path) => {
      onLong();
      return saved(message, path);
    };
  }
}

const OWNER_ONLY = 0o600;

async function saved(message: IncomingMessage, path: string): Promise<void> {
  try {
    await pipeline(message, createWriteStream(path, { mode: OWNER_ONLY }));
  } catch (error) {
    throw message.errored === null ? error : new BodyError(false);
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
    if (Number(message.headers['content-length'] ?? 0) > bytesMax) {
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
