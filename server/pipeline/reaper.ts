import type { DataTree } from '../tree/data-tree.ts';
import { CONTAINER_OWNER, ttlOf, type Znode } from '../tree/znode.ts';

/**
 * Which containers and TTL nodes have had their time (`ContainerManager`, protocol §1.7): a container that has
 * no children any more and once had some, a TTL node without children that nothing has changed for its time.
 * Whether they still are empty when their delete is prepared is asked again then.
 *
 * @param nowMs the wall clock, which is what `mtime` was taken from.
 */
export function nodesToReap(tree: DataTree, nowMs: number, countMax: number): string[] {
  const paths: string[] = [];
  for (const path of tree.reapableNodes()) {
    if (paths.length === countMax) break;
    const node = tree.get(path);
    if (node !== undefined && node.childCount === 0 && isOver(node, nowMs)) paths.push(path);
  }
  return paths;
}

function isOver(node: Znode, nowMs: number): boolean {
  if (node.ephemeralOwner === CONTAINER_OWNER) return node.cversion > 0;
  const ttlMs = ttlOf(node.ephemeralOwner);
  return ttlMs !== null && nowMs - node.mtime > ttlMs;
}
