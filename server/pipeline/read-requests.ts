import { ErrorCode } from '../wire/error-code.ts';
import { Perms, writeAcl, type Acl } from '../wire/records/acl.ts';
import type { JuteReader } from '../wire/jute-reader.ts';
import { OpCode, SpecialXid } from '../wire/opcode.ts';
import { readMultiReadRequest, type MultiReadOp } from '../wire/records/multi-request.ts';
import { readSetWatches, readSetWatches2, type SetWatches2 } from '../wire/records/set-watches.ts';
import { writeNodeStat } from '../tree/znode.ts';
import type { ClientConnection } from './client-connection.ts';
import { answerMultiRead } from './multi-read.ts';
import { answerGetAllChildrenNumber, answerGetEphemerals, answerWhoAmI } from './overview-requests.ts';
import type { ServerCore } from './server-core.ts';
import { addWatch, checkWatches, removeWatches, setWatches } from './watch-requests.ts';

/**
 * A request that this server answers from its own tree. One shape for all of them: they pass through the same
 * few functions by the hundred thousand a second.
 */
export interface ReadRequest {
  readonly type: number;
  readonly path: string;
  readonly watch: boolean;
  /** The mode of `addWatch`, the type of `checkWatches` and `removeWatches`. */
  readonly watchKind: number;
  readonly setWatches: SetWatches2 | null;
  readonly multiRead: readonly MultiReadOp[] | null;
  /** For the type `error`: what to answer to a request that could not be read. */
  readonly error: ErrorCode;
}

const READ_TYPES: ReadonlySet<number> = new Set([
  OpCode.exists,
  OpCode.getData,
  OpCode.getAcl,
  OpCode.getChildren,
  OpCode.getChildren2,
  OpCode.sync,
  OpCode.ping,
  OpCode.multiRead,
  OpCode.setWatches,
  OpCode.setWatches2,
  OpCode.addWatch,
  OpCode.checkWatches,
  OpCode.removeWatches,
  OpCode.getAllChildrenNumber,
  OpCode.getEphemerals,
  OpCode.whoAmI,
]);

export function isReadType(type: number): boolean {
  return READ_TYPES.has(type);
}

/** @throws WireError for a body that is not the record of this type. */
export function decodeRead(type: number, reader: JuteReader): ReadRequest {
  switch (type) {
    case OpCode.exists:
    case OpCode.getData:
    case OpCode.getChildren:
    case OpCode.getChildren2:
      return readRequest(type, { path: reader.string(), watch: reader.bool() });
    case OpCode.getAcl:
    case OpCode.sync:
    case OpCode.getAllChildrenNumber:
    case OpCode.getEphemerals:
      return readRequest(type, { path: reader.string() });
    case OpCode.addWatch:
    case OpCode.checkWatches:
    case OpCode.removeWatches:
      return readRequest(type, { path: reader.string(), watchKind: reader.int() });
    case OpCode.setWatches: {
      const noMore = { persistentWatches: null, persistentRecursiveWatches: null };
      return readRequest(type, { setWatches: { ...readSetWatches(reader), ...noMore } });
    }
    case OpCode.setWatches2:
      return readRequest(type, { setWatches: readSetWatches2(reader) });
    case OpCode.multiRead:
      return readRequest(type, { multiRead: readMultiReadRequest(reader) });
    default:
      return readRequest(type, {});
  }
}

export function errorReply(error: ErrorCode): ReadRequest {
  return readRequest(OpCode.error, { error });
}

function readRequest(
  type: number,
  {
    path = '',
    watch = false,
    watchKind = 0,
    setWatches = null,
    multiRead = null,
    error = ErrorCode.ok,
  }: Partial<ReadRequest>,
): ReadRequest {
  return { type, path, watch, watchKind, setWatches, multiRead, error };
}

/**
 * Answers from the tree as it is now. The reply's zxid is that of the tree, so it names the state the answer
 * shows exactly (C4).
 */
export function answerRead(
  core: ServerCore,
  connection: ClientConnection,
  xid: number,
  request: ReadRequest,
  receivedAtMs: number,
): void {
  const { tree } = core;
  const zxid = tree.lastProcessedZxid;
  switch (request.type) {
    case OpCode.getData:
    case OpCode.getChildren:
    case OpCode.getChildren2:
    case OpCode.exists:
      answerNodeRead(core, connection, xid, request);
      break;
    case OpCode.getAcl:
      answerGetAcl(core, connection, xid, request.path);
      break;
    case OpCode.sync: {
      // Alone, this server has nothing to catch up with: the writes before it are applied by now.
      connection.beginReply(xid, zxid, ErrorCode.ok).string(request.path);
      connection.endReply();
      break;
    }
    case OpCode.setWatches:
    case OpCode.setWatches2:
      // Java's client sends it with the xid −8, go-zk with one of its own.
      connection.reply(xid, zxid, setWatches(core, connection, request.setWatches));
      break;
    case OpCode.addWatch: {
      const error = addWatch(core, connection, request.path, request.watchKind);
      const out = connection.beginReply(xid, zxid, error);
      // Unlike any other answer without content it has a body (trap 23).
      if (error === ErrorCode.ok) out.int(ErrorCode.ok);
      connection.endReply();
      break;
    }
    case OpCode.checkWatches:
      connection.reply(xid, zxid, checkWatches(tree, connection, request.path, request.watchKind));
      break;
    case OpCode.removeWatches:
      connection.reply(xid, zxid, removeWatches(tree, connection, request.path, request.watchKind));
      break;
    case OpCode.multiRead:
      answerMultiRead(core, connection, xid, request.multiRead ?? []);
      break;
    case OpCode.getAllChildrenNumber:
      answerGetAllChildrenNumber(core, connection, xid, request.path);
      break;
    case OpCode.getEphemerals:
      answerGetEphemerals(core, connection, xid, request.path);
      break;
    case OpCode.whoAmI:
      answerWhoAmI(core, connection, xid);
      break;
    case OpCode.ping:
      connection.reply(SpecialXid.ping, zxid, ErrorCode.ok);
      break;
    default:
      connection.reply(xid, zxid, request.error);
  }
  if (request.type !== OpCode.ping) core.counters.readDone(core.nowMs - receivedAtMs);
  connection.stats.onAnswered(request.type, xid, zxid, receivedAtMs, core.nowMs);
}

function answerNodeRead(
  core: ServerCore,
  connection: ClientConnection,
  xid: number,
  { type, path, watch }: ReadRequest,
): void {
  const { tree } = core;
  const zxid = tree.lastProcessedZxid;
  const node = tree.get(path);
  if (node === undefined) {
    if (type === OpCode.exists) {
      if (path.includes('\u0000')) {
        connection.reply(xid, zxid, ErrorCode.badArguments);
        return;
      }
      // The watch stays and fires when the node is created (trap 49).
      if (watch && !core.mayWatch(connection)) {
        connection.reply(xid, zxid, ErrorCode.badArguments);
        return;
      }
      if (watch) tree.dataWatches.add(path, connection);
    }
    connection.reply(xid, zxid, ErrorCode.noNode);
    return;
  }
  if (!core.allows(node.aclId, Perms.read, connection.ids)) {
    connection.reply(xid, zxid, ErrorCode.noAuth);
    return;
  }
  const isListing = type === OpCode.getChildren || type === OpCode.getChildren2;
  if (isListing && node.childNamesBytes > core.limits.responseBytesMax) {
    connection.reply(xid, zxid, ErrorCode.marshallingError);
    return;
  }
  if (watch) {
    if (!core.mayWatch(connection)) {
      connection.reply(xid, zxid, ErrorCode.badArguments);
      return;
    }
    (isListing ? tree.childWatches : tree.dataWatches).add(path, connection);
  }
  const out = connection.beginReply(xid, zxid, ErrorCode.ok);
  if (type === OpCode.getData) connection.writeValue(node.data);
  else if (type !== OpCode.exists) connection.writeChildren(node, out);
  if (type !== OpCode.getChildren) writeNodeStat(out, node);
  connection.endReply();
}

/** Without the right to administer, the digests of passwords are not shown (CVE-2019-0201). */
function answerGetAcl(core: ServerCore, connection: ClientConnection, xid: number, path: string): void {
  const { tree } = core;
  const zxid = tree.lastProcessedZxid;
  const node = tree.get(path);
  if (node === undefined) {
    connection.reply(xid, zxid, ErrorCode.noNode);
    return;
  }
  if (!core.allows(node.aclId, Perms.read | Perms.admin, connection.ids)) {
    connection.reply(xid, zxid, ErrorCode.noAuth);
    return;
  }
  const acls = tree.acls.listOf(node.aclId);
  const mayAdmin = core.allows(node.aclId, Perms.admin, connection.ids);
  const out = connection.beginReply(xid, zxid, ErrorCode.ok);
  out.vector(mayAdmin ? acls : acls.map(withoutDigest), writeAcl);
  writeNodeStat(out, node);
  connection.endReply();
}

function withoutDigest(acl: Acl): Acl {
  if (acl.scheme !== 'digest' || acl.id === null) return acl;
  const colon = acl.id.indexOf(':');
  return colon < 0 ? acl : { ...acl, id: `${acl.id.slice(0, colon)}:x` };
}
