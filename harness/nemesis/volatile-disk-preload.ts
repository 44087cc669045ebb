// Loaded into a server with `--import`: keeps an account of what it has written and not flushed, so that after
// a SIGKILL exactly that can be taken away, as a power cut would (see volatile-disk.ts).
//
// The account is a file of lines, each written before the call it speaks of goes to the kernel, or after the
// flush it speaks of has come back; a killed process loses none of them.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { type AccountLine, type FlushFault, VOLATILE_DISK_VARIABLES } from './volatile-disk.ts';

const accountFile = process.env[VOLATILE_DISK_VARIABLES.account];
if (accountFile !== undefined) keepAccount(accountFile);

function keepAccount(file: string): void {
  const account = fs.openSync(file, 'a');
  const note = (line: AccountLine): void => {
    fs.writeSync(account, `${JSON.stringify(line)}\n`);
  };
  const real = { ...fs };
  const paths = new Map<number, string>();
  /** What flushes with each write, by their descriptors. */
  const durable = new Set<number>();
  let serial = 0;

  const flushes = {
    // What a log is flushed by. Snapshots and directories use fsync, which is left alone by the faults.
    fdatasync: flushWith(process.env[VOLATILE_DISK_VARIABLES.fault] as FlushFault | undefined),
    fsync: flushWith(undefined),
  };
  const flush = (name: keyof typeof flushes, fd: number, done: FlushDone): void => {
    const covered = serial;
    const noteFlush = (): void => {
      const path = paths.get(fd);
      if (path !== undefined) note({ type: 'flush', path, covered });
    };
    flushes[name]((finished) => real[name](fd, finished), noteFlush, done);
  };
  /** O_DSYNC is taken from the file and done here, as a flush after each write, so that the faults apply to it. */
  const written = (fd: number, done: WriteDone): WriteDone => {
    if (!durable.has(fd)) return done;
    return (error, length) => {
      if (error !== null) done(error, length);
      else flush('fdatasync', fd, (error) => done(error, length));
    };
  };
  const noteWrite = (fd: number, offset: number, length: number): void => {
    const path = paths.get(fd);
    if (path !== undefined) note({ type: 'write', serial: ++serial, path, offset, length });
  };

  wrap('open', (path: string, flags: string | number, mode: number, done: OpenDone) => {
    const isDurable = typeof flags === 'number' && (flags & fs.constants.O_DSYNC) !== 0;
    const plainFlags = isDurable ? flags & ~fs.constants.O_DSYNC : flags;
    real.open(path, plainFlags, mode, (error, fd) => {
      if (error === null) {
        paths.set(fd, path);
        if (isDurable) durable.add(fd);
        else durable.delete(fd);
      }
      done(error, fd);
    });
  });
  wrap('rename', (from: string, to: string, done: FlushDone) => {
    real.rename(from, to, (error) => {
      if (error === null) {
        note({ type: 'rename', from, to });
        for (const [fd, path] of paths) if (path === from) paths.set(fd, to);
      }
      done(error);
    });
  });
  wrap(
    'write',
    (fd: number, bytes: Uint8Array, at: number, length: number, offset: number, done: WriteDone) => {
      noteWrite(fd, offset, length);
      real.write(fd, bytes, at, length, offset, written(fd, done));
    },
  );
  wrap('writev', (fd: number, buffers: Uint8Array[], offset: number, done: WriteDone) => {
    const length = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
    noteWrite(fd, offset, length);
    real.writev(fd, buffers, offset, written(fd, done));
  });
  for (const name of ['fdatasync', 'fsync'] as const) {
    wrap(name, (fd: number, done: FlushDone) => flush(name, fd, done));
  }
  syncBuiltinESMExports();
}

function wrap(
  name: 'open' | 'rename' | 'write' | 'writev' | 'fdatasync' | 'fsync',
  wrapped: (...args: never[]) => unknown,
): void {
  (fs as unknown as Record<string, unknown>)[name] = wrapped;
}

type OpenDone = (error: NodeJS.ErrnoException | null, fd: number) => void;
type WriteDone = (error: NodeJS.ErrnoException | null, length: number) => void;
type FlushDone = (error: NodeJS.ErrnoException | null) => void;
type Flush = (run: (finished: FlushDone) => void, note: () => void, done: FlushDone) => void;

/** How long a flush takes besides its own time, so that a kill at a random moment often falls into one. */
const FLUSH_DELAY_MS = 5;
/** How long after its answer a flush that is not awaited comes: longer than a kill takes on a busy machine. */
const LATE_FLUSH_MS = 500;

function flushWith(fault: FlushFault | undefined): Flush {
  switch (fault) {
    case 'skipped':
      // As if the server never asked for it.
      return (_run, _note, done) => setImmediate(done, null);
    case 'not-awaited':
      // As if the server went on before it came back.
      return (run, note, done) => {
        setImmediate(done, null);
        setTimeout(() => run((error) => (error === null ? note() : undefined)), LATE_FLUSH_MS);
      };
    case undefined:
      return (run, note, done) => {
        setTimeout(() => {
          run((error) => {
            if (error === null) note();
            done(error);
          });
        }, FLUSH_DELAY_MS);
      };
  }
}
