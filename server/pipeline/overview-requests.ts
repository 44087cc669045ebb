import type { AuthId } from '../tree/acl.ts';
import type { DataTree } from '../tree/data-tree.ts';
import type { Znode } from '../tree/znode.ts';
import { ErrorCode } from '../wire/error-code.ts';
import { Perms } from '../wire/records/acl.ts';
import { writeGetAllChildrenNumberResponse } from '../wire/records/get-all-children-number.ts';
import { writeGetEphemeralsResponse } from '../wire/records/get-ephemerals.ts';
import { writeWhoAmIResponse } from '../wire/records/who-am-i.ts';
import type { ClientConnection } from './client-connection.ts';
import type { ServerCore } from './server-core.ts';

/** How many nodes are below this one, at any depth; it takes the right to read the node itself. */
export function answerGetAllChildrenNumber(
  core: ServerCore,
  connection: ClientConnection,
  xid: number,
  path: string,
): void {
  const { tree } = core;
  const zxid = tree.lastProcessedZxid;
  const node = tree.get(path);
  if (node === undefined) {
    connection.reply(xid, zxid, ErrorCode.noNode);
    return;
  }
  if (!core.allows(node.aclId, Perms.read, connection.ids)) {
    connection.reply(xid, zxid, ErrorCode.noAuth);
    return;
  }
  // The tree counts its root twice; that and the root itself are not below it (trap 46).
  const totalNumber = path === '/' ? tree.nodeCount - 2 : countBelow(tree, node, path);
  writeGetAllChildrenNumberResponse(connection.beginReply(xid, zxid, ErrorCode.ok), { totalNumber });
  connection.endReply();
}

/** A walk over the subtree and not over all nodes. Its depth costs no stack. */
function countBelow(tree: DataTree, top: Znode, topPath: string): number {
  let count = 0;
  const pending: [Znode, string][] = [[top, topPath]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [node, path] = next;
    count += node.childCount;
    for (const name of node.children ?? []) {
      const childPath = `${path}/${name}`;
      const child = tree.get(childPath);
      if (child !== undefined && child.childCount > 0) pending.push([child, childPath]);
    }
  }
  return count;
}

/**
 * The asking session's ephemerals whose path starts with these characters: a prefix of the text, not a subtree.
 * Nothing, blanks and "/" are all of them.
 */
export function answerGetEphemerals(
  core: ServerCore,
  connection: ClientConnection,
  xid: number,
  prefix: string,
): void {
  const { tree } = core;
  const isAll = prefix.trim() === '' || prefix === '/';
  const own = [...tree.ephemeralsOf(connection.session)];
  const ephemerals = isAll ? own : own.filter((path) => path.startsWith(prefix));
  const bytes = ephemerals.reduce((sum, path) => sum + 4 + path.length, 0);
  if (bytes > core.limits.responseBytesMax) {
    connection.reply(xid, tree.lastProcessedZxid, ErrorCode.marshallingError);
    return;
  }
  const out = connection.beginReply(xid, tree.lastProcessedZxid, ErrorCode.ok);
  writeGetEphemeralsResponse(out, { ephemerals });
  connection.endReply();
}

/** The connection's identities, without what proves them. */
export function answerWhoAmI(core: ServerCore, connection: ClientConnection, xid: number): void {
  const clientInfo = connection.ids.map((id) => ({ authScheme: id.scheme, user: userOf(id) }));
  const out = connection.beginReply(xid, core.tree.lastProcessedZxid, ErrorCode.ok);
  writeWhoAmIResponse(out, { clientInfo });
  connection.endReply();
}

/** Of a digest identity, `user:hash`, only the user is anyone's business. */
export function userOf({ scheme, id }: AuthId): string {
  return scheme === 'digest' ? id.slice(0, Math.max(0, id.indexOf(':'))) : id;
}
