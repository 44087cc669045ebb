import type { Zxid } from '../../server/base/zxid.ts';
import type { FrameDecoder } from '../../server/wire/frame-decoder.ts';
import { JuteReader } from '../../server/wire/jute-reader.ts';
import { JuteWriter } from '../../server/wire/jute-writer.ts';
import { OpCode, SpecialXid } from '../../server/wire/opcode.ts';
import { Perms } from '../../server/wire/records/acl.ts';
import type { Acl } from '../../server/wire/records/acl.ts';
import { writeAuthPacket } from '../../server/wire/records/auth.ts';
import { readCreate2Response, writeCreateRequest } from '../../server/wire/records/create.ts';
import { writeDeleteRequest } from '../../server/wire/records/delete.ts';
import { readExistsResponse, writeExistsRequest } from '../../server/wire/records/exists.ts';
import { readGetAclResponse, writeGetAclRequest } from '../../server/wire/records/get-acl.ts';
import { readGetChildren2Response, writeGetChildrenRequest } from '../../server/wire/records/get-children.ts';
import { readGetDataResponse, writeGetDataRequest } from '../../server/wire/records/get-data.ts';
import { writeMultiRequest } from '../../server/wire/records/multi-request.ts';
import type { MultiOp } from '../../server/wire/records/multi-request.ts';
import { readMultiResponse } from '../../server/wire/records/multi-response.ts';
import type { MultiResult } from '../../server/wire/records/multi-response.ts';
import { writeReconfigRequest } from '../../server/wire/records/reconfig.ts';
import type { ReconfigRequest } from '../../server/wire/records/reconfig.ts';
import { readSetAclResponse, writeSetAclRequest } from '../../server/wire/records/set-acl.ts';
import { readSetDataResponse, writeSetDataRequest } from '../../server/wire/records/set-data.ts';
import { writeSetWatches } from '../../server/wire/records/set-watches.ts';
import type { Stat } from '../../server/wire/records/stat.ts';
import { readSyncResponse, writeSyncRequest } from '../../server/wire/records/sync.ts';
import { EventType, readWatcherEvent } from '../../server/wire/records/watcher-event.ts';
import type { WatcherEvent } from '../../server/wire/records/watcher-event.ts';
import { parseConnectString } from './connect-string.ts';
import type { ConnectString, ServerAddress } from './connect-string.ts';
import { Connection, REPLY_HEADER_BYTES } from './connection.ts';
import type { ConnectionEnd, ConnectionHandler, Session } from './connection.ts';
import { KeeperError, NoSessionError } from './keeper-errors.ts';
import type { OpenStream } from './tcp-stream.ts';

export interface ClientOptions {
  readonly connectString: string;
  /** Asked for; 10,000 ms unless told. */
  readonly sessionTimeoutMs?: number;
  /** How long `Client.connect` tries; 10,000 ms unless told. */
  readonly connectTimeoutMs?: number;
  /** Attach to this session instead of making one. */
  readonly session?: Session;
  /** Where its connections come from; TCP unless told. */
  readonly open?: OpenStream;
}

/** Anyone may do anything. */
export const OPEN_ACL: readonly Acl[] = [{ perms: Perms.all, scheme: 'world', id: 'anyone' }];

export type Watcher = (event: WatcherEvent, zxid: number) => void;

const CONNECTION_LOSS = -4;
const SESSION_EXPIRED = -112;
const NO_NODE = -101;
const TICK_MS = 100;
const RETRY_MS = 20;

interface Pending {
  readonly path: string | undefined;
  readonly read: (reader: JuteReader) => unknown;
  /** Called with the answer's error code, before anything else of the same chunk is looked at. */
  readonly answered: ((err: number) => void) | undefined;
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

type WatchKind = 'data' | 'exist' | 'child';

/**
 * A ZooKeeper client for tools, tests and checks, where one wants to await an answer: everything the load needs
 * to be fast is left out. Requests may be made without waiting for the answers to earlier ones; they are sent
 * together and answered in order.
 *
 * After a lost connection it attaches the same session to the next server by itself and sets its watches again.
 * What was in flight is rejected with ConnectionLoss, as is what is asked before it is connected again: whether
 * to repeat it only the caller can know. Once the session has expired everything is rejected with SessionExpired.
 */
export class Client {
  readonly #target: ConnectString;
  readonly #options: ClientOptions;
  readonly #reader = new JuteReader();
  readonly #writer = new JuteWriter();
  readonly #timer: NodeJS.Timeout;
  #connection: Connection | null = null;
  #session: Session | undefined;
  #pending: Pending[] = [];
  #auths: { readonly pending: Pending }[] = [];
  #credentials: { readonly scheme: string; readonly auth: Uint8Array }[] = [];
  #watches: Record<WatchKind, Map<string, Set<Watcher>>> = {
    data: new Map(),
    exist: new Map(),
    child: new Map(),
  };
  #server = 0;
  #nextXid = 1;
  #lastZxidSeen = 0;
  #willFlush = false;
  #end: 'closing' | 'closed' | 'expired' | null = null;
  #retry: NodeJS.Timeout | null = null;
  #onOpened: (() => void)[] = [];
  #onEnded: (() => void)[] = [];

  /** Resolves when the session is established. @throws NoSessionError naming the servers when that takes too long. */
  static async connect(options: ClientOptions): Promise<Client> {
    const client = new Client(options);
    const timeoutMs = options.connectTimeoutMs ?? 10_000;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(
          new NoSessionError(
            `No session with ${options.connectString} within ${timeoutMs} ms: does a server run there?`,
          ),
        );
        client.destroy();
      }, timeoutMs);
      client.#onOpened.push(() => {
        clearTimeout(timer);
        resolve();
      });
      client.#onEnded.push(() => {
        clearTimeout(timer);
        reject(new KeeperError(SESSION_EXPIRED));
      });
    });
    return client;
  }

  private constructor(options: ClientOptions) {
    this.#options = options;
    this.#target = parseConnectString(options.connectString);
    this.#session = options.session;
    this.#timer = setInterval(() => this.#connection?.tick(performance.now()), TICK_MS);
    this.#connect();
  }

  /** Undefined before the first is established. */
  get session(): Session | undefined {
    return this.#session;
  }

  get isConnected(): boolean {
    return this.#connection?.isOpen === true;
  }

  /** Closed or expired: it will not be connected again. */
  get hasEnded(): boolean {
    return this.#end === 'closed' || this.#end === 'expired';
  }

  /** Resolves as soon as it is connected, or will never be again. */
  untilConnected(): Promise<void> {
    if (this.isConnected || this.#end !== null) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onOpened.push(resolve);
      this.#onEnded.push(resolve);
    });
  }

  get lastZxidSeen(): Zxid {
    return Math.max(this.#lastZxidSeen, this.#connection?.lastZxidSeen ?? 0) as Zxid;
  }

  /** @returns the path, which ends in a number for a sequential znode, and its Stat. */
  create(
    path: string,
    data: Uint8Array | null = null,
    options: { readonly flags?: number; readonly acl?: readonly Acl[] } = {},
  ): Promise<{ readonly path: string; readonly stat: Stat }> {
    const { flags = 0, acl = OPEN_ACL } = options;
    return this.#request(
      OpCode.create2,
      path,
      (writer) => writeCreateRequest(writer, { path: this.#full(path), data, acl, flags }),
      (reader) => {
        const response = readCreate2Response(reader);
        return { path: this.#short(response.path), stat: response.stat };
      },
    );
  }

  /**
   * Changes who belongs to the ensemble (protocol §5.4); takes the right to write `/zookeeper/config`.
   * @returns the new configuration's text.
   */
  reconfig(
    change: Partial<ReconfigRequest>,
  ): Promise<{ readonly data: Uint8Array | null; readonly stat: Stat }> {
    const { joiningServers = null, leavingServers = null, newMembers = null, curConfigId = -1 } = change;
    return this.#request(
      OpCode.reconfig,
      '/zookeeper/config',
      (writer) => writeReconfigRequest(writer, { joiningServers, leavingServers, newMembers, curConfigId }),
      (reader) => {
        const { data, stat } = readGetDataResponse(reader);
        // The reader's bytes are gone when this returns.
        return { data: data?.slice() ?? null, stat };
      },
    );
  }

  delete(path: string, version = -1): Promise<void> {
    return this.#request(
      OpCode.delete,
      path,
      (writer) => writeDeleteRequest(writer, { path: this.#full(path), version }),
      () => undefined,
    );
  }

  /** Null if there is no such znode. The watch is set either way. */
  async exists(path: string, watcher?: Watcher): Promise<Stat | null> {
    try {
      return await this.#request(
        OpCode.exists,
        path,
        (writer) => writeExistsRequest(writer, { path: this.#full(path), watch: watcher !== undefined }),
        (reader) => readExistsResponse(reader).stat,
        (err) => {
          if (err === 0) this.#watch('data', path, watcher);
          if (err === NO_NODE) this.#watch('exist', path, watcher);
        },
      );
    } catch (error) {
      if (error instanceof KeeperError && error.code === NO_NODE) return null;
      throw error;
    }
  }

  getData(
    path: string,
    watcher?: Watcher,
  ): Promise<{ readonly data: Uint8Array | null; readonly stat: Stat }> {
    return this.#request(
      OpCode.getData,
      path,
      (writer) => writeGetDataRequest(writer, { path: this.#full(path), watch: watcher !== undefined }),
      (reader) => {
        const { data, stat } = readGetDataResponse(reader);
        // The reader's bytes are gone when this returns.
        return { data: data === null ? null : data.slice(), stat };
      },
      (err) => {
        if (err === 0) this.#watch('data', path, watcher);
      },
    );
  }

  setData(path: string, data: Uint8Array | null, version = -1): Promise<Stat> {
    return this.#request(
      OpCode.setData,
      path,
      (writer) => writeSetDataRequest(writer, { path: this.#full(path), data, version }),
      (reader) => readSetDataResponse(reader).stat,
    );
  }

  getChildren(
    path: string,
    watcher?: Watcher,
  ): Promise<{ readonly children: readonly string[]; readonly stat: Stat }> {
    return this.#request(
      OpCode.getChildren2,
      path,
      (writer) => writeGetChildrenRequest(writer, { path: this.#full(path), watch: watcher !== undefined }),
      (reader) => {
        const { children, stat } = readGetChildren2Response(reader);
        return { children: children ?? [], stat };
      },
      (err) => {
        if (err === 0) this.#watch('child', path, watcher);
      },
    );
  }

  sync(path: string): Promise<string> {
    return this.#request(
      OpCode.sync,
      path,
      (writer) => writeSyncRequest(writer, { path: this.#full(path) }),
      (reader) => this.#short(readSyncResponse(reader).path),
    );
  }

  /**
   * All or nothing. Paths are absolute ones of the server: a chroot is not put before them.
   * @returns the results; if it was refused they are errors, and this resolves all the same.
   */
  multi(ops: readonly MultiOp[]): Promise<readonly MultiResult[]> {
    return this.#request(
      OpCode.multi,
      undefined,
      (writer) => writeMultiRequest(writer, ops),
      (reader) => readMultiResponse(reader).map(ownResult),
    );
  }

  getAcl(path: string): Promise<{ readonly acl: readonly Acl[]; readonly stat: Stat }> {
    return this.#request(
      OpCode.getAcl,
      path,
      (writer) => writeGetAclRequest(writer, { path: this.#full(path) }),
      (reader) => {
        const { acl, stat } = readGetAclResponse(reader);
        return { acl: acl ?? [], stat };
      },
    );
  }

  setAcl(path: string, acl: readonly Acl[], version = -1): Promise<Stat> {
    return this.#request(
      OpCode.setAcl,
      path,
      (writer) => writeSetAclRequest(writer, { path: this.#full(path), acl, version }),
      (reader) => readSetAclResponse(reader).stat,
    );
  }

  /** Adds an identity to the session's connections, this one and later ones. `auth`: for digest `user:password`. */
  async addAuth(scheme: string, auth: string | Uint8Array): Promise<void> {
    const credential = { scheme, auth: typeof auth === 'string' ? new TextEncoder().encode(auth) : auth };
    await this.#sendAuth(credential);
    this.#credentials.push(credential);
  }

  /** Any request, for what has no method here. `path` is only for the error's message. */
  request<T>(
    opCode: number,
    write: (writer: JuteWriter) => void,
    read: (reader: JuteReader) => T,
    path?: string,
  ): Promise<T> {
    return this.#request(opCode, path, write, read);
  }

  /** Ends the session; its ephemeral znodes are gone when this resolves. */
  async close(): Promise<void> {
    if (this.#end !== null) return;
    this.#end = 'closing';
    const ended = new Promise<void>((resolve) => this.#onEnded.push(resolve));
    if (this.#connection === null) this.#finish('closed');
    else {
      this.#flush();
      this.#connection.closeSession();
    }
    await ended;
  }

  /** Drops the connection and makes no other; the session lives on until it expires. */
  destroy(): void {
    if (this.#end === 'closed' || this.#end === 'expired') return;
    this.#end = 'closing';
    if (this.#connection === null) this.#finish('closed');
    else this.#connection.destroy();
  }

  /** Cuts the connection as a network would: the client attaches its session to the next server. For tests. */
  dropConnection(): void {
    this.#connection?.destroy();
  }

  // Connecting

  #connect(): void {
    const { servers } = this.#target;
    this.#retry = null;
    this.#connection = new Connection(
      {
        server: servers[this.#server++ % servers.length] as ServerAddress,
        sessionTimeoutMs: this.#options.sessionTimeoutMs ?? 10_000,
        session: this.#session,
        firstXid: this.#nextXid,
        lastZxidSeen: this.#lastZxidSeen,
        ...(this.#options.open === undefined ? {} : { open: this.#options.open }),
      },
      this.#handler(),
      performance.now(),
    );
  }

  #handler(): ConnectionHandler {
    return {
      opened: (session) => this.#opened(session),
      reply: (err, _zxid, frames) => this.#reply(err, frames),
      watchEvent: (zxid, frames) => this.#event(zxid, frames),
      specialReply: (xid, err) => this.#specialReply(xid, err),
      turnEnded: () => this.#connection?.flush(),
      ended: (end) => this.#ended(end),
    };
  }

  #opened(session: Session): void {
    this.#session = session;
    for (const credential of this.#credentials) this.#sendAuth(credential).catch(() => {});
    this.#sendWatches();
    for (const opened of this.#onOpened.splice(0)) opened();
  }

  #ended(end: ConnectionEnd): void {
    this.#lastZxidSeen = this.lastZxidSeen;
    this.#nextXid = this.#connection?.upcomingXid ?? 1;
    this.#connection = null;
    const isOver = end === 'expired' || this.#end !== null;
    this.#rejectAll(end === 'expired' ? SESSION_EXPIRED : CONNECTION_LOSS);
    if (isOver) this.#finish(end === 'expired' ? 'expired' : 'closed');
    else this.#retry = setTimeout(() => this.#connect(), RETRY_MS);
  }

  #finish(end: 'closed' | 'expired'): void {
    this.#end = end;
    clearInterval(this.#timer);
    if (this.#retry !== null) clearTimeout(this.#retry);
    for (const ended of this.#onEnded.splice(0)) ended();
  }

  #rejectAll(code: number): void {
    const all = [...this.#pending, ...this.#auths.map(({ pending }) => pending)];
    this.#pending = [];
    this.#auths = [];
    for (const pending of all) pending.reject(new KeeperError(code, pending.path));
  }

  // Requests

  #request<T>(
    opCode: number,
    path: string | undefined,
    write: (writer: JuteWriter) => void,
    read: (reader: JuteReader) => T,
    answered?: (err: number) => void,
  ): Promise<T> {
    const connection = this.#connection;
    if (this.#end === 'expired') return Promise.reject(new KeeperError(SESSION_EXPIRED, path));
    if (this.#end !== null || connection === null || !connection.isOpen) {
      return Promise.reject(new KeeperError(CONNECTION_LOSS, path));
    }
    return new Promise<T>((resolve, reject) => {
      const frame = this.#beginFrame(connection.nextXid(), opCode);
      write(this.#writer);
      this.#writer.endFrame(frame);
      connection.output.raw(this.#writer.bytes());
      this.#pending.push({ path, read, answered, resolve, reject });
      this.#flushSoon();
    });
  }

  #beginFrame(xid: number, opCode: number): number {
    this.#writer.clear();
    const frame = this.#writer.reserveInt();
    this.#writer.int(xid);
    this.#writer.int(opCode);
    return frame;
  }

  /** What is asked for in one go leaves in one write. */
  #flushSoon(): void {
    if (this.#willFlush) return;
    this.#willFlush = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#willFlush = false;
    this.#connection?.flush();
  }

  #reply(err: number, frames: FrameDecoder): void {
    const pending = this.#pending.shift();
    // Nothing is pending for the answer to closeSession.
    if (pending === undefined) return;
    pending.answered?.(err);
    if (err !== 0) {
      pending.reject(new KeeperError(err, pending.path));
      return;
    }
    this.#reader.reset(frames.bytes, frames.view, frames.start + REPLY_HEADER_BYTES, frames.end);
    try {
      pending.resolve(pending.read(this.#reader) as never);
    } catch (error) {
      pending.reject(error as Error);
      throw error;
    }
  }

  #sendAuth({ scheme, auth }: { readonly scheme: string; readonly auth: Uint8Array }): Promise<void> {
    const connection = this.#connection;
    if (connection === null || !connection.isOpen) return Promise.reject(new KeeperError(CONNECTION_LOSS));
    return new Promise<void>((resolve, reject) => {
      const frame = this.#beginFrame(SpecialXid.auth, OpCode.auth);
      writeAuthPacket(this.#writer, { type: 0, scheme, auth });
      this.#writer.endFrame(frame);
      connection.output.raw(this.#writer.bytes());
      this.#auths.push({
        pending: { path: undefined, read: () => undefined, answered: undefined, resolve, reject },
      });
      this.#flushSoon();
    });
  }

  #specialReply(xid: number, err: number): void {
    if (xid !== SpecialXid.auth) return;
    const pending = this.#auths.shift()?.pending;
    if (err === 0) pending?.resolve(undefined as never);
    else pending?.reject(new KeeperError(err));
  }

  // Watches

  #watch(kind: WatchKind, path: string, watcher: Watcher | undefined): void {
    if (watcher === undefined) return;
    const full = this.#full(path);
    const watchers = this.#watches[kind].get(full) ?? new Set();
    watchers.add(watcher);
    this.#watches[kind].set(full, watchers);
  }

  #event(zxid: number, frames: FrameDecoder): void {
    this.#reader.reset(frames.bytes, frames.view, frames.start + REPLY_HEADER_BYTES, frames.end);
    const event = readWatcherEvent(this.#reader);
    const { path } = event;
    const watchers = new Set<Watcher>();
    for (const kind of watchesFiredBy(event.type)) {
      for (const watcher of this.#watches[kind].get(path) ?? []) watchers.add(watcher);
      this.#watches[kind].delete(path);
    }
    for (const watcher of watchers) watcher({ ...event, path: this.#short(path) }, zxid);
  }

  /** Watches live with the connection: a new one is told of them, and answers with what was missed meanwhile. */
  #sendWatches(): void {
    const { data, exist, child } = this.#watches;
    if (data.size + exist.size + child.size === 0) return;
    const frame = this.#beginFrame(SpecialXid.setWatches, OpCode.setWatches);
    writeSetWatches(this.#writer, {
      relativeZxid: this.lastZxidSeen,
      dataWatches: [...data.keys()],
      existWatches: [...exist.keys()],
      childWatches: [...child.keys()],
    });
    this.#writer.endFrame(frame);
    this.#connection?.output.raw(this.#writer.bytes());
    this.#flushSoon();
  }

  #full(path: string): string {
    if (this.#target.chroot === '') return path;
    return path === '/' ? this.#target.chroot : this.#target.chroot + path;
  }

  #short(path: string): string {
    const { chroot } = this.#target;
    if (chroot === '' || !path.startsWith(chroot)) return path;
    return path.slice(chroot.length) || '/';
  }
}

/** An event ends the watches it fires, which one connection may have in several tables (protocol §8.5). */
function watchesFiredBy(type: number): readonly WatchKind[] {
  switch (type) {
    case EventType.nodeChildrenChanged:
      return ['child'];
    case EventType.nodeDeleted:
      return ['data', 'exist', 'child'];
    default:
      return ['data', 'exist'];
  }
}

/** The result with memory of its own where it had a view of the frame's. */
function ownResult(result: MultiResult): MultiResult {
  if (result.type !== OpCode.getData) return result;
  const { data, stat } = result.response;
  return { type: result.type, response: { data: data === null ? null : data.slice(), stat } };
}
