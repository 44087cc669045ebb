// The default import, so that a preload which wraps functions of `fs` sees every call made here.
import fs from 'node:fs';
import type { Completion, Disk, DiskFile, OpenMode } from '../storage/disk.ts';
import { BlockBuffers } from './block-buffer.ts';
import { DirectFile } from './direct-file.ts';
import { DurableFile } from './durable-file.ts';
import { NodeFile, reporting, storageError } from './node-file.ts';

const FLAGS = { read: 'r', write: 'r+', create: 'w+', durable: 'r+' } as const;
const DURABLE_FLAGS = fs.constants.O_RDWR | fs.constants.O_DSYNC;
/** Only Linux has the flag. */
const O_DIRECT = (fs.constants as { readonly O_DIRECT?: number }).O_DIRECT ?? 0;

export interface NodeDiskOptions {
  /**
   * Whether a write to a file opened with O_DSYNC promises what `fdatasync` does. It does on Linux; on macOS it leaves
   * out the drive's own cache, and elsewhere the flag may not exist.
   */
  readonly hasDsync?: boolean;
  /** Whether such a write goes past the page cache, where the file system lets it. */
  readonly isDirect?: boolean;
  /** Told of each write that was to be durable when it is. */
  readonly onDurableWrite?: (durationMs: number) => void;
}

/** The `Disk` port over node:fs. Paths are used as they are. */
export class NodeDisk implements Disk {
  readonly #hasDsync: boolean;
  readonly #onDurableWrite: (durationMs: number) => void;
  /** Null where writes go through the page cache. */
  #buffers: BlockBuffers | null;

  constructor({
    hasDsync = process.platform === 'linux',
    isDirect = true,
    onDurableWrite = () => undefined,
  }: NodeDiskOptions = {}) {
    this.#hasDsync = hasDsync;
    this.#onDurableWrite = onDurableWrite;
    this.#buffers = hasDsync && isDirect && O_DIRECT !== 0 ? new BlockBuffers() : null;
  }

  open(path: string, mode: OpenMode, done: Completion<DiskFile>): void {
    if (mode !== 'durable') {
      fs.open(path, FLAGS[mode], 0o644, (error, fd) => {
        if (error !== null) done(storageError(error, path));
        else done(null, new NodeFile(path, fd));
      });
    } else if (this.#buffers === null) this.#openCached(path, done);
    else this.#openDirect(path, this.#buffers, done);
  }

  #openCached(path: string, done: Completion<DiskFile>): void {
    const durability = { needsFlush: !this.#hasDsync, onDurableWrite: this.#onDurableWrite };
    fs.open(path, this.#hasDsync ? DURABLE_FLAGS : FLAGS.durable, 0o644, (error, fd) => {
      if (error !== null) done(storageError(error, path));
      else done(null, new DurableFile(path, fd, durability));
    });
  }

  /** A file system may refuse it when the file is opened or when it is used: to see, the first block is read. */
  #openDirect(path: string, buffers: BlockBuffers, done: Completion<DiskFile>): void {
    const refused = (): void => {
      this.#buffers = null;
      this.#openCached(path, done);
    };
    const blocks = buffers.take();
    if (blocks === null) {
      refused();
      return;
    }
    const onDurableWrite = this.#onDurableWrite;
    const onClose = (): void => buffers.giveBack(blocks);
    fs.open(path, DURABLE_FLAGS | O_DIRECT, 0o644, (error, fd) => {
      if (error !== null) {
        onClose();
        if (error.code === 'EINVAL') refused();
        else done(storageError(error, path));
        return;
      }
      const file = new DirectFile(path, fd, { blocks, onDurableWrite, onClose });
      file.learn(0, (error) => {
        if (error === null) done(null, file);
        else file.close(() => (error.errno === 'EINVAL' ? refused() : done(error)));
      });
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
