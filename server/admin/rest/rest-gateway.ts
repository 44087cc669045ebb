import type { Accept } from '../../base/ports.ts';
import type { HttpAnswer } from '../http/http-endpoint.ts';
import type { HttpRequest } from '../http/http-request.ts';
import { integerIn, wordIn } from './query.ts';
import { emptyAnswer, jsonAnswer, uriOf } from './rest-answer.ts';
import { RestError, restErrorOf } from './rest-error.ts';
import type { RestIdentity, RestSession } from './rest-session.ts';
import { RestSessions } from './rest-sessions.ts';
import { ZNODE_METHODS, ZNODES } from './znodes.ts';

export interface RestGatewayOptions {
  /** Where the server takes connections of clients. */
  readonly accept: Accept;
  /** Whether it takes them at present. */
  readonly isServing: () => boolean;
  /** Of the longest request that it takes. */
  readonly frameBytesMax: number;
  readonly nowMs: () => number;
}

const SESSIONS = '/sessions/v1';
/** As of Apache's gateway, unless told; the most is a day. */
const EXPIRE_S = { unset: 5, min: 1, max: 86_400 };

/**
 * Znodes over HTTP, as Apache's contrib gateway has them (`zookeeper-contrib-rest/SPEC.txt`, version 2) and where that leaves
 * it open as the gateway does it. It is a client like any other, with sessions of its own: who sends credentials
 * (`Authorization: Basic`) has the identity of the scheme `digest` that they stand for, and everybody the address that the
 * request came from.
 */
export class RestGateway {
  readonly #options: RestGatewayOptions;
  readonly #sessions: RestSessions;

  constructor(options: RestGatewayOptions) {
    this.#options = options;
    this.#sessions = new RestSessions(options);
  }

  /** Null: there is nothing of this gateway's at this path. */
  answer(request: HttpRequest): Promise<HttpAnswer> | null {
    const { pathname } = request.url;
    const isZnode = isBelow(pathname, ZNODES);
    if (!isZnode && !isBelow(pathname, SESSIONS)) return null;
    return (isZnode ? this.#znode(request) : this.#session(request)).catch((error: unknown) =>
      errorAnswer(request, restErrorOf(error)),
    );
  }

  /** Answers nobody any more. */
  close(): void {
    this.#sessions.close();
  }

  async #znode(request: HttpRequest): Promise<HttpAnswer> {
    const run = Object.hasOwn(ZNODE_METHODS, request.method) ? ZNODE_METHODS[request.method] : undefined;
    if (run === undefined) throw new RestError(501, `${request.method} is nothing that znodes know`);
    const name = request.url.searchParams.get('session') ?? '';
    const session = this.#sessionFor(request, name);
    return run({
      request,
      path: decoded(request.url.pathname.slice(ZNODES.length)) || '/',
      session,
      isOwnSession: name !== '',
      nowMs: this.#options.nowMs(),
      bodyBytesMax: this.#options.frameBytesMax,
    });
  }

  #sessionFor(request: HttpRequest, name: string): RestSession {
    const identity = this.#identityOf(request);
    if (name === '') return this.#sessions.sharedBy(identity);
    const session = this.#sessions.named(name, identity);
    if (session === null) throw new RestError(401, 'you have no such session');
    return session;
  }

  async #session(request: HttpRequest): Promise<HttpAnswer> {
    const { method, url } = request;
    const name = url.pathname.slice(SESSIONS.length + 1);
    const identity = this.#identityOf(request);
    if (method === 'POST' && name === '') {
      wordIn(url.searchParams, 'op', ['create']);
      const id = await this.#sessions.create(
        identity,
        integerIn(url.searchParams, 'expire', EXPIRE_S) * 1000,
      );
      const uri = uriOf(request, SESSIONS, '/', id);
      return jsonAnswer(201, { id, uri }, { Location: uri });
    }
    if (method !== 'PUT' && method !== 'DELETE')
      throw new RestError(501, 'a session is made by POST, kept alive by PUT and ended by DELETE');
    if (this.#sessions.named(name, identity) === null) throw new RestError(404, 'you have no such session');
    if (method === 'PUT') {
      this.#sessions.touch(name);
      return emptyAnswer(200);
    }
    await this.#sessions.end(name);
    return emptyAnswer(204);
  }

  #identityOf({ headers: { authorization }, remoteAddress, remotePort }: HttpRequest): RestIdentity {
    if (!this.#options.isServing()) throw new RestError(503, 'the server does not serve clients at present');
    return {
      peer: { remoteAddress, remotePort },
      digest: authorization === undefined ? null : digestIn(authorization),
    };
  }
}

function digestIn(authorization: string): Uint8Array {
  const base64 = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1];
  const digest = Buffer.from(base64 ?? '', 'base64');
  if (!digest.includes(':')) throw new RestError(401, 'Authorization is to be Basic, with user:password');
  return digest;
}

function isBelow(pathname: string, root: string): boolean {
  return pathname === root || pathname.startsWith(`${root}/`);
}

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    throw new RestError(400, 'the path is not percent-encoded UTF-8');
  }
}

function errorAnswer(request: HttpRequest, { status, message }: RestError): HttpAnswer {
  const headers = status === 401 ? { 'WWW-Authenticate': 'Basic realm="znodes", charset="UTF-8"' } : {};
  const asked = `${request.method} ${request.url.pathname}`;
  if (request.headers.accept === 'application/octet-stream')
    return { status, headers, contentType: 'text/plain; charset=utf-8', body: [`${asked}: ${message}\n`] };
  return jsonAnswer(status, { request: asked, message }, headers);
}
