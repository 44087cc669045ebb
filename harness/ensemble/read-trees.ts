import { formatZxid } from '../../server/base/zxid.ts';
import type { FinalTrees } from '../history/final-trees.ts';
import type { EnsembleServer } from './ensemble.ts';
import { describeNode, type SeenNode, TreeReader } from './tree-reader.ts';
import { waitUntil } from './wait-until.ts';

export interface ReadTreesOptions {
  readonly servers: readonly EnsembleServer[];
  /** Where to begin, an absolute path of the servers. */
  readonly root: string;
  /** Others write to these servers as well, so that only what is below the root is at rest, and no zxid is. */
  readonly isShared?: boolean;
  /** How long the servers may take to show one zxid; 30 000 unless told. */
  readonly convergeTimeoutMs?: number;
  /** How long reading may take; 120 000 unless told. */
  readonly readTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

const CONVERGE_TIMEOUT_MS = 30_000;
const READ_TIMEOUT_MS = 120_000;
/** Nodes asked of a server at a time. */
const BATCH = 200;
const DIFFERENCES_MAX = 10;
/** Sessions that end while trees are read. */
const TRIES_MAX = 20;
/** ZooKeeper's own: quotas are kept by each server for itself. */
const NOT_COMPARED = '/zookeeper';

/**
 * Waits until all servers show the same zxid, or have at least what their leader had, and reads all of their trees, side
 * by side. To be called when the load is over: it changes nothing but for its own sessions.
 *
 * The servers may change a tree of their own accord meanwhile: a session that nobody keeps alive ends when its time has
 * come, and takes its ephemerals with it. Then what was read is not of one state, and it is read again.
 */
export async function readTrees(options: ReadTreesOptions): Promise<FinalTrees> {
  for (let triesLeft = TRIES_MAX; ; triesLeft--) {
    const { trees, isOfOneState } = await readOnce(options);
    if (isOfOneState || triesLeft === 1) return trees;
  }
}

async function readOnce(
  options: ReadTreesOptions,
): Promise<{ readonly trees: FinalTrees; readonly isOfOneState: boolean }> {
  const readers = options.servers.map((server) => new TreeReader(server));
  try {
    await Promise.all(readers.map((reader) => reader.connect()));
    const convergedAfterMs = await converge(readers, options);
    const walk = new TreeWalk(readers);
    if (convergedAfterMs !== null) await walk.run(options);
    const servers = readers.map((reader) => reader.result());
    // Of what others write to as well nothing is known.
    const mayHaveChanged = options.isShared !== true && walk.differing > 0 && areReadable(readers);
    const isOfOneState = !mayHaveChanged || (await areStillAt(servers[0]?.zxid ?? null, readers));
    const trees: FinalTrees = {
      schema: 'stampede.trees/1',
      root: options.root,
      convergedAfterMs,
      nodes: walk.nodes,
      servers,
      differing: walk.differing,
      differences: walk.differences,
    };
    return { trees, isOfOneState };
  } finally {
    await Promise.all(readers.map((reader) => reader.close()));
  }
}

async function areStillAt(zxid: string | null, readers: readonly TreeReader[]): Promise<boolean> {
  const now = await Promise.all(readers.map((reader) => reader.syncedZxid()));
  return now.every((each) => each !== null && formatZxid(each) === zxid);
}

async function converge(
  readers: readonly TreeReader[],
  { isShared = false, convergeTimeoutMs = CONVERGE_TIMEOUT_MS, signal }: ReadTreesOptions,
): Promise<number | null> {
  if (!areReadable(readers)) return null;
  const startedMs = performance.now();
  const end = await waitUntil(
    async () => {
      const zxids = await Promise.all(readers.map((reader) => reader.syncedZxid()));
      return zxids.every((zxid) => zxid !== null && (isShared || zxid === zxids[0]));
    },
    { timeoutMs: convergeTimeoutMs, signal },
  );
  return end === 'met' ? performance.now() - startedMs : null;
}

/** All trees from the root down, batch by batch, so that none is ever held in memory. */
class TreeWalk {
  nodes = 0;
  differing = 0;
  readonly differences: FinalTrees['differences'] = [];
  readonly #readers: readonly TreeReader[];

  constructor(readers: readonly TreeReader[]) {
    this.#readers = readers;
  }

  async run({ root, readTimeoutMs = READ_TIMEOUT_MS, signal }: ReadTreesOptions): Promise<void> {
    const deadlineMs = performance.now() + readTimeoutMs;
    const queue = [root];
    while (queue.length > 0 && areReadable(this.#readers)) {
      if (signal?.aborted === true) this.#fail('the run was ended before all of it was read');
      else if (performance.now() > deadlineMs) this.#fail(`not all of it was read after ${readTimeoutMs} ms`);
      else for (const path of await this.#compare(queue.splice(0, BATCH))) queue.push(path);
    }
    for (const reader of this.#readers) reader.finish();
  }

  /** @returns the paths of all children that there are on any server. */
  async #compare(paths: readonly string[]): Promise<string[]> {
    const trees = await Promise.all(this.#readers.map((reader) => reader.nodes(paths)));
    if (!areReadable(this.#readers)) return [];
    const parents: string[] = [];
    for (const [index, path] of paths.entries()) {
      const seen = trees.map((tree) => tree[index] ?? null);
      this.nodes++;
      for (const [at, reader] of this.#readers.entries()) reader.add(path, seen[at] ?? null);
      if (!seen.every((node) => isSameNode(node, seen[0] ?? null))) this.#differ(path, seen);
      if (seen.some((node) => (node?.stat.numChildren ?? 0) > 0)) parents.push(path);
    }
    return parents.length === 0 ? [] : this.#childrenOf(parents);
  }

  async #childrenOf(parents: readonly string[]): Promise<string[]> {
    const lists = await Promise.all(this.#readers.map((reader) => reader.children(parents)));
    return parents.flatMap((parent, index) => {
      const names = new Set(lists.flatMap((list) => list[index] ?? []));
      const prefix = parent === '/' ? '/' : `${parent}/`;
      return [...names]
        .map((name) => prefix + name)
        .filter((path) => path !== NOT_COMPARED)
        .sort((a, b) => (a < b ? -1 : 1));
    });
  }

  #differ(path: string, seen: readonly (SeenNode | null)[]): void {
    this.differing++;
    if (this.differences.length >= DIFFERENCES_MAX) return;
    this.differences.push({
      path,
      seen: this.#readers.map(({ serverId }, at) => ({ serverId, node: describeNode(seen[at] ?? null) })),
    });
  }

  #fail(why: string): void {
    for (const reader of this.#readers) reader.fail(why);
  }
}

function areReadable(readers: readonly TreeReader[]): boolean {
  return readers.every(({ isReadable }) => isReadable);
}

function isSameNode(a: SeenNode | null, b: SeenNode | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.statText !== b.statText) return false;
  if (a.data === null || b.data === null) return a.data === b.data;
  return Buffer.compare(a.data, b.data) === 0;
}
