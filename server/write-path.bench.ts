import type { ByteStream } from './base/ports.ts';
import { Prng } from './base/prng.ts';
import { ZXID_ZERO } from './base/zxid.ts';
import { ClientConnection } from './pipeline/client-connection.ts';
import { connectFrame, requestFrame } from './pipeline/testing/test-client.ts';
import { TestServer } from './pipeline/testing/test-server.ts';
import type { Completion, Disk, DiskFile } from './storage/disk.ts';
import { GroupCommit } from './storage/group-commit.ts';
import { OpCode } from './wire/opcode.ts';
import { writeCreateRequest } from './wire/records/create.ts';
import { writeSetDataRequest } from './wire/records/set-data.ts';

/**
 * What a write costs the main thread besides the system's own calls: the core, the log and its checksums, between
 * sockets and a disk that do nothing. Processor time, so that other processes disturb it little.
 * `node dist/server/write-path.bench.js [depth] [value bytes]`
 */
const depth = Number(process.argv[2] ?? 100);
const valueBytes = Number(process.argv[3] ?? 1024);
const CONNECTIONS = 20;
const KEYS = 10_000;
const ROUNDS = 11;
const OPS_PER_ROUND = 100_000;
/** What a socket hands over at most at a time. */
const CHUNK_BYTES = 64 << 10;
/** Of different requests a connection sends before it begins again. */
const TURNS = 4;

/** Takes everything at once; answers when told to. */
class IdleDisk implements Disk, DiskFile {
  readonly path = '';
  #waiting: (() => void)[] = [];

  complete(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const done of waiting) done();
  }

  open(_path: string, _mode: string, done: Completion<DiskFile>): void {
    this.#waiting.push(() => done(null, this));
  }

  write(buffers: readonly Uint8Array[], _offset: number, done: Completion<number>): void {
    const length = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
    this.#waiting.push(() => done(null, length));
  }

  rename(_from: string, _to: string, done: Completion<void>): void {
    this.#waiting.push(() => done(null));
  }

  syncDirectory(_directory: string, done: Completion<void>): void {
    this.#waiting.push(() => done(null));
  }

  flush(done: Completion<void>): void {
    this.#waiting.push(() => done(null));
  }

  close(done: Completion<void>): void {
    this.#waiting.push(() => done(null));
  }

  readonly unlink = isNotOnThePath;
  readonly sync = isNotOnThePath;
  readonly list = isNotOnThePath;
  readonly mkdir = isNotOnThePath;
  readonly read = isNotOnThePath;
  readonly truncate = isNotOnThePath;
  readonly size = isNotOnThePath;
}

function isNotOnThePath(): never {
  throw new Error('a write does not do this');
}

class IdleSocket implements ByteStream {
  readonly remoteAddress = '127.0.0.1';
  readonly remotePort = 1;
  readonly queuedBytes = 0;

  write(): boolean {
    return true;
  }

  end(): void {}
  destroy(): void {}
  pause(): void {}
  resume(): void {}
}

const disk = new IdleDisk();
const log = new GroupCommit({
  disk,
  directory: '',
  lastDurable: ZXID_ZERO,
  txnSizeMax: 2 << 20,
  preallocateBytes: 0,
  forceSync: true,
  onDurable: (upTo) => server.core.applyThrough(upTo),
  onFailure: (error) => {
    throw error;
  },
});
const server: TestServer = new TestServer({ log, onApplied: () => undefined });
server.holdsFlushes = true;

function settle(): void {
  do {
    disk.complete();
    server.settle();
  } while (log.waiting > 0);
}

function connect(): ClientConnection {
  const connection = new ClientConnection(server.core, new IdleSocket());
  server.core.onConnectionOpened(connection);
  connection.onBytes(connectFrame({}));
  settle();
  return connection;
}

/** What a connection has in flight, in the chunks it comes in. */
function requestsOf(prng: Prng): readonly Uint8Array[] {
  const data = new Uint8Array(valueBytes);
  const frames = Array.from({ length: depth }, (_, i) =>
    requestFrame(i, OpCode.setData, (writer) => {
      for (let at = 0; at < data.length; at++) data[at] = prng.below(256);
      writeSetDataRequest(writer, { path: pathOf(prng.below(KEYS)), data, version: -1 });
    }),
  );
  const bytes = Buffer.concat(frames);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) chunks.push(bytes.subarray(at, at + CHUNK_BYTES));
  return chunks;
}

function pathOf(key: number): string {
  return `/bench/key-${String(key).padStart(8, '0')}`;
}

const connections = Array.from({ length: CONNECTIONS }, () => connect());
const acl = [{ perms: 31, scheme: 'world', id: 'anyone' }];
const create = (path: string): void => {
  connections[0]?.onBytes(
    requestFrame(0, OpCode.create, (writer) => {
      writeCreateRequest(writer, { path, data: new Uint8Array(valueBytes), acl, flags: 0 });
    }),
  );
};
create('/bench');
for (let key = 0; key < KEYS; key++) {
  create(pathOf(key));
  settle();
}

const prng = new Prng(1);
const turns = Array.from({ length: TURNS }, () => connections.map(() => requestsOf(prng)));
const nsPerOp: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const opsPerTurn = CONNECTIONS * depth;
  const turnCount = Math.ceil(OPS_PER_ROUND / opsPerTurn);
  const before = process.cpuUsage();
  for (let turn = 0; turn < turnCount; turn++) {
    const requests = turns[turn % TURNS] ?? [];
    for (const [i, connection] of connections.entries()) {
      for (const chunk of requests[i] ?? []) connection.onBytes(chunk);
    }
    settle();
  }
  const { user, system } = process.cpuUsage(before);
  nsPerOp.push(((user + system) * 1000) / (turnCount * opsPerTurn));
}
nsPerOp.sort((a, b) => a - b);
const at = (share: number): string => (nsPerOp[Math.floor(share * (ROUNDS - 1))] ?? 0).toFixed(0);
console.log(
  `setData, ${valueBytes} bytes, ${CONNECTIONS} × ${depth}: median ${at(0.5)} ns/op, best ${at(0)}, worst ${at(1)}`,
);
