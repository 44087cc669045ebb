import { assert } from '../../server/base/assert.ts';
import { directoryOf } from '../../server/storage/file-names.ts';
import type { Prng } from '../../server/base/prng.ts';
import type { Completion, Disk, DiskFile, OpenMode } from '../../server/storage/disk.ts';
import { StorageError } from '../../server/storage/storage-error.ts';
import type { Lifetime } from './lifetime.ts';
import { SimInode } from './sim-inode.ts';
import { EventKind, type SimWorld } from './sim-world.ts';

export type DiskOpType =
  | 'open'
  | 'create'
  | 'rename'
  | 'unlink'
  | 'list'
  | 'mkdir'
  | 'syncDirectory'
  | 'write'
  | 'writeDurably'
  | 'read'
  | 'flush'
  | 'sync'
  | 'truncate'
  | 'size'
  | 'close';

/** One call of the port that has been made and not been answered. */
export interface DiskOp {
  readonly type: DiskOpType;
  readonly path: string;
}

/** What is to happen instead: an errno, or for a write that only so many bytes are taken. */
export type DiskFault = { readonly errno: 'EIO' | 'ENOSPC' } | { readonly bytesTaken: number };

/** A change of names that is lost in a crash unless its directory is synchronised. */
interface NameChange {
  readonly directory: string;
  readonly removed: string | null;
  readonly added: { readonly path: string; readonly inode: SimInode } | null;
}

/** How calls are carried out by themselves, for one life of the process that makes them. */
export interface DiskSchedule {
  readonly world: SimWorld;
  readonly lifetime: Lifetime;
  /** How long a call takes, ms. */
  readonly latencyMs: (op: DiskOp) => number;
}

interface QueuedOp extends DiskOp {
  /** Carries it out and returns what is left to do: telling the caller. */
  readonly execute: (fault: DiskFault | null) => () => void;
}

const BLOCK_BYTES = 4096;

/**
 * A disk in memory that is as treacherous as the real one is allowed to be, and deterministic.
 *
 * Nothing happens by itself: a call waits until `step` carries it out and answers it, so that a test can stop
 * the world between any two; or, once `runBy` has been called, until its time in a simulated world has come.
 * `crash` then gives one of the disks that could be found after a power cut: of
 * what was written and not flushed all, nothing, the beginning or any of its 512-byte sectors; of the names
 * that were changed and not synchronised any; of the calls not answered yet any, and of a durable write that
 * was carried out and not answered any part.
 *
 * Directories made are durable at once. Files are contents and names, without permissions.
 */
export class SimDisk implements Disk {
  readonly #names = new Map<string, SimInode>();
  readonly #directories = new Set<string>(['/']);
  readonly #durableNames = new Map<string, SimInode>();
  #nameChanges: NameChange[] = [];
  #queue: QueuedOp[] = [];

  /** Asked before each call is carried out. */
  faults: (op: DiskOp) => DiskFault | null = () => null;
  /** Whether a failed flush leaves the new bytes readable (ext4, XFS) or brings back the old (btrfs). */
  failedFlushReverts = false;
  /**
   * From which is drawn what a durable write that failed has left on the disk, and for readers, as one past the page cache
   * does: any part of it. Null where it fails as a flush does.
   */
  failedWriteParts: Prng | null = null;
  /** Every call carried out so far, in order, as long as nothing is scheduled. */
  readonly trace: DiskOp[] = [];
  /** Calls carried out. */
  opCount = 0;
  /** Names are listed in an order drawn from this. */
  listOrder: Prng | null = null;
  #schedule: DiskSchedule | null = null;

  /** Calls waiting to be carried out. */
  get queued(): readonly DiskOp[] {
    return this.#queue;
  }

  /** From now on calls are carried out when their time has come, in any order. */
  runBy(schedule: DiskSchedule): void {
    this.#schedule = schedule;
  }

  /** Calls that were to take long take as long as one that is made now. */
  hurry(): void {
    for (const op of this.#queue) this.#plan(op);
  }

  /** Carries out and answers one call: the oldest, or with a `prng` any. False if there was none. */
  step(prng?: Prng): boolean {
    const [op] = this.#queue.splice(prng?.below(Math.max(1, this.#queue.length)) ?? 0, 1);
    if (op === undefined) return false;
    this.#execute(op)();
    return true;
  }

  /** Until nothing waits any more. */
  run(prng?: Prng): void {
    while (this.step(prng));
  }

  /** The process is killed: of its calls any may have been carried out, and nobody hears of them. */
  kill(prng: Prng): void {
    for (const op of this.#queue.splice(0)) if (prng.next() < 0.5) this.#execute(op);
  }

  /** A disk as it could be found after a power cut at this moment. This one is left for nobody's use. */
  crash(prng: Prng): SimDisk {
    this.kill(prng);
    const names = new Map(this.#durableNames);
    const isOrdered = prng.next() < 0.5;
    const keptCount = prng.below(this.#nameChanges.length + 1);
    for (const [i, change] of this.#nameChanges.entries()) {
      if (isOrdered ? i < keptCount : prng.next() < 0.5) applyChange(names, change);
    }
    const image = new SimDisk();
    for (const directory of this.#directories) image.#directories.add(directory);
    for (const [path, inode] of names) image.writeBytes(path, inode.crashImage(prng));
    return image;
  }

  /** Something was changed that a crash may take away. */
  get isDirty(): boolean {
    return this.#nameChanges.length > 0 || [...this.#names.values()].some((inode) => inode.isDirty);
  }

  /** The names of all files, sorted. */
  paths(): string[] {
    return [...this.#names.keys()].sort();
  }

  /** What a reader would get. */
  readBytes(path: string): Uint8Array {
    const inode = this.#names.get(path);
    if (inode === undefined) throw new Error(`no file ${path}`);
    return inode.bytes();
  }

  /** Puts a file there, durably and at once; makes its directory. */
  writeBytes(path: string, bytes: Uint8Array): void {
    const inode = new SimInode();
    inode.write(bytes, 0);
    inode.flush();
    this.#directories.add(directoryOf(path));
    this.#names.set(path, inode);
    this.#durableNames.set(path, inode);
  }

  open(path: string, mode: OpenMode, done: Completion<DiskFile>): void {
    this.#enqueue(mode === 'create' ? 'create' : 'open', path, done, () => {
      const existing = this.#names.get(path);
      if (mode !== 'create') {
        return new SimFile(this.#io, path, existing ?? missing(path), mode === 'durable');
      }
      if (!this.#directories.has(directoryOf(path))) missing(path);
      if (existing !== undefined) {
        existing.truncate(0);
        return new SimFile(this.#io, path, existing, false);
      }
      const inode = new SimInode();
      this.#change({ directory: directoryOf(path), removed: null, added: { path, inode } });
      return new SimFile(this.#io, path, inode, false);
    });
  }

  rename(from: string, to: string, done: Completion<void>): void {
    this.#enqueue('rename', from, done, () => {
      const inode = this.#names.get(from) ?? missing(from);
      this.#change({ directory: directoryOf(to), removed: from, added: { path: to, inode } });
    });
  }

  unlink(path: string, done: Completion<void>): void {
    this.#enqueue('unlink', path, done, () => {
      if (!this.#names.has(path)) missing(path);
      this.#change({ directory: directoryOf(path), removed: path, added: null });
    });
  }

  list(directory: string, done: Completion<readonly string[]>): void {
    this.#enqueue('list', directory, done, () => {
      if (!this.#directories.has(directory)) missing(directory);
      const names = this.paths()
        .filter((path) => directoryOf(path) === directory)
        .map((path) => path.slice(path.lastIndexOf('/') + 1));
      return this.listOrder === null ? names : this.listOrder.shuffled(names);
    });
  }

  mkdir(directory: string, done: Completion<void>): void {
    this.#enqueue('mkdir', directory, done, () => {
      this.#directories.add(directory);
    });
  }

  syncDirectory(directory: string, done: Completion<void>): void {
    this.#enqueue('syncDirectory', directory, done, () => {
      for (const change of this.#nameChanges) {
        if (change.directory === directory) applyChange(this.#durableNames, change);
      }
      this.#nameChanges = this.#nameChanges.filter((change) => change.directory !== directory);
    });
  }

  #change(change: NameChange): void {
    applyChange(this.#names, change);
    this.#nameChanges.push(change);
  }

  #execute(op: QueuedOp): () => void {
    this.opCount++;
    if (this.#schedule === null) this.trace.push({ type: op.type, path: op.path });
    return op.execute(this.faults(op));
  }

  /** `fulfil` may throw a StorageError. */
  #enqueue<T>(
    type: DiskOpType,
    path: string,
    done: Completion<T>,
    fulfil: (bytesTaken: number) => T,
    onFailure?: () => void,
  ): void {
    const execute = (fault: DiskFault | null): (() => void) => {
      try {
        if (fault !== null && 'errno' in fault) {
          onFailure?.();
          throw failure(fault.errno, path);
        }
        const result = fulfil(fault?.bytesTaken ?? Number.MAX_SAFE_INTEGER);
        return () => done(null, result);
      } catch (error) {
        if (!(error instanceof StorageError)) throw error;
        return () => done(error);
      }
    };
    const op: QueuedOp = { type, path, execute };
    this.#queue.push(op);
    this.#plan(op);
  }

  #plan(op: QueuedOp): void {
    const schedule = this.#schedule;
    if (schedule === null) return;
    schedule.world.after(schedule.latencyMs(op), EventKind.disk, schedule.lifetime, () => {
      const at = this.#queue.indexOf(op);
      // Gone if the process was killed meanwhile, or if it was hurried.
      if (at < 0) return;
      this.#queue.splice(at, 1);
      this.#execute(op)();
    });
  }

  readonly #io: SimIo = {
    enqueue: (type, path, done, fulfil, onFailure) => this.#enqueue(type, path, done, fulfil, onFailure),
    failFlush: (inode) => inode.failFlush(this.failedFlushReverts),
    failWrite: (inode, bytes, offset) => {
      if (this.failedWriteParts !== null) {
        inode.writePart(bytes, offset, this.failedWriteParts);
        return;
      }
      inode.write(bytes, offset);
      inode.failFlush(this.failedFlushReverts);
    },
  };
}

/** What a file needs of its disk. */
interface SimIo {
  enqueue<T>(
    type: DiskOpType,
    path: string,
    done: Completion<T>,
    fulfil: (bytesTaken: number) => T,
    onFailure?: () => void,
  ): void;
  failFlush(inode: SimInode): void;
  failWrite(inode: SimInode, bytes: Uint8Array, offset: number): void;
}

/** What a durable write puts behind its bytes: as much as the disk may do. */
function zerosBehind(buffers: readonly Uint8Array[], offset: number): Uint8Array {
  const end = buffers.reduce((sum, buffer) => sum + buffer.length, offset);
  return new Uint8Array(BLOCK_BYTES - 1 - ((end + BLOCK_BYTES - 1) % BLOCK_BYTES));
}

class SimFile implements DiskFile {
  readonly #io: SimIo;
  readonly path: string;
  readonly #inode: SimInode;
  readonly #areWritesDurable: boolean;
  #isWriting = false;

  constructor(io: SimIo, path: string, inode: SimInode, areWritesDurable: boolean) {
    this.#io = io;
    this.path = path;
    this.#inode = inode;
    this.#areWritesDurable = areWritesDurable;
  }

  write(buffers: readonly Uint8Array[], offset: number, done: Completion<number>): void {
    const wanted = concat(this.#areWritesDurable ? [...buffers, zerosBehind(buffers, offset)] : buffers);
    const length = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
    const put = (bytesTaken: number): number => {
      const bytes = wanted.subarray(0, bytesTaken);
      this.#inode.write(bytes, offset);
      return Math.min(length, bytes.length);
    };
    if (!this.#areWritesDurable) {
      this.#io.enqueue('write', this.path, done, put);
      return;
    }
    assert(!this.#isWriting, 'two writes at a time to a file opened as durable');
    this.#isWriting = true;
    // Durable once it is answered; a crash before may have left any part of it.
    const answered: Completion<number> = (error, written = 0) => {
      this.#isWriting = false;
      if (error === null) this.#inode.flushRange(offset, written < length ? written : wanted.length);
      done(error, written);
    };
    this.#io.enqueue('writeDurably', this.path, answered, put, () => {
      this.#io.failWrite(this.#inode, wanted, offset);
    });
  }

  read(into: Uint8Array, offset: number, done: Completion<number>): void {
    assert(!this.#areWritesDurable, 'a file opened as durable is not read');
    this.#io.enqueue('read', this.path, done, () => {
      const found = this.#inode.bytes().subarray(offset, offset + into.length);
      into.set(found);
      return found.length;
    });
  }

  flush(done: Completion<void>): void {
    this.#flushAs('flush', done);
  }

  sync(done: Completion<void>): void {
    this.#flushAs('sync', done);
  }

  truncate(length: number, done: Completion<void>): void {
    this.#io.enqueue('truncate', this.path, done, () => this.#inode.truncate(length));
  }

  size(done: Completion<number>): void {
    this.#io.enqueue('size', this.path, done, () => this.#inode.bytes().length);
  }

  close(done: Completion<void>): void {
    this.#io.enqueue('close', this.path, done, () => undefined);
  }

  #flushAs(type: 'flush' | 'sync', done: Completion<void>): void {
    this.#io.enqueue(
      type,
      this.path,
      done,
      () => this.#inode.flush(),
      () => this.#io.failFlush(this.#inode),
    );
  }
}

function applyChange(names: Map<string, SimInode>, change: NameChange): void {
  if (change.removed !== null) names.delete(change.removed);
  if (change.added !== null) names.set(change.added.path, change.added.inode);
}

function missing(path: string): never {
  throw new StorageError('missing', path, `${path}: no such file or directory`, { errno: 'ENOENT' });
}

function failure(errno: 'EIO' | 'ENOSPC', path: string): StorageError {
  return new StorageError(errno === 'ENOSPC' ? 'no-space' : 'io', path, `${path}: ${errno}`, { errno });
}

function concat(buffers: readonly Uint8Array[]): Uint8Array {
  if (buffers.length === 1) return buffers[0] as Uint8Array;
  const all = new Uint8Array(buffers.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const buffer of buffers) {
    all.set(buffer, at);
    at += buffer.length;
  }
  return all;
}
