import { WatchEventType, WatchMode, type WatchManager } from '../tree/watch-manager.ts';
import type { DataTree } from '../tree/data-tree.ts';
import { ErrorCode } from '../wire/error-code.ts';
import type { SetWatches2 } from '../wire/records/set-watches.ts';
import { AddWatchMode, WatcherType } from '../wire/records/watches.ts';
import type { ClientConnection } from './client-connection.ts';
import type { ServerCore } from './server-core.ts';

/**
 * After a reconnect: what changed since the client last looked is told at once, the rest is watched
 * (protocol §1.8). These events carry zxid −1. Watches that stay have nothing to tell: their owner was told of all
 * that it can know of.
 */
export function setWatches(
  core: ServerCore,
  connection: ClientConnection,
  request: SetWatches2 | null,
): ErrorCode {
  if (request === null) return ErrorCode.ok;
  if (!core.mayWatch(connection, countOf(request))) return ErrorCode.badArguments;
  const { tree } = core;
  const since = request.relativeZxid;
  for (const path of request.dataWatches ?? []) {
    const node = tree.get(path);
    if (node === undefined) connection.writeEvent(WatchEventType.nodeDeleted, path, -1);
    else if (node.mzxid > since) connection.writeEvent(WatchEventType.nodeDataChanged, path, -1);
    else tree.dataWatches.add(path, connection);
  }
  for (const path of request.existWatches ?? []) {
    if (tree.get(path) !== undefined) connection.writeEvent(WatchEventType.nodeCreated, path, -1);
    else tree.dataWatches.add(path, connection);
  }
  for (const path of request.childWatches ?? []) {
    const node = tree.get(path);
    if (node === undefined) connection.writeEvent(WatchEventType.nodeDeleted, path, -1);
    else if (node.pzxid > since) connection.writeEvent(WatchEventType.nodeChildrenChanged, path, -1);
    else tree.childWatches.add(path, connection);
  }
  for (const path of request.persistentWatches ?? []) watchPersistently(tree, connection, path);
  for (const path of request.persistentRecursiveWatches ?? []) watchBelow(tree, connection, path);
  return ErrorCode.ok;
}

function countOf(request: SetWatches2): number {
  const { dataWatches, existWatches, childWatches, persistentWatches, persistentRecursiveWatches } = request;
  const lists = [dataWatches, existWatches, childWatches, persistentWatches, persistentRecursiveWatches];
  return lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
}

/** Whatever the path is, and whether there is such a node or not. */
export function addWatch(
  core: ServerCore,
  connection: ClientConnection,
  path: string,
  mode: number,
): ErrorCode {
  const { tree } = core;
  if (!core.mayWatch(connection, 2)) return ErrorCode.badArguments;
  if (mode === AddWatchMode.persistent) watchPersistently(tree, connection, path);
  else if (mode === AddWatchMode.persistentRecursive) watchBelow(tree, connection, path);
  else return ErrorCode.marshallingError;
  return ErrorCode.ok;
}

/** Whether the client watches this path, in the way that `type` names. */
export function checkWatches(
  tree: DataTree,
  connection: ClientConnection,
  path: string,
  type: number,
): ErrorCode {
  const kinds = kindsOf(tree, type);
  if (kinds === null) return ErrorCode.marshallingError;
  return found(kinds.some(([table, mode]) => table.has(path, connection, mode)));
}

/** Ends what `checkWatches` finds. The client is told by the reply alone. */
export function removeWatches(
  tree: DataTree,
  connection: ClientConnection,
  path: string,
  type: number,
): ErrorCode {
  const kinds = kindsOf(tree, type);
  if (kinds === null) return ErrorCode.marshallingError;
  const removed = kinds.map(([table, mode]) => table.remove(path, connection, mode));
  return found(removed.includes(true));
}

/** Where watches of a client's type stand, and in which mode, null for any; null for an unknown type. */
function kindsOf(
  { childWatches, dataWatches }: DataTree,
  type: number,
): readonly (readonly [WatchManager, WatchMode | null])[] | null {
  switch (type) {
    case WatcherType.children:
      return [[childWatches, WatchMode.standard]];
    case WatcherType.data:
      return [[dataWatches, WatchMode.standard]];
    case WatcherType.persistent:
      return [
        [childWatches, WatchMode.persistent],
        [dataWatches, WatchMode.persistent],
      ];
    case WatcherType.persistentRecursive:
      return [[dataWatches, WatchMode.recursive]];
    case WatcherType.any:
      return [
        [childWatches, null],
        [dataWatches, null],
      ];
    default:
      return null;
  }
}

function watchPersistently(tree: DataTree, connection: ClientConnection, path: string): void {
  tree.childWatches.add(path, connection, WatchMode.persistent);
  tree.dataWatches.add(path, connection, WatchMode.persistent);
}

/** Children come and go as nodes of their own here, so that their parent need not be watched for them. */
function watchBelow(tree: DataTree, connection: ClientConnection, path: string): void {
  tree.dataWatches.add(path, connection, WatchMode.recursive);
}

function found(isThere: boolean): ErrorCode {
  return isThere ? ErrorCode.ok : ErrorCode.noWatcher;
}
