import { writeFully, type Completion, type Disk, type DiskFile, type OpenMode } from './disk.ts';
import { StorageError } from './storage-error.ts';

/** One call of the port, as data. */
export type DiskStep =
  | { readonly type: 'open'; readonly path: string; readonly mode: OpenMode }
  | { readonly type: 'rename'; readonly from: string; readonly to: string }
  | { readonly type: 'unlink'; readonly path: string }
  | { readonly type: 'list'; readonly directory: string }
  | { readonly type: 'mkdir'; readonly directory: string }
  | { readonly type: 'syncDirectory'; readonly directory: string }
  | {
      readonly type: 'write';
      readonly file: DiskFile;
      readonly buffers: readonly Uint8Array[];
      readonly offset: number;
    }
  | { readonly type: 'read'; readonly file: DiskFile; readonly into: Uint8Array; readonly offset: number }
  | { readonly type: 'truncate'; readonly file: DiskFile; readonly length: number }
  | { readonly type: 'flush' | 'sync' | 'size' | 'close'; readonly file: DiskFile }
  /** Whatever has a completion of its own: a log that is stopped. */
  | { readonly type: 'await'; readonly begin: (done: Completion<void>) => void };

/**
 * A job on the disk written as one ordered list of steps: a generator that yields each step and gets its
 * result. A failed step is thrown into it as a `StorageError`, which it may handle. Between two steps other
 * work of the process goes on. Use the functions below rather than bare `yield`s; they know the result types.
 */
export type DiskScript<T> = Generator<DiskStep, T, unknown>;

/**
 * Runs the script to its end. `done` gets its value or the StorageError it ended with; any other exception
 * is a bug and goes through.
 */
export function runScript<T>(disk: Disk, script: DiskScript<T>, done: Completion<T>): void {
  const advance = (error: StorageError | null, result?: unknown): void => {
    let next: IteratorResult<DiskStep, T>;
    try {
      next = error === null ? script.next(result) : script.throw(error);
    } catch (thrown) {
      if (!(thrown instanceof StorageError)) throw thrown;
      done(thrown);
      return;
    }
    if (next.done === true) done(null, next.value);
    else performStep(disk, next.value, advance);
  };
  advance(null);
}

/** Makes the call that a step stands for. */
export function performStep(disk: Disk, step: DiskStep, done: Completion<unknown>): void {
  switch (step.type) {
    case 'open':
      return disk.open(step.path, step.mode, done);
    case 'rename':
      return disk.rename(step.from, step.to, done);
    case 'unlink':
      return disk.unlink(step.path, done);
    case 'list':
      return disk.list(step.directory, done);
    case 'mkdir':
      return disk.mkdir(step.directory, done);
    case 'syncDirectory':
      return disk.syncDirectory(step.directory, done);
    case 'write':
      return writeFully(step.file, step.buffers, step.offset, done);
    case 'read':
      return step.file.read(step.into, step.offset, done);
    case 'truncate':
      return step.file.truncate(step.length, done);
    case 'flush':
      return step.file.flush(done);
    case 'sync':
      return step.file.sync(done);
    case 'size':
      return step.file.size(done);
    case 'close':
      return step.file.close(done);
    case 'await':
      return step.begin(done);
  }
}

export function* openFile(path: string, mode: OpenMode): DiskScript<DiskFile> {
  return (yield { type: 'open', path, mode }) as DiskFile;
}

export function* renameFile(from: string, to: string): DiskScript<void> {
  yield { type: 'rename', from, to };
}

export function* unlinkFile(path: string): DiskScript<void> {
  yield { type: 'unlink', path };
}

export function* listDirectory(directory: string): DiskScript<readonly string[]> {
  return (yield { type: 'list', directory }) as readonly string[];
}

export function* makeDirectory(directory: string): DiskScript<void> {
  yield { type: 'mkdir', directory };
}

export function* syncDirectory(directory: string): DiskScript<void> {
  yield { type: 'syncDirectory', directory };
}

/** Writes all of it, in as many calls as it takes. */
export function* writeFile(file: DiskFile, buffers: readonly Uint8Array[], offset: number): DiskScript<void> {
  yield { type: 'write', file, buffers, offset };
}

/** Up to `into.length` bytes; fewer need not mean the end of the file, 0 does. */
export function* readFile(file: DiskFile, into: Uint8Array, offset: number): DiskScript<number> {
  return (yield { type: 'read', file, into, offset }) as number;
}

export function* truncateFile(file: DiskFile, length: number): DiskScript<void> {
  yield { type: 'truncate', file, length };
}

export function* flushFile(file: DiskFile): DiskScript<void> {
  yield { type: 'flush', file };
}

export function* syncFile(file: DiskFile): DiskScript<void> {
  yield { type: 'sync', file };
}

export function* sizeOf(file: DiskFile): DiskScript<number> {
  return (yield { type: 'size', file }) as number;
}

export function* closeFile(file: DiskFile): DiskScript<void> {
  yield { type: 'close', file };
}

/** Waits for a job on the disk that is not written as a script. */
export function* awaitCompletion(begin: (done: Completion<void>) => void): DiskScript<void> {
  yield { type: 'await', begin };
}

/** Opens a file, and closes it again however the script that uses it ends. */
export function* withFile<T>(
  path: string,
  mode: OpenMode,
  use: (file: DiskFile) => DiskScript<T>,
): DiskScript<T> {
  const file = yield* openFile(path, mode);
  let result: T;
  try {
    result = yield* use(file);
  } catch (error) {
    yield* ignoringErrors(closeFile(file));
    throw error;
  }
  yield* closeFile(file);
  return result;
}

/** For the cleaning up after an error: the first error is the one to report. */
export function* ignoringErrors(script: DiskScript<void>): DiskScript<void> {
  try {
    yield* script;
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
  }
}
