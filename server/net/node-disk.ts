// The default import, so that a preload which wraps functions of `fs` sees every call made here.
import fs from 'node:fs';
import type { Completion, Disk, DiskFile, OpenMode } from '../storage/disk.ts';
import { StorageError, type StorageErrorCode } from '../storage/storage-error.ts';

const FLAGS = { read: 'r', write: 'r+', create: 'w+', durable: 'r+' } as const;
const DURABLE_FLAGS = fs.constants.O_RDWR | fs.constants.O_DSYNC;

export interface NodeDiskOptions {
  /**
   * Whether a write to a file opened with O_DSYNC promises what `fdatasync` does. It does on Linux; on macOS it leaves
   * out the drive's own cache, and elsewhere the flag may not exist.
   */
  readonly hasDsync?: boolean;
  /** Told of each write that was to be durable when it is. */
  readonly onDurableWrite?: (durationMs: number) => void;
}

/** The `Disk` port over node:fs. Paths are used as they are. */
export class NodeDisk implements Disk {
  readonly #hasDsync: boolean;
  readonly #onDurableWrite: (durationMs: number) => void;

  constructor({
    hasDsync = process.platform === 'linux',
    onDurableWrite = () => undefined,
  }: NodeDiskOptions = {}) {
    this.#hasDsync = hasDsync;
    this.#onDurableWrite = onDurableWrite;
  }

  open(path: string, mode: OpenMode, done: Completion<DiskFile>): void {
    const isDsync = mode === 'durable' && this.#hasDsync;
    fs.open(path, isDsync ? DURABLE_FLAGS : FLAGS[mode], 0o644, (error, fd) => {
      if (error !== null) done(storageError(error, path));
      else if (mode !== 'durable') done(null, new NodeFile(path, fd));
      else {
        const durability = { needsFlush: !isDsync, onDurableWrite: this.#onDurableWrite };
        done(null, new DurableFile(path, fd, durability));
      }
    });
  }

  rename(from: string, to: string, done: Completion<void>): void {
    fs.rename(from, to, reporting(from, done));
  }

  unlink(path: string, done: Completion<void>): void {
    fs.unlink(path, reporting(path, done));
  }

  list(directory: string, done: Completion<readonly string[]>): void {
    fs.readdir(directory, (error, names) => {
      if (error !== null) done(storageError(error, directory));
      else done(null, names);
    });
  }

  mkdir(directory: string, done: Completion<void>): void {
    fs.mkdir(directory, { recursive: true }, reporting(directory, done));
  }

  syncDirectory(directory: string, done: Completion<void>): void {
    fs.open(directory, 'r', (error, fd) => {
      if (error !== null) {
        done(storageError(error, directory));
        return;
      }
      fs.fsync(fd, (error) => {
        fs.close(fd, () => done(error === null ? null : storageError(error, directory)));
      });
    });
  }
}

class NodeFile implements DiskFile {
  readonly path: string;
  readonly #fd: number;

  constructor(path: string, fd: number) {
    this.path = path;
    this.#fd = fd;
  }

  write(buffers: readonly Uint8Array[], offset: number, done: Completion<number>): void {
    const completed = (error: NodeJS.ErrnoException | null, written: number): void => {
      if (error !== null) done(storageError(error, this.path));
      else done(null, written);
    };
    const [only] = buffers;
    if (buffers.length === 1 && only !== undefined) {
      fs.write(this.#fd, only, 0, only.length, offset, completed);
    } else {
      fs.writev(this.#fd, buffers, offset, completed);
    }
  }

  read(into: Uint8Array, offset: number, done: Completion<number>): void {
    fs.read(this.#fd, into, 0, into.length, offset, (error, length) => {
      if (error !== null) done(storageError(error, this.path));
      else done(null, length);
    });
  }

  flush(done: Completion<void>): void {
    fs.fdatasync(this.#fd, reporting(this.path, done));
  }

  sync(done: Completion<void>): void {
    fs.fsync(this.#fd, reporting(this.path, done));
  }

  truncate(length: number, done: Completion<void>): void {
    fs.ftruncate(this.#fd, length, reporting(this.path, done));
  }

  size(done: Completion<number>): void {
    fs.fstat(this.#fd, (error, stat) => {
      if (error !== null) done(storageError(error, this.path));
      else done(null, stat.size);
    });
  }

  close(done: Completion<void>): void {
    fs.close(this.#fd, reporting(this.path, done));
  }
}

interface Durability {
  /** One call does not make a write durable, but two do. */
  readonly needsFlush: boolean;
  readonly onDurableWrite: (durationMs: number) => void;
}

/** What is written to it is durable when it is done. */
class DurableFile extends NodeFile {
  readonly #durability: Durability;

  constructor(path: string, fd: number, durability: Durability) {
    super(path, fd);
    this.#durability = durability;
  }

  override write(buffers: readonly Uint8Array[], offset: number, done: Completion<number>): void {
    const { needsFlush, onDurableWrite } = this.#durability;
    const startedMs = performance.now();
    const written = (error: StorageError | null, length?: number): void => {
      if (error !== null) done(error);
      else {
        onDurableWrite(performance.now() - startedMs);
        done(null, length);
      }
    };
    super.write(buffers, offset, (error, length) => {
      if (error !== null || !needsFlush) written(error, length);
      else this.flush((error) => written(error, length));
    });
  }
}

function reporting(path: string, done: Completion<void>): (error: NodeJS.ErrnoException | null) => void {
  return (error) => done(error === null ? null : storageError(error, path));
}

const CODES: Readonly<Record<string, StorageErrorCode>> = {
  ENOENT: 'missing',
  ENOSPC: 'no-space',
  EDQUOT: 'no-space',
};

function storageError(error: NodeJS.ErrnoException, path: string): StorageError {
  const errno = error.code ?? 'EIO';
  const code = CODES[errno] ?? 'io';
  return new StorageError(code, path, `${path}: ${error.message}`, { errno, cause: error });
}
