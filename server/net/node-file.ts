// The default import, so that a preload which wraps functions of `fs` sees every call made here.
import fs from 'node:fs';
import type { Completion, DiskFile } from '../storage/disk.ts';
import { StorageError, type StorageErrorCode } from '../storage/storage-error.ts';

/** A file that is open, by its descriptor. */
export class NodeFile implements DiskFile {
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

export function reporting(
  path: string,
  done: Completion<void>,
): (error: NodeJS.ErrnoException | null) => void {
  return (error) => done(error === null ? null : storageError(error, path));
}

const CODES: Readonly<Record<string, StorageErrorCode>> = {
  ENOENT: 'missing',
  ENOSPC: 'no-space',
  EDQUOT: 'no-space',
};

export function storageError(error: NodeJS.ErrnoException, path: string): StorageError {
  const errno = error.code ?? 'EIO';
  const code = CODES[errno] ?? 'io';
  return new StorageError(code, path, `${path}: ${error.message}`, { errno, cause: error });
}
