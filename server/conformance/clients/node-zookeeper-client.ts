import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { type CaseResult, type ClientSuite, runCase } from './suite.ts';

const require = createRequire(import.meta.url);
const PACKAGE = 'node-zookeeper-client';

// The package has no types; these are the parts of it that the cases use.
interface ZkError extends Error {
  getCode(): number;
}
/** It passes null or nothing when all went well. */
type Callback<T extends unknown[]> = (error: ZkError | null | undefined, ...results: T) => void;
interface Stat {
  readonly version: number;
  readonly numChildren: number;
  readonly dataLength: number;
  readonly czxid: Uint8Array;
  readonly ephemeralOwner: Uint8Array;
}
interface WatchEvent {
  readonly type: number;
  readonly path: string;
}
type Watcher = (event: WatchEvent) => void;
interface Transaction {
  create(path: string, data?: Buffer): Transaction;
  check(path: string, version?: number): Transaction;
  setData(path: string, data: Buffer, version?: number): Transaction;
  remove(path: string, version?: number): Transaction;
  commit(callback: Callback<[unknown[]]>): void;
}
interface Client {
  connect(): void;
  close(): void;
  once(event: 'connected' | 'disconnected', listener: () => void): void;
  getSessionId(): Uint8Array;
  addAuthInfo(scheme: string, auth: Uint8Array): void;
  create(
    path: string,
    data: Buffer | null,
    acls: unknown[],
    mode: number,
    callback: Callback<[string]>,
  ): void;
  remove(path: string, version: number, callback: Callback<[]>): void;
  removeRecursive(path: string, version: number, callback: Callback<[]>): void;
  setData(path: string, data: Buffer, version: number, callback: Callback<[Stat]>): void;
  getData(path: string, watcher: Watcher | null, callback: Callback<[Buffer | undefined, Stat]>): void;
  setACL(path: string, acls: unknown[], version: number, callback: Callback<[Stat]>): void;
  getACL(path: string, callback: Callback<[unknown[], Stat]>): void;
  exists(path: string, watcher: Watcher | null, callback: Callback<[Stat | null]>): void;
  getChildren(path: string, watcher: Watcher | null, callback: Callback<[string[], Stat]>): void;
  mkdirp(path: string, callback: Callback<[string]>): void;
  transaction(): Transaction;
}
interface Library {
  createClient(connectString: string, options?: { sessionTimeout?: number }): Client;
  readonly ACL: { readonly OPEN_ACL_UNSAFE: unknown[]; readonly CREATOR_ALL_ACL: unknown[] };
  readonly CreateMode: Record<'PERSISTENT' | 'EPHEMERAL' | 'PERSISTENT_SEQUENTIAL', number>;
  readonly Event: Record<
    'NODE_CREATED' | 'NODE_DELETED' | 'NODE_DATA_CHANGED' | 'NODE_CHILDREN_CHANGED',
    number
  >;
  readonly Exception: Record<'NO_NODE' | 'NODE_EXISTS' | 'BAD_VERSION' | 'NOT_EMPTY' | 'NO_AUTH', number>;
}

interface Context {
  readonly library: Library;
  readonly client: Client;
  readonly root: string;
  readonly address: string;
}

const CASES: Readonly<Record<string, (context: Context) => Promise<void>>> = {
  createReadChangeRemove,
  errors,
  sequences,
  ephemerals,
  watches,
  acls,
  transactions,
  failedTransactions,
  trees,
  manyInFlight,
};

/** The npm package node-zookeeper-client, a client in JavaScript without a test suite that needs a server. */
export const nodeZookeeperClient: ClientSuite = {
  name: 'node-zookeeper-client',
  whyUnavailable: () => {
    try {
      require.resolve(PACKAGE);
      return false;
    } catch {
      return `the npm package ${PACKAGE} is not installed (npm ci without --omit=dev)`;
    }
  },
  run: async (address) => {
    const library = require(PACKAGE) as Library;
    const client = await connect(library, address);
    const base = await create(client, '/nzc-', library.CreateMode.PERSISTENT_SEQUENTIAL);
    const results: CaseResult[] = [];
    for (const [name, body] of Object.entries(CASES)) {
      const root = await create(client, `${base}/${name}`);
      results.push(await runCase(name, () => body({ library, client, root, address })));
    }
    await close(client);
    return results;
  },
};

async function createReadChangeRemove({ client, root }: Context): Promise<void> {
  const path = `${root}/a`;
  assert.equal(await create(client, path, 0, Buffer.from('one')), path);
  const [data, stat] = await call<[Buffer | undefined, Stat]>((done) => client.getData(path, null, done));
  assert.equal(String(data), 'one');
  assert.deepEqual([stat.version, stat.dataLength, stat.numChildren], [0, 3, 0]);
  const [changed] = await call<[Stat]>((done) => client.setData(path, Buffer.from('two'), 0, done));
  assert.equal(changed.version, 1);
  assert.deepEqual(changed.czxid, stat.czxid);
  await call<[]>((done) => client.remove(path, 1, done));
  const [gone] = await call<[Stat | null]>((done) => client.exists(path, null, done));
  assert.equal(gone, null);
}

async function errors({ client, root, library: { Exception } }: Context): Promise<void> {
  await create(client, `${root}/a`);
  assert.equal(await codeOf(create(client, `${root}/a`)), Exception.NODE_EXISTS);
  assert.equal(await codeOf(create(client, `${root}/x/y`)), Exception.NO_NODE);
  const bad = call<[]>((done) => client.remove(`${root}/a`, 7, done));
  assert.equal(await codeOf(bad), Exception.BAD_VERSION);
  const full = call<[]>((done) => client.remove(root, -1, done));
  assert.equal(await codeOf(full), Exception.NOT_EMPTY);
}

async function sequences({ client, root, library: { CreateMode } }: Context): Promise<void> {
  const names: string[] = [];
  for (let i = 0; i < 3; i++)
    names.push(await create(client, `${root}/s-`, CreateMode.PERSISTENT_SEQUENTIAL));
  assert.deepEqual(
    names,
    [0, 1, 2].map((i) => `${root}/s-000000000${i}`),
  );
}

async function ephemerals({ client, root, library, address }: Context): Promise<void> {
  const other = await connect(library, address);
  const path = await create(other, `${root}/e`, library.CreateMode.EPHEMERAL);
  const gone = new Promise<WatchEvent>((resolve) => {
    client.exists(path, resolve, (_error, stat) => {
      assert.deepEqual(stat?.ephemeralOwner, other.getSessionId());
      void close(other);
    });
  });
  assert.equal((await gone).type, library.Event.NODE_DELETED);
}

async function watches({ client, root, library: { Event } }: Context): Promise<void> {
  const path = `${root}/w`;
  const created = new Promise<WatchEvent>((resolve) => client.exists(path, resolve, () => {}));
  await create(client, path);
  assert.deepEqual([(await created).type, (await created).path], [Event.NODE_CREATED, path]);
  const changed = new Promise<WatchEvent>((resolve) => client.getData(path, resolve, () => {}));
  await call<[Stat]>((done) => client.setData(path, Buffer.from(''), -1, done));
  assert.equal((await changed).type, Event.NODE_DATA_CHANGED);
  const children = new Promise<WatchEvent>((resolve) => client.getChildren(root, resolve, () => {}));
  const deleted = new Promise<WatchEvent>((resolve) => client.getData(path, resolve, () => {}));
  await call<[]>((done) => client.remove(path, -1, done));
  assert.equal((await deleted).type, Event.NODE_DELETED);
  assert.equal((await children).type, Event.NODE_CHILDREN_CHANGED);
}

async function acls({ client, root, library, address }: Context): Promise<void> {
  const owner = await connect(library, address);
  owner.addAuthInfo('digest', Buffer.from('bob:pw'));
  const path = `${root}/secret`;
  const { CREATOR_ALL_ACL, OPEN_ACL_UNSAFE } = library.ACL;
  await call<[string]>((done) => owner.create(path, Buffer.from('x'), CREATOR_ALL_ACL, 0, done));
  const read = call<[Buffer | undefined, Stat]>((done) => client.getData(path, null, done));
  assert.equal(await codeOf(read), library.Exception.NO_AUTH);
  const [acl] = await call<[unknown[], Stat]>((done) => owner.getACL(path, done));
  assert.match(JSON.stringify(acl), /"bob:ikIaKsbtGweaHnb/);
  await call<[Stat]>((done) => owner.setACL(path, OPEN_ACL_UNSAFE, -1, done));
  const [data] = await call<[Buffer | undefined, Stat]>((done) => client.getData(path, null, done));
  assert.equal(String(data), 'x');
  await close(owner);
}

async function transactions({ client, root }: Context): Promise<void> {
  const [results] = await call<[unknown[]]>((done) =>
    client
      .transaction()
      .create(`${root}/a`, Buffer.from('x'))
      .setData(`${root}/a`, Buffer.from('y'))
      .check(`${root}/a`)
      .create(`${root}/b`)
      .remove(`${root}/b`)
      .commit(done),
  );
  assert.equal(results.length, 5);
  const [data] = await call<[Buffer | undefined, Stat]>((done) => client.getData(`${root}/a`, null, done));
  assert.equal(String(data), 'y');
}

async function failedTransactions({ client, root, library: { Exception } }: Context): Promise<void> {
  const failing = call<[unknown[]]>((done) =>
    client.transaction().create(`${root}/a`).remove(`${root}/absent`).commit(done),
  );
  assert.equal(await codeOf(failing), Exception.NO_NODE);
  const [names] = await call<[string[], Stat]>((done) => client.getChildren(root, null, done));
  assert.deepEqual(names, []);
}

async function trees({ client, root }: Context): Promise<void> {
  await call<[string]>((done) => client.mkdirp(`${root}/a/b`, done));
  await create(client, `${root}/a/c`);
  const [below, stat] = await call<[string[], Stat]>((done) => client.getChildren(`${root}/a`, null, done));
  assert.deepEqual(below.sort(), ['b', 'c']);
  assert.equal(stat.numChildren, 2);
  await call<[]>((done) => client.removeRecursive(`${root}/a`, -1, done));
  const [names] = await call<[string[], Stat]>((done) => client.getChildren(root, null, done));
  assert.deepEqual(names, []);
}

async function manyInFlight({ client, root }: Context): Promise<void> {
  const stats = await Promise.all(
    Array.from({ length: 500 }, (_, i) =>
      call<[Stat]>((done) => client.setData(root, Buffer.from(String(i)), -1, done)),
    ),
  );
  assert.deepEqual(
    stats.map(([stat]) => stat.version),
    Array.from({ length: 500 }, (_, i) => i + 1),
  );
}

function connect(library: Library, address: string): Promise<Client> {
  const client = library.createClient(address, { sessionTimeout: 10_000 });
  return new Promise((resolve) => {
    client.once('connected', () => resolve(client));
    client.connect();
  });
}

function close(client: Client): Promise<void> {
  return new Promise((resolve) => {
    client.once('disconnected', resolve);
    client.close();
  });
}

async function create(client: Client, path: string, mode = 0, data: Buffer | null = null): Promise<string> {
  const library = require(PACKAGE) as Library;
  const [created] = await call<[string]>((done) =>
    client.create(path, data, library.ACL.OPEN_ACL_UNSAFE, mode, done),
  );
  return created;
}

function call<T extends unknown[]>(start: (done: Callback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, ...results) => (error === null || error === undefined ? resolve(results) : reject(error)));
  });
}

async function codeOf(failing: Promise<unknown>): Promise<number> {
  try {
    await failing;
  } catch (error) {
    return (error as ZkError).getCode();
  }
  throw new Error('it did not fail');
}
