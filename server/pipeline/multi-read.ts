import { writeChildren, writeNodeStat, type Znode } from '../tree/znode.ts';
import { ErrorCode } from '../wire/error-code.ts';
import type { JuteWriter } from '../wire/jute-writer.ts';
import { OpCode } from '../wire/opcode.ts';
import { Perms } from '../wire/records/acl.ts';
import { writeMultiEnd, writeMultiHeader } from '../wire/records/multi-header.ts';
import type { MultiReadOp } from '../wire/records/multi-request.ts';
import type { ClientConnection } from './client-connection.ts';
import type { ServerCore } from './server-core.ts';

/** Several reads of one state of the tree. Each fails for itself, and none leaves a watch (protocol §1.5). */
export function answerMultiRead(
  core: ServerCore,
  connection: ClientConnection,
  xid: number,
  ops: readonly MultiReadOp[],
): void {
  const { tree } = core;
  const bytes = ops.reduce((sum, { type, request }) => sum + bytesOf(type, tree.get(request.path)), 0);
  if (bytes > core.limits.responseBytesMax) {
    connection.reply(xid, tree.lastProcessedZxid, ErrorCode.marshallingError);
    return;
  }
  const out = connection.beginReply(xid, tree.lastProcessedZxid, ErrorCode.ok);
  for (const { type, request } of ops) {
    const node = tree.get(request.path);
    if (node === undefined) writeError(out, ErrorCode.noNode);
    else if (!core.allows(node.aclId, Perms.read, connection.ids)) writeError(out, ErrorCode.noAuth);
    else writeNode(out, type, node);
  }
  writeMultiEnd(out);
  connection.endReply();
}

/** About what it takes in the reply. */
function bytesOf(type: MultiReadOp['type'], node: Znode | undefined): number {
  if (node === undefined) return 0;
  return type === OpCode.getData ? node.dataLength : node.childNamesBytes;
}

function writeNode(out: JuteWriter, type: MultiReadOp['type'], node: Znode): void {
  writeMultiHeader(out, type, ErrorCode.ok);
  if (type === OpCode.getData) {
    out.buffer(node.data);
    writeNodeStat(out, node);
  } else writeChildren(out, node);
}

/** The type of the operation gives way to that of an error (trap 24). */
function writeError(out: JuteWriter, error: ErrorCode): void {
  writeMultiHeader(out, OpCode.error, error);
  out.int(error);
}
