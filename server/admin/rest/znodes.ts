import { Perms, type Acl } from '../../wire/records/acl.ts';
import { ErrorCode } from '../../wire/error-code.ts';
import { OpCode } from '../../wire/opcode.ts';
import { CreateMode, readCreateResponse, writeCreateRequest } from '../../wire/records/create.ts';
import { writeDeleteRequest } from '../../wire/records/delete.ts';
import { readExistsResponse, writeExistsRequest } from '../../wire/records/exists.ts';
import { readGetChildren2Response, writeGetChildrenRequest } from '../../wire/records/get-children.ts';
import { readGetDataResponse, writeGetDataRequest } from '../../wire/records/get-data.ts';
import { readSetDataResponse, writeSetDataRequest } from '../../wire/records/set-data.ts';
import type { Stat } from '../../wire/records/stat.ts';
import type { HttpAnswer } from '../http/http-endpoint.ts';
import type { HttpRequest } from '../http/http-request.ts';
import type { JsonValue } from '../http/json-text.ts';
import { KeeperRefusal } from './keeper-connection.ts';
import { flagIn, integerIn, wordIn } from './query.ts';
import { emptyAnswer, formWanted, jsonAnswer, octetAnswer, uriOf } from './rest-answer.ts';
import { RestError } from './rest-error.ts';
import type { RestSession } from './rest-session.ts';

export const ZNODES = '/znodes/v1';

/** The gateway has no way to give another. */
const OPEN_ACL: readonly Acl[] = [{ perms: Perms.all, scheme: 'world', id: 'anyone' }];
const VERSION = { unset: -1, min: -1, max: 2 ** 31 - 1 };

/** A request for a znode, and the session in which it is made. */
export interface ZnodeRequest {
  readonly request: HttpRequest;
  /** Of the znode. */
  readonly path: string;
  readonly session: RestSession;
  /** Whether the client has asked for that session, and so for what it may hold. */
  readonly isOwnSession: boolean;
  readonly nowMs: number;
  readonly bodyBytesMax: number;
}

/** What a method does. Rejects with a RestError, or what `restErrorOf` makes one of. */
export const ZNODE_METHODS: Readonly<Record<string, (asked: ZnodeRequest) => Promise<HttpAnswer>>> = {
  GET: read,
  HEAD: exists,
  PUT: set,
  POST: create,
  DELETE: remove,
};

async function read(asked: ZnodeRequest): Promise<HttpAnswer> {
  const { request } = asked;
  const { searchParams } = request.url;
  const form = formWanted(request);
  const view = wordIn(searchParams, 'view', ['data', 'children']);
  const format = wordIn(searchParams, 'dataformat', ['base64', 'utf8']);
  if (view === 'children') return children(asked);
  const { path, session, nowMs } = asked;
  const { data, stat } = await session.request(nowMs, OpCode.getData, {
    write: (writer) => writeGetDataRequest(writer, { path, watch: false }),
    read: (reader) => {
      const { data, stat } = readGetDataResponse(reader);
      // The reader's bytes are gone when this returns.
      return { data: data === null ? null : data.slice(), stat };
    },
  });
  if (form === 'octets') return data === null ? emptyAnswer(204) : octetAnswer(200, data);
  return jsonAnswer(200, { ...place(asked), ...dataFields(data, format), ...statFields(stat) });
}

async function children(asked: ZnodeRequest): Promise<HttpAnswer> {
  const { request, path, session, nowMs } = asked;
  const names = await session.request(nowMs, OpCode.getChildren2, {
    write: (writer) => writeGetChildrenRequest(writer, { path, watch: false }),
    read: (reader) => readGetChildren2Response(reader).children ?? [],
  });
  const template = uriOf(request, request.url.pathname.replace(/\/$/, ''), '/{child}');
  return jsonAnswer(200, { ...place(asked), child_uri_template: template, children: names });
}

async function exists({ request, path, session, nowMs }: ZnodeRequest): Promise<HttpAnswer> {
  const form = formWanted(request);
  await session.request(nowMs, OpCode.exists, {
    write: (writer) => writeExistsRequest(writer, { path, watch: false }),
    read: (reader) => readExistsResponse(reader),
  });
  return emptyAnswer(form === 'octets' ? 204 : 200);
}

async function set(asked: ZnodeRequest): Promise<HttpAnswer> {
  const { request, path, session, nowMs } = asked;
  const form = formWanted(request);
  const version = integerIn(request.url.searchParams, 'version', VERSION);
  const data = await dataIn(asked);
  const stat = await session.request(nowMs, OpCode.setData, {
    write: (writer) => writeSetDataRequest(writer, { path, data, version }),
    read: (reader) => readSetDataResponse(reader).stat,
  });
  return form === 'octets' ? emptyAnswer(204) : jsonAnswer(200, { ...place(asked), ...statFields(stat) });
}

async function create(asked: ZnodeRequest): Promise<HttpAnswer> {
  const { request, session, nowMs } = asked;
  const { searchParams } = request.url;
  const form = formWanted(request);
  wordIn(searchParams, 'op', ['create']);
  const name = searchParams.get('name');
  if (name === null) throw new RestError(400, 'name is missing: of the znode to be made below this one');
  const path = asked.path === '/' ? `/${name}` : `${asked.path}/${name}`;
  const isEphemeral = flagIn(searchParams, 'ephemeral');
  if (isEphemeral && !asked.isOwnSession)
    throw new RestError(
      400,
      'an ephemeral znode needs a session: POST /sessions/v1?op=create, then session=<id>',
    );
  const flags =
    (isEphemeral ? CreateMode.ephemeral : 0) |
    (flagIn(searchParams, 'sequence') ? CreateMode.persistentSequential : 0);
  const data = await dataIn(asked);
  const made = await session
    .request(nowMs, OpCode.create, {
      write: (writer) => writeCreateRequest(writer, { path, data, acl: OPEN_ACL, flags }),
      read: (reader) => readCreateResponse(reader).path,
    })
    .catch((error: unknown) => {
      if (error instanceof KeeperRefusal && error.code === ErrorCode.noNode)
        throw new RestError(409, 'the znode above it is not there');
      throw error;
    });
  const uri = uriOf(request, ZNODES, encodedPath(made));
  const headers = { Location: uri };
  return form === 'octets'
    ? octetAnswer(201, Buffer.from(made), headers)
    : jsonAnswer(201, { path: made, uri }, headers);
}

async function remove({ request, path, session, nowMs }: ZnodeRequest): Promise<HttpAnswer> {
  const version = integerIn(request.url.searchParams, 'version', VERSION);
  await session.request(nowMs, OpCode.delete, {
    write: (writer) => writeDeleteRequest(writer, { path, version }),
    read: () => undefined,
  });
  return emptyAnswer(204);
}

/** What a znode is to hold. */
async function dataIn({ request, bodyBytesMax }: ZnodeRequest): Promise<Uint8Array | null> {
  const isNull = flagIn(request.url.searchParams, 'null');
  const type = request.headers['content-type'];
  if (type !== undefined && type.split(';')[0]?.trim().toLowerCase() !== 'application/octet-stream')
    throw new RestError(415, 'data is sent as application/octet-stream');
  const body = await request.body(bodyBytesMax);
  return isNull ? null : body;
}

function place({ request, path }: ZnodeRequest): Readonly<Record<string, JsonValue>> {
  return { path, uri: uriOf(request, request.url.pathname) };
}

function dataFields(data: Uint8Array | null, format: 'base64' | 'utf8'): Readonly<Record<string, JsonValue>> {
  if (data === null) return {};
  const bytes = Buffer.from(data);
  return format === 'utf8' ? { dataUtf8: bytes.toString('utf8') } : { data64: bytes.toString('base64') };
}

function statFields(stat: Stat): Readonly<Record<string, JsonValue>> {
  const { czxid, mzxid, ctime, mtime, version, cversion, aversion, ephemeralOwner } = stat;
  const { dataLength, numChildren, pzxid } = stat;
  return {
    czxid,
    mzxid,
    ctime,
    mtime,
    version,
    cversion,
    aversion,
    ephemeralOwner,
    dataLength,
    numChildren,
    pzxid,
  };
}

function encodedPath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
