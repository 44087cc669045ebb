import { NO_SESSION, type SessionId } from '../../base/session-id.ts';
import type { Zxid } from '../../base/zxid.ts';
import type { Stat } from '../../wire/records/stat.ts';

/**
 * What ZooKeeper does, as plainly as it can be said (protocol §1.7, §1.8): one map, one request after the other,
 * nothing outstanding, nothing cached, children found by looking at every path. It shares no code with the
 * server and is slow. ACLs are one set of permissions for everybody.
 */
export type ModelOp =
  | {
      readonly f: 'create' | 'create2';
      readonly path: string;
      readonly data: string;
      readonly flags: number;
      readonly perms: number;
    }
  | { readonly f: 'delete' | 'check'; readonly path: string; readonly version: number }
  | { readonly f: 'setData'; readonly path: string; readonly data: string; readonly version: number }
  | { readonly f: 'setACL'; readonly path: string; readonly perms: number; readonly version: number }
  | { readonly f: 'multi'; readonly ops: readonly ModelOp[] }
  | { readonly f: 'closeSession' }
  | { readonly f: 'createSession' }
  | {
      readonly f: 'exists' | 'getData' | 'getChildren' | 'getChildren2';
      readonly path: string;
      readonly watch: boolean;
    }
  | { readonly f: 'getACL'; readonly path: string };

export interface ModelResult {
  readonly err: number;
  readonly path?: string;
  readonly data?: string;
  readonly stat?: Stat;
  readonly children?: readonly string[];
  readonly perms?: number;
  readonly results?: readonly ModelResult[];
}

export interface ModelEvent {
  readonly watcher: number;
  readonly type: number;
  readonly path: string;
  readonly zxid: Zxid;
}

/** Who does it and when. `watcher` is the number of the connection. */
export interface ModelContext {
  readonly session: SessionId;
  readonly zxid: Zxid;
  readonly time: number;
  readonly watcher: number;
}

interface ModelNode {
  data: string;
  perms: number;
  czxid: Zxid;
  mzxid: Zxid;
  pzxid: Zxid;
  ctime: number;
  mtime: number;
  version: number;
  aversion: number;
  /** Children ever made. */
  creates: number;
  owner: SessionId;
}

const OK: ModelResult = { err: 0 };
const READ = 1;

export class ReferenceModel {
  #nodes = new Map<string, ModelNode>();
  #data: { watcher: number; path: string }[] = [];
  #child: { watcher: number; path: string }[] = [];
  #events: ModelEvent[] = [];

  constructor() {
    for (const path of ['/', '/zookeeper', '/zookeeper/config', '/zookeeper/quota']) {
      this.#nodes.set(path, newNode(path === '/zookeeper/config' ? READ : 31));
    }
    (this.#nodes.get('/zookeeper/config') as ModelNode).aversion = -1;
  }

  write(op: ModelOp, context: ModelContext): { result: ModelResult; events: readonly ModelEvent[] } {
    this.#events = [];
    const result = this.#write(op, context);
    return { result, events: this.#events };
  }

  read(op: ModelOp, { watcher }: ModelContext): ModelResult {
    if (op.f === 'getACL') {
      const node = this.#nodes.get(op.path);
      if (node === undefined) return { err: -101 };
      if ((node.perms & (READ | 16)) === 0) return { err: -102 };
      return { err: 0, perms: node.perms, stat: this.#stat(op.path, node) };
    }
    if (!('watch' in op)) throw new Error(`${op.f} is no read`);
    const node = this.#nodes.get(op.path);
    const isChildRead = op.f === 'getChildren' || op.f === 'getChildren2';
    if (node !== undefined && (node.perms & READ) === 0) return { err: -102 };
    if (op.watch && (node !== undefined || op.f === 'exists')) {
      (isChildRead ? this.#child : this.#data).push({ watcher, path: op.path });
    }
    if (node === undefined) return { err: -101 };
    const stat = this.#stat(op.path, node);
    const children = this.#children(op.path);
    switch (op.f) {
      case 'exists':
        return { err: 0, stat };
      case 'getData':
        return { err: 0, data: node.data, stat };
      case 'getChildren':
        return { err: 0, children };
      case 'getChildren2':
        return { err: 0, children, stat };
    }
  }

  #write(op: ModelOp, context: ModelContext): ModelResult {
    switch (op.f) {
      case 'create':
      case 'create2':
        return this.#create(op, context);
      case 'delete':
        return this.#delete(op, context);
      case 'setData':
        return this.#setData(op, context);
      case 'setACL':
        return this.#setAcl(op);
      case 'check':
        return this.#check(op);
      case 'multi':
        return this.#multi(op.ops, context);
      case 'closeSession':
        for (const [path, node] of this.#nodes) {
          if (node.owner === context.session) this.#remove(path, context.zxid);
        }
        return OK;
      default:
        return OK;
    }
  }

  #create(op: Extract<ModelOp, { f: 'create' | 'create2' }>, context: ModelContext): ModelResult {
    const { zxid, time } = context;
    const parentPath = parentOf(op.path);
    const parent = this.#nodes.get(parentPath);
    if (parent === undefined) return { err: -101 };
    if ((parent.perms & 4) === 0) return { err: -102 };
    const path = (op.flags & 2) === 0 ? op.path : op.path + String(parent.creates).padStart(10, '0');
    if (this.#nodes.has(path)) return { err: -110 };
    if (parent.owner !== NO_SESSION) return { err: -108 };
    const node = newNode(op.perms);
    node.data = op.data;
    node.czxid = node.mzxid = node.pzxid = zxid;
    node.ctime = node.mtime = time;
    if ((op.flags & 1) !== 0) node.owner = context.session;
    this.#nodes.set(path, node);
    parent.creates++;
    parent.pzxid = zxid;
    this.#fire('data', path, 1, zxid, node);
    this.#fire('child', parentPath, 4, zxid, parent);
    return op.f === 'create' ? { err: 0, path } : { err: 0, path, stat: this.#stat(path, node) };
  }

  #delete({ path, version }: { path: string; version: number }, { zxid }: ModelContext): ModelResult {
    const parent = this.#nodes.get(parentOf(path));
    if (parent === undefined) return { err: -101 };
    if ((parent.perms & 8) === 0) return { err: -102 };
    const node = this.#nodes.get(path);
    if (node === undefined) return { err: -101 };
    if (version !== -1 && version !== node.version) return { err: -103 };
    if (this.#children(path).length > 0) return { err: -111 };
    this.#remove(path, zxid);
    return OK;
  }

  #remove(path: string, zxid: Zxid): void {
    const node = this.#nodes.get(path) as ModelNode;
    const parent = this.#nodes.get(parentOf(path)) as ModelNode;
    this.#nodes.delete(path);
    parent.pzxid = zxid;
    const told = this.#fire('data', path, 2, zxid, node);
    this.#fire('child', path, 2, zxid, node, told);
    this.#fire('child', parentOf(path), 4, zxid, parent);
  }

  #setData(op: Extract<ModelOp, { f: 'setData' }>, { zxid, time }: ModelContext): ModelResult {
    const node = this.#nodes.get(op.path);
    if (node === undefined) return { err: -101 };
    if ((node.perms & 2) === 0) return { err: -102 };
    if (op.version !== -1 && op.version !== node.version) return { err: -103 };
    node.data = op.data;
    node.version++;
    node.mzxid = zxid;
    node.mtime = time;
    this.#fire('data', op.path, 3, zxid, node);
    return { err: 0, stat: this.#stat(op.path, node) };
  }

  #setAcl(op: Extract<ModelOp, { f: 'setACL' }>): ModelResult {
    const node = this.#nodes.get(op.path);
    if (node === undefined) return { err: -101 };
    if ((node.perms & 16) === 0) return { err: -102 };
    if (op.version !== -1 && op.version !== node.aversion) return { err: -103 };
    node.perms = op.perms;
    node.aversion++;
    return { err: 0, stat: this.#stat(op.path, node) };
  }

  #check({ path, version }: { path: string; version: number }): ModelResult {
    const node = this.#nodes.get(path);
    if (node === undefined) return { err: -101 };
    if ((node.perms & READ) === 0) return { err: -102 };
    return version === -1 || version === node.version ? OK : { err: -103 };
  }

  #multi(ops: readonly ModelOp[], context: ModelContext): ModelResult {
    const before = structuredCloneOf(this.#nodes);
    const watches = [[...this.#data], [...this.#child]] as const;
    const results: ModelResult[] = [];
    for (const op of ops) {
      const result = this.#write(op, context);
      results.push(result);
      if (result.err === 0) continue;
      this.#nodes = before;
      [this.#data, this.#child] = [[...watches[0]], [...watches[1]]];
      this.#events = [];
      return {
        err: 0,
        results: ops.map((_, i) => ({
          err: i < results.length - 1 ? 0 : i < results.length ? result.err : -2,
        })),
      };
    }
    return { err: 0, results };
  }

  /** One event for each connection that watches, its watch used up. Returns whom it told. */
  #fire(
    table: 'data' | 'child',
    path: string,
    type: number,
    zxid: Zxid,
    readable: ModelNode,
    except: ReadonlySet<number> = new Set(),
  ): ReadonlySet<number> {
    const watches = table === 'data' ? this.#data : this.#child;
    const watchers = new Set(watches.filter((watch) => watch.path === path).map((watch) => watch.watcher));
    const rest = watches.filter((watch) => watch.path !== path);
    if (table === 'data') this.#data = rest;
    else this.#child = rest;
    for (const watcher of watchers) {
      if ((readable.perms & READ) !== 0 && !except.has(watcher))
        this.#events.push({ watcher, type, path, zxid });
    }
    return watchers;
  }

  #children(path: string): readonly string[] {
    const prefix = path === '/' ? '/' : `${path}/`;
    return [...this.#nodes.keys()]
      .filter((each) => each !== '/' && each.startsWith(prefix) && !each.slice(prefix.length).includes('/'))
      .map((each) => each.slice(prefix.length))
      .sort();
  }

  #stat(path: string, node: ModelNode): Stat {
    const numChildren = this.#children(path).length;
    return {
      czxid: node.czxid,
      mzxid: node.mzxid,
      ctime: node.ctime,
      mtime: node.mtime,
      version: node.version,
      cversion: 2 * node.creates - numChildren,
      aversion: node.aversion,
      ephemeralOwner: node.owner,
      dataLength: node.data.length,
      numChildren,
      pzxid: node.pzxid,
    };
  }
}

function newNode(perms: number): ModelNode {
  const zero = 0 as Zxid;
  return {
    data: '',
    perms,
    czxid: zero,
    mzxid: zero,
    pzxid: zero,
    ctime: 0,
    mtime: 0,
    version: 0,
    aversion: 0,
    creates: 0,
    owner: NO_SESSION,
  };
}

function structuredCloneOf(nodes: ReadonlyMap<string, ModelNode>): Map<string, ModelNode> {
  return new Map([...nodes].map(([path, node]) => [path, { ...node }]));
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
