import { JuteReader } from '../../wire/jute-reader.ts';
import { JuteWriter } from '../../wire/jute-writer.ts';
import { RawConnection } from '../sequence/connection.ts';
import { showData } from '../sequence/describe.ts';
import { type Operation, auth, closeSession, getAcl, getChildren, getData } from '../sequence/operations.ts';

/** Each server makes this one for itself, so it is not a part of what they share. */
const OWN_NODE = '/zookeeper/config';
const STAT_FIELDS = ['czxid', 'mzxid', 'ctime', 'mtime'] as const;

/**
 * Everything a server has, one line a node in the order of paths: data, every field of the stat as it is, ACL.
 * Two servers with the same data directory must give the same lines. Reads as the superuser, whose password is
 * "test" (SEQUENCE_CONFIG).
 */
export async function dumpTree(address: string): Promise<string[]> {
  const reader = await TreeReader.open(address);
  const lines: string[] = [];
  const paths = ['/'];
  for (let path = paths.shift(); path !== undefined; path = paths.shift()) {
    if (path !== OWN_NODE) lines.push(await reader.describe(path));
    const prefix = path === '/' ? '' : path;
    paths.push(...(await reader.children(path)).map((name) => `${prefix}/${name}`));
  }
  await reader.close();
  return lines.sort();
}

/** One request at a time; whatever is refused is a failure of the run. */
class TreeReader {
  readonly #connection: RawConnection;
  #xid = 0;

  private constructor(connection: RawConnection) {
    this.#connection = connection;
  }

  static async open(address: string): Promise<TreeReader> {
    const connection = await RawConnection.open(address);
    const writer = new JuteWriter();
    const frame = writer.reserveInt();
    writer.int(0);
    writer.long(0);
    writer.int(30_000);
    writer.bigLong(0n);
    writer.buffer(new Uint8Array(16));
    writer.bool(false);
    writer.endFrame(frame);
    connection.send(writer.bytes());
    await connection.next();
    const reader = new TreeReader(connection);
    await reader.#ask(auth('digest', 'super:test'));
    return reader;
  }

  async children(path: string): Promise<string[]> {
    return (await this.#ask(getChildren(path))).vector((r) => r.string()) ?? [];
  }

  async describe(path: string): Promise<string> {
    const node = await this.#ask(getData(path));
    const data = showData(node.buffer());
    const stat = describeStat(node);
    const acl = (await this.#ask(getAcl(path))).vector((r) => `${r.int()}:${r.string()}:${r.string()}`);
    return `${path} ${data} ${stat} acl=${(acl ?? []).join(',')}`;
  }

  async close(): Promise<void> {
    await this.#ask(closeSession);
    await this.#connection.close();
  }

  async #ask(operation: Operation): Promise<JuteReader> {
    const writer = new JuteWriter();
    const frame = writer.reserveInt();
    writer.int(operation.xid ?? ++this.#xid);
    writer.int(operation.type);
    operation.write(writer);
    writer.endFrame(frame);
    this.#connection.send(writer.bytes());
    const arrival = await this.#connection.next();
    if (arrival.type === 'closed') throw new Error(`the server closed the connection at ${operation.what}`);
    const reader = new JuteReader(arrival.payload);
    reader.int();
    reader.long();
    const err = reader.int();
    if (err !== 0) throw new Error(`${operation.what} was answered ${err}`);
    return reader;
  }
}

function describeStat(reader: JuteReader): string {
  const longs = STAT_FIELDS.map((name) => `${name}=${reader.long()}`);
  const versions = `version=${reader.int()} cversion=${reader.int()} aversion=${reader.int()}`;
  const owner = `owner=0x${BigInt.asUintN(64, reader.bigLong()).toString(16)}`;
  const sizes = `length=${reader.int()} children=${reader.int()}`;
  return `${longs.join(' ')} ${versions} ${owner} ${sizes} pzxid=${reader.long()}`;
}
