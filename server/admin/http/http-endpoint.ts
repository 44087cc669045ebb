import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIP, type AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { pipeline, Readable } from 'node:stream';
import { TokenBucket, type TokenBucketOptions } from '../../base/token-bucket.ts';
import { hasBody, HttpRequest } from './http-request.ts';

export interface HttpAnswer {
  readonly status: number;
  /** Null: there is no content. */
  readonly contentType: string | null;
  /** Beside, or in place of, those that every answer has. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Made as the client takes it, a piece a turn; or read as it takes it. */
  readonly body: Iterable<string | Uint8Array> | Readable;
}

export interface HttpEndpointOptions {
  readonly host: string;
  /** 0: the system picks one. */
  readonly port: number;
  /** For the next request, and for anything to move of one that is long or of an answer. */
  readonly idleTimeoutMs: number;
  /** How fast requests may come. */
  readonly throttle: TokenBucketOptions;
  readonly nowMs: () => number;
  /** Null: there is nothing at this path. */
  readonly answer: (url: URL) => HttpAnswer | null;
  /** Asked before that, and of every method; null: it is not its business. What it rejects with is a bug. */
  readonly resource?: (request: HttpRequest) => Promise<HttpAnswer> | null;
  /** What the process does not end by. */
  readonly onError: (error: Error) => void;
}

const CONNECTIONS_MAX = 100;
const OWN_ORIGIN = 'http://localhost';
const HEADER_BYTES_MAX = 8192;
const REQUEST_TIMEOUT_MS = 10_000;
/** A page of this server's asks for nothing from anywhere, unless it says so itself. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'",
  'X-Content-Type-Options': 'nosniff',
} as const;

/**
 * A port for operators that speaks HTTP: GET and HEAD alone but for resources that know more, nothing that is sent is believed
 * of where it comes from (no `X-Forwarded-For`), so many connections and requests a second and no more (reliability §3.2). Who is bound to loopback answers to no
 * other name than this machine's, and to no page of another site: a browser on it could be made to ask by either.
 */
export class HttpEndpoint {
  readonly #options: HttpEndpointOptions;
  readonly #server: Server;
  readonly #bucket: TokenBucket;

  constructor(options: HttpEndpointOptions) {
    this.#options = options;
    this.#bucket = new TokenBucket(options.throttle, options.nowMs());
    this.#server = createServer(
      {
        maxHeaderSize: HEADER_BYTES_MAX,
        // Of each request's own, below: some may take longer.
        requestTimeout: 0,
        headersTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: options.idleTimeoutMs,
        connectionsCheckingInterval: 1000,
      },
      (request, response) => this.#onRequest(request, response),
    );
    this.#server.maxConnections = CONNECTIONS_MAX;
    this.#server.on('error', options.onError);
  }

  /** That is bound. */
  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? this.#options.port;
  }

  /** Rejects with the system's error for a port that can't be had. */
  listen(): Promise<void> {
    const { host, port, onError } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.off('error', onError).once('error', reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', reject).on('error', onError);
        resolve();
      });
    });
  }

  /** Answers nobody any more. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    let late: NodeJS.Timeout | undefined;
    const isHere = (): void => clearTimeout(late);
    const cutOffAfter = (ms: number): void => {
      isHere();
      // Of one that is answered before it is here, nobody tells that its connection has ended meanwhile.
      late = setTimeout(() => request.destroy(), ms).unref();
    };
    if (hasBody(request)) cutOffAfter(REQUEST_TIMEOUT_MS);
    request.once('end', isHere).once('close', isHere);
    const isHead = request.method === 'HEAD';
    const refusal = this.#refusalOf(request);
    const url =
      refusal === null && URL.canParse(request.url ?? '', OWN_ORIGIN)
        ? new URL(request.url ?? '', OWN_ORIGIN)
        : null;
    const onLong = (): void => {
      isHere();
      // As long as it takes, but not for ever: whoever sends may be gone, and nothing says so.
      request.setTimeout(this.#options.idleTimeoutMs);
      request.once('end', () => request.setTimeout(0));
    };
    const answering =
      url === null ? null : (this.#options.resource?.(new HttpRequest(request, url, onLong)) ?? null);
    if (answering !== null) {
      void answering
        .catch((error: unknown) => this.#broken(error))
        .then((answer) => {
          // What was not read of it is read by nobody, and who goes on sending it is not listened to for ever.
          if (!request.complete) cutOffAfter(this.#options.idleTimeoutMs);
          request.resume();
          this.#send(response, answer, isHead);
        });
      return;
    }
    request.resume();
    if (refusal !== null) {
      this.#send(response, refusalAnswer(...refusal), isHead);
      return;
    }
    if (request.method !== 'GET' && !isHead) {
      this.#send(response, refusalAnswer(405, 'only GET is answered'), isHead);
      return;
    }
    const answer = url === null ? null : this.#options.answer(url);
    this.#send(response, answer ?? refusalAnswer(404, 'there is nothing here'), isHead);
  }

  #send(response: ServerResponse, answer: HttpAnswer, isHead: boolean): void {
    // Who asks and does not read would keep a connection, and what the answer is made from.
    response.setTimeout(this.#options.idleTimeoutMs);
    send(response, answer, isHead);
  }

  #broken(error: unknown): HttpAnswer {
    this.#options.onError(error as Error);
    return { status: 500, contentType: 'text/plain; charset=utf-8', body: ['this server has failed here\n'] };
  }

  #refusalOf({ headers }: IncomingMessage): readonly [status: number, why: string] | null {
    const isForeign = headers.origin !== undefined && !isOf(headers.origin, headers.host);
    if (isForeign || headers['sec-fetch-site'] === 'cross-site')
      return [403, 'a page of another site is not answered'];
    if (isLoopback(this.#options.host) && !isOwnName(headers.host ?? ''))
      return [403, 'this server goes by its address, or localhost'];
    if (!this.#bucket.take(this.#options.nowMs())) return [429, 'too many requests; ask again in a second'];
    return null;
  }
}

function send(
  response: ServerResponse,
  { status, contentType, headers, body }: HttpAnswer,
  isHead: boolean,
): void {
  const type = contentType === null ? {} : { 'Content-Type': contentType };
  response.writeHead(status, { ...HEADERS, ...type, ...headers });
  if (body instanceof Readable) {
    // Who goes away, or a file that cannot be read on, ends both; there is nobody to be told.
    pipeline(body, response, () => undefined);
    return;
  }
  if (isHead) {
    response.end();
    return;
  }
  const pieces = body[Symbol.iterator]();
  const writeNext = (): void => {
    if (response.destroyed) return;
    const piece = pieces.next();
    if (piece.done === true) response.end();
    else if (response.write(piece.value)) setImmediate(writeNext);
    else response.once('drain', writeNext);
  };
  writeNext();
}

function refusalAnswer(status: number, why: string): HttpAnswer {
  const headers: HttpAnswer['headers'] = status === 405 ? { Allow: 'GET, HEAD' } : {};
  return { status, headers, contentType: 'text/plain; charset=utf-8', body: [`${why}\n`] };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** Older browsers say no more of where a request comes from. */
function isOf(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}

function isOwnName(header: string): boolean {
  const name = header.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(name) !== 0 || name === 'localhost' || name === hostname();
}
