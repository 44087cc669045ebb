import { createHash, type Hash } from 'node:crypto';
import { formatZxid, type Zxid } from '../../server/base/zxid.ts';
import type { Stat } from '../../server/wire/records/stat.ts';
import { Client } from '../client/client.ts';
import { KeeperError } from '../client/keeper-errors.ts';
import type { FinalTrees } from '../history/final-trees.ts';
import type { EnsembleServer } from './ensemble.ts';

const NO_NODE = -101;

/** A node as a client sees it. */
export interface SeenNode {
  readonly data: Uint8Array | null;
  readonly stat: Stat;
  /** Every field of the Stat, for a person and to compare by. */
  readonly statText: string;
}

/** Reads one server's tree through a client that knows no other server. Keeps what went wrong instead of throwing it. */
export class TreeReader {
  readonly #server: EnsembleServer;
  readonly #hash: Hash = createHash('sha256');
  #client: Client | null = null;
  #zxid: Zxid | null = null;
  #error: string | null = null;
  #isWhole = false;

  constructor(server: EnsembleServer) {
    this.#server = server;
  }

  get serverId(): number {
    return this.#server.id;
  }

  /** False once something has gone wrong. */
  get isReadable(): boolean {
    return this.#error === null;
  }

  async connect(): Promise<void> {
    try {
      this.#client = await Client.connect({ connectString: this.#server.clientAddress });
    } catch (error) {
      this.fail(messageOf(error));
    }
  }

  async close(): Promise<void> {
    // A session that can't be closed expires.
    await this.#client?.close().catch(() => {});
  }

  /** How far the server is, having all that its leader had when it was asked. Null if that can't be had now. */
  async syncedZxid(): Promise<Zxid | null> {
    this.#zxid = null;
    try {
      await this.#client?.sync('/');
      await this.#client?.exists('/');
      this.#zxid = this.#client?.lastZxidSeen ?? null;
    } catch {
      // It may be looking for a leader: the client connects again, and may be asked again.
    }
    return this.#zxid;
  }

  /** Null for a node that is not there. */
  nodes(paths: readonly string[]): Promise<readonly (SeenNode | null)[]> {
    return this.#all(paths, async (client, path) => {
      const { data, stat } = await client.getData(path);
      return { data, stat, statText: describeStat(stat) };
    });
  }

  async children(paths: readonly string[]): Promise<readonly (readonly string[])[]> {
    const lists = await this.#all(paths, (client, path) => client.getChildren(path));
    return lists.map((list) => list?.children ?? []);
  }

  /** Into the digest. */
  add(path: string, node: SeenNode | null): void {
    if (node === null) return;
    this.#hash.update(`${JSON.stringify(path)} ${node.statText} ${node.data?.length ?? 'no data'} `);
    if (node.data !== null) this.#hash.update(node.data);
  }

  /** All of the tree has been read. */
  finish(): void {
    this.#isWhole = this.isReadable;
  }

  fail(error: string): void {
    this.#error ??= error;
  }

  /** To be called once. */
  result(): FinalTrees['servers'][number] {
    return {
      serverId: this.#server.id,
      address: this.#server.clientAddress,
      zxid: this.#zxid === null ? null : formatZxid(this.#zxid),
      digest: this.#isWhole ? this.#hash.digest('hex') : null,
      error: this.#error,
    };
  }

  /** Nothing at all once something has gone wrong. */
  async #all<T>(
    paths: readonly string[],
    ask: (client: Client, path: string) => Promise<T>,
  ): Promise<readonly (T | null)[]> {
    const client = this.#client;
    if (client === null || !this.isReadable) return [];
    try {
      return await Promise.all(paths.map((path) => ask(client, path).catch(nullIfMissing)));
    } catch (error) {
      this.fail(messageOf(error));
      return [];
    }
  }
}

export function describeNode(node: SeenNode | null): string {
  if (node === null) return 'no such node';
  const { data, statText } = node;
  const hash = data === null ? 'none' : createHash('sha256').update(data).digest('hex').slice(0, 16);
  return `data ${hash}, ${statText}`;
}

function describeStat(stat: Stat): string {
  return (
    `version ${stat.version}, czxid ${formatZxid(stat.czxid)}, mzxid ${formatZxid(stat.mzxid)}, ` +
    `pzxid ${formatZxid(stat.pzxid)}, cversion ${stat.cversion}, aversion ${stat.aversion}, ` +
    `ctime ${stat.ctime}, mtime ${stat.mtime}, owner ${stat.ephemeralOwner.toString(16)}, ` +
    `${stat.dataLength} bytes, ${stat.numChildren} children`
  );
}

function nullIfMissing(error: unknown): null {
  if (error instanceof KeeperError && error.code === NO_NODE) return null;
  throw error;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
