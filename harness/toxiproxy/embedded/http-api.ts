import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ApiError } from './api-error.ts';
import { encode } from './go-json.ts';
import type { Registry } from './registry.ts';
import { changeToxic, readProxies, readProxy, readProxyChange, readToxic } from './requests.ts';

/** The Toxiproxy whose API this is. */
export const TOXIPROXY_VERSION = '2.12.0';

const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain; charset=utf-8';

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Call {
  readonly registry: Registry;
  readonly body: string;
  /** The parts of the path that stand for names. */
  readonly names: readonly string[];
}

type Handler = (call: Call) => Promise<Answer>;
type Route = readonly [method: string, path: RegExp, handler: Handler];

const PROXIES = /^\/proxies$/;
const PROXY = /^\/proxies\/([^/]+)$/;
const TOXICS = /^\/proxies\/([^/]+)\/toxics$/;
const TOXIC = /^\/proxies\/([^/]+)\/toxics\/([^/]+)$/;

const ROUTES: readonly Route[] = [
  ['GET', PROXIES, async ({ registry }) => ok(Object.fromEntries(registry.proxies.map((p) => [p.name, p])))],
  ['POST', PROXIES, async ({ registry, body }) => json(201, await registry.create(readProxy(body)))],
  ['POST', /^\/populate$/, populate],
  ['GET', PROXY, async ({ registry, names: [name = ''] }) => ok(registry.get(name))],
  ['POST', PROXY, updateProxy],
  ['PATCH', PROXY, updateProxy],
  ['DELETE', PROXY, removeProxy],
  ['GET', TOXICS, async ({ registry, names: [name = ''] }) => ok(registry.get(name).toxics)],
  ['POST', TOXICS, addToxic],
  ['GET', TOXIC, async ({ registry, names: [name = '', toxic = ''] }) => ok(registry.get(name).toxic(toxic))],
  ['POST', TOXIC, updateToxic],
  ['PATCH', TOXIC, updateToxic],
  ['DELETE', TOXIC, removeToxic],
  ['POST', /^\/reset$/, reset],
  ['GET', /^\/version$/, async () => version()],
];

/** Toxiproxy's HTTP API over a registry, with its status codes, its texts and its content types. */
export function createHttpApi(registry: Registry): Server {
  return createServer((request, response) => {
    answer(registry, request).then(
      (answer) => send(response, answer),
      (error: unknown) => {
        // What is not foreseen is our own bug; whoever asked shall know, and nobody else shall suffer.
        send(
          response,
          failure(new ApiError(error instanceof Error ? (error.stack ?? error.message) : String(error), 500)),
        );
      },
    );
  });
}

async function answer(registry: Registry, request: IncomingMessage): Promise<Answer> {
  const { method = '', url = '/' } = request;
  const path = pathOf(url);
  const clean = path.replace(/\/{2,}/g, '/');
  if (clean !== path) return { status: 301, headers: { location: clean } };

  const routes = ROUTES.filter(([, pattern]) => pattern.test(path));
  if (routes.length === 0) return plain(404, '404 page not found');
  const route = routes.find(([wanted]) => wanted === method);
  if (route === undefined) return { status: 405 };

  // Everything that has a handler has an id, too.
  const headers = { 'x-toxiproxy-request-id': requestId() };
  if (request.headers['user-agent']?.startsWith('Mozilla/') === true) {
    return { ...plain(403, 'User agent not allowed'), headers: { ...plain(403, '').headers, ...headers } };
  }
  const body = await bodyOf(request);
  const names = (route[1].exec(path) as RegExpExecArray).slice(1);
  const given = await registry
    .exclusively(() => route[2]({ registry, body, names }))
    .catch((error: unknown) => {
      if (error instanceof ApiError) return failure(error);
      throw error;
    });
  return { ...given, headers: { ...given.headers, ...headers } };
}

async function populate({ registry, body }: Call): Promise<Answer> {
  let specs;
  try {
    specs = readProxies(body);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return json(error.status, { error: error.message, status: error.status, proxies: null });
  }
  const { proxies, error } = await registry.populate(specs);
  if (error === null) {
    // Toxiproxy answers null for an empty list, which its client for Node cannot read.
    const isStockNull = registry.settings.isStock && proxies.length === 0;
    return json(201, { proxies: isStockNull ? null : proxies });
  }
  return json(error.status, {
    error: error.message,
    status: error.status,
    proxies: proxies.length === 0 ? null : proxies,
  });
}

async function updateProxy({ registry, body, names: [name = ''] }: Call): Promise<Answer> {
  const proxy = registry.get(name);
  await proxy.update(readProxyChange(body, proxy));
  return ok(proxy);
}

async function removeProxy({ registry, names: [name = ''] }: Call): Promise<Answer> {
  await registry.remove(name);
  return { status: 204 };
}

async function addToxic({ registry, body, names: [name = ''] }: Call): Promise<Answer> {
  const proxy = registry.get(name);
  const toxic = readToxic(body, proxy, registry.settings.isStock);
  proxy.addToxic(toxic);
  return ok(toxic);
}

async function updateToxic({ registry, body, names: [name = '', toxicName = ''] }: Call): Promise<Answer> {
  const proxy = registry.get(name);
  const toxic = proxy.toxic(toxicName);
  changeToxic(body, toxic);
  proxy.updateToxic(toxic);
  return ok(toxic);
}

async function removeToxic({ registry, names: [name = '', toxic = ''] }: Call): Promise<Answer> {
  const proxy = registry.get(name);
  proxy.removeToxic(proxy.toxic(toxic));
  return { status: 204 };
}

async function reset({ registry }: Call): Promise<Answer> {
  await registry.reset();
  return { status: 204 };
}

function version(): Answer {
  return {
    status: 200,
    type: 'application/json;charset=utf-8',
    body: `{"version": "${TOXIPROXY_VERSION}"}\n`,
  };
}

function ok(value: unknown): Answer {
  return json(200, value);
}

function json(status: number, value: unknown): Answer {
  return { status, type: JSON_TYPE, body: encode(value) };
}

/** JSON under the name of text: so it is with Toxiproxy since Go 1.23. */
function failure({ message, status }: ApiError): Answer {
  return plain(status, encode({ error: message, status }));
}

function plain(status: number, text: string): Answer {
  return { status, type: TEXT_TYPE, body: `${text}\n`, headers: { 'x-content-type-options': 'nosniff' } };
}

function send(response: ServerResponse, { status, type, body = '', headers = {} }: Answer): void {
  response.writeHead(status, {
    ...headers,
    ...(type === undefined ? {} : { 'content-type': type }),
    ...(status === 204 ? {} : { 'content-length': Buffer.byteLength(body) }),
  });
  response.end(body);
}

function pathOf(url: string): string {
  const path = url.replace(/[?#].*$/, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Twenty digits of base 32, as Toxiproxy's are. */
function requestId(): string {
  const bits = BigInt(`0x${randomBytes(13).toString('hex')}`);
  return bits.toString(32).padStart(21, '0').slice(-20);
}
