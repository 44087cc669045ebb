import type { StorageError } from './storage-error.ts';

/**
 * Called exactly once, never before the call that takes it has returned. `result` is there whenever `error`
 * is null.
 */
export type Completion<T> = (error: StorageError | null, result?: T) => void;

/**
 * - `read`: an existing file, for reading;
 * - `write`: an existing file, for reading and writing;
 * - `create`: a new file, or an existing one emptied, for reading and writing;
 * - `durable`: an existing file, for writing and not for reading, one `write` at a time. It completes when what it has
 *   written is durable, as if a `flush` had followed. What stood behind that in the file, as far as the next multiple
 *   of 4096, may be zeros then, and the file as long.
 */
export type OpenMode = 'read' | 'write' | 'create' | 'durable';

/**
 * The port to the disk. Every durable step is a call of its own, so that a simulation can crash the machine
 * between any two of them:
 *
 * - what `write` and `truncate` changed survives a crash only after `flush` or `sync` of that file has
 *   completed, and any part of it may survive before;
 * - what `write` changed in a file opened as `durable` survives once it has completed, and any part of it may
 *   survive before; of what was written otherwise it says nothing;
 * - what `create`, `rename` and `unlink` changed survives only after `syncDirectory` has completed;
 * - after a failed `flush`, `sync` or `write` of a `durable` file nothing is known about the file's content, and a second one proves
 *   nothing: the kernel may have dropped the dirty pages and call them clean.
 *
 * Paths are as the configuration gives them; the port does not interpret them.
 */
export interface Disk {
  open(path: string, mode: OpenMode, done: Completion<DiskFile>): void;
  rename(from: string, to: string, done: Completion<void>): void;
  unlink(path: string, done: Completion<void>): void;
  /** The names in a directory, in no particular order. */
  list(directory: string, done: Completion<readonly string[]>): void;
  /** Also makes the parents, and is content if the directory exists. */
  mkdir(directory: string, done: Completion<void>): void;
  syncDirectory(directory: string, done: Completion<void>): void;
}

export interface DiskFile {
  readonly path: string;
  /**
   * Writes the buffers one behind the other and says how many bytes were taken, which may be fewer than
   * there are. The buffers must not change until then.
   */
  write(buffers: readonly Uint8Array[], offset: number, done: Completion<number>): void;
  /** Reads up to `into.length` bytes and says how many there were; 0 at the end of the file. */
  read(into: Uint8Array, offset: number, done: Completion<number>): void;
  /** Makes the content durable, and of the metadata what is needed to read it (fdatasync). */
  flush(done: Completion<void>): void;
  /** Makes content and metadata durable (fsync). */
  sync(done: Completion<void>): void;
  truncate(length: number, done: Completion<void>): void;
  size(done: Completion<number>): void;
  close(done: Completion<void>): void;
}

/** Writes everything, however many calls the disk takes for it. */
export function writeFully(
  file: DiskFile,
  buffers: readonly Uint8Array[],
  offset: number,
  done: Completion<void>,
): void {
  const length = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
  file.write(buffers, offset, (error, written = 0) => {
    if (error !== null) done(error);
    else if (written >= length) done(null);
    else writeFully(file, without(buffers, written), offset + written, done);
  });
}

/** The buffers behind the first `length` bytes. */
export function without(buffers: readonly Uint8Array[], length: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  let skip = length;
  for (const buffer of buffers) {
    if (skip < buffer.length) rest.push(buffer.subarray(skip));
    skip = Math.max(0, skip - buffer.length);
  }
  return rest;
}
