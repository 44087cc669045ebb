import type { Completion, Disk, DiskFile, OpenMode } from '../storage/disk.ts';
import { StorageError } from '../storage/storage-error.ts';

/** Files in memory. Calls complete when `settle` is called, one after the other, and never before they return. */
export class MemoryDisk implements Disk {
  readonly files = new Map<string, Uint8Array>();
  readonly #waiting: (() => void)[] = [];

  /** Until nothing is under way. */
  settle(): void {
    for (let complete = this.#waiting.shift(); complete !== undefined; complete = this.#waiting.shift())
      complete();
  }

  later(complete: () => void): void {
    this.#waiting.push(complete);
  }

  open(path: string, mode: OpenMode, done: Completion<DiskFile>): void {
    if (mode === 'create') this.files.set(path, new Uint8Array(0));
    const isThere = this.files.has(path);
    this.later(() => (isThere ? done(null, new MemoryFile(this, path)) : done(missing(path))));
  }

  rename(from: string, to: string, done: Completion<void>): void {
    const bytes = this.files.get(from);
    if (bytes !== undefined) {
      this.files.delete(from);
      this.files.set(to, bytes);
    }
    this.later(() => done(bytes === undefined ? missing(from) : null));
  }

  unlink(path: string, done: Completion<void>): void {
    const wasThere = this.files.delete(path);
    this.later(() => done(wasThere ? null : missing(path)));
  }

  list(directory: string, done: Completion<readonly string[]>): void {
    const paths = [...this.files.keys()].filter((path) => path.startsWith(`${directory}/`));
    const names = paths.map((path) => path.slice(directory.length + 1));
    this.later(() => done(null, names));
  }

  mkdir(_directory: string, done: Completion<void>): void {
    this.later(() => done(null));
  }

  syncDirectory(_directory: string, done: Completion<void>): void {
    this.later(() => done(null));
  }
}

class MemoryFile implements DiskFile {
  readonly path: string;
  readonly #disk: MemoryDisk;

  constructor(disk: MemoryDisk, path: string) {
    this.#disk = disk;
    this.path = path;
  }

  write(buffers: readonly Uint8Array[], offset: number, done: Completion<number>): void {
    const bytes = new Uint8Array(Buffer.concat(buffers));
    this.#resize(Math.max(this.#bytes.length, offset + bytes.length));
    this.#bytes.set(bytes, offset);
    this.#disk.later(() => done(null, bytes.length));
  }

  read(into: Uint8Array, offset: number, done: Completion<number>): void {
    const part = this.#bytes.subarray(offset, offset + into.length);
    into.set(part);
    this.#disk.later(() => done(null, part.length));
  }

  truncate(length: number, done: Completion<void>): void {
    this.#resize(length);
    this.#disk.later(() => done(null));
  }

  size(done: Completion<number>): void {
    const { length } = this.#bytes;
    this.#disk.later(() => done(null, length));
  }

  flush(done: Completion<void>): void {
    this.#disk.later(() => done(null));
  }

  sync(done: Completion<void>): void {
    this.#disk.later(() => done(null));
  }

  close(done: Completion<void>): void {
    this.#disk.later(() => done(null));
  }

  get #bytes(): Uint8Array {
    return this.#disk.files.get(this.path) ?? new Uint8Array(0);
  }

  #resize(length: number): void {
    const resized = new Uint8Array(length);
    resized.set(this.#bytes.subarray(0, length));
    this.#disk.files.set(this.path, resized);
  }
}

function missing(path: string): StorageError {
  return new StorageError('missing', path, `${path}: no such file`);
}
