import fs, { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  closeFile,
  listDirectory,
  makeDirectory,
  openFile,
  readFile,
  renameFile,
} from '../storage/disk-script.ts';
import {
  type DiskScript,
  flushFile,
  runScript,
  sizeOf,
  syncDirectory,
  syncFile,
} from '../storage/disk-script.ts';
import { truncateFile, unlinkFile, writeFile } from '../storage/disk-script.ts';
import type { StorageError } from '../storage/storage-error.ts';
import { Prng } from '../base/prng.ts';
import { NodeDisk } from './node-disk.ts';

function run<T>(script: DiskScript<T>, disk = new NodeDisk()): Promise<T> {
  return new Promise((resolve, reject) => {
    runScript(disk, script, (error, result) => (error === null ? resolve(result as T) : reject(error)));
  });
}

await t.test('every call of the port does on a real file system what its name says', async (t) => {
  const directory = path.join(t.testdir(), 'a', 'version-2');
  const from = path.join(directory, 'tmp.x');
  const to = path.join(directory, 'x');
  const seen = await run(
    (function* () {
      yield* makeDirectory(directory);
      yield* makeDirectory(directory);
      const file = yield* openFile(from, 'create');
      yield* writeFile(file, [Uint8Array.of(1, 2), Uint8Array.of(3, 4, 5)], 2);
      yield* writeFile(file, [Uint8Array.of(9)], 0);
      yield* flushFile(file);
      yield* truncateFile(file, 6);
      yield* syncFile(file);
      yield* renameFile(from, to);
      yield* syncDirectory(directory);
      const into = new Uint8Array(10);
      const length = yield* readFile(file, into, 1);
      const atEnd = yield* readFile(file, into, 6);
      const size = yield* sizeOf(file);
      yield* closeFile(file);
      return { length, atEnd, size, names: yield* listDirectory(directory) };
    })(),
  );
  t.same(seen, { length: 5, atEnd: 0, size: 6, names: ['x'] });
  t.same([...readFileSync(to)], [9, 0, 1, 2, 3, 4]);
  await run(unlinkFile(to));
  t.same(readdirSync(directory), []);
});

/** Of this process's descriptors those of `file`, with their flags. */
function descriptorsOf(file: string): number[] {
  return readdirSync('/proc/self/fd')
    .filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === file;
      } catch {
        return false;
      }
    })
    .map((fd) => {
      const flags = /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '';
      return Number.parseInt(flags, 8);
    });
}

const { O_DIRECT, O_DSYNC } = fs.constants;
const asksLinux = process.platform === 'linux' ? false : 'asks Linux what it has opened';

/** Whether writes may go past the page cache where this test has its files, or why not. */
function isDirectRefusedIn(directory: string): string | false {
  if (asksLinux !== false) return asksLinux;
  try {
    fs.closeSync(fs.openSync(path.join(directory, 'x'), fs.constants.O_RDWR | O_DIRECT));
    return false;
  } catch (error) {
    return `the file system refuses O_DIRECT: ${String(error)}`;
  }
}

await t.test(
  'a write to a durable file is one call where the system has one',
  { skip: asksLinux },
  async (t) => {
    const file = path.join(t.testdir({ x: '' }), 'x');
    await run(openFile(file, 'durable'));
    t.match(descriptorsOf(file), [Number]);
    for (const flags of descriptorsOf(file)) t.ok((flags & O_DSYNC) !== 0, flags.toString(8));
  },
);

const skip = isDirectRefusedIn(t.testdir({ x: '' }));
await t.test(
  'it goes past the page cache, if that is wanted and the file system lets it',
  { skip },
  async (t) => {
    const directory = t.testdir({ x: '', y: '' });
    await run(openFile(path.join(directory, 'x'), 'durable'));
    await run(openFile(path.join(directory, 'y'), 'durable'), new NodeDisk({ isDirect: false }));
    t.ok(descriptorsOf(path.join(directory, 'x')).every((flags) => (flags & O_DIRECT) !== 0));
    t.ok(descriptorsOf(path.join(directory, 'y')).every((flags) => (flags & O_DIRECT) === 0));
  },
);

for (const isDirect of [true, false]) {
  await t.test(`durable writes of any length, anywhere (direct: ${isDirect})`, async (t) => {
    const prng = new Prng(7);
    const random = (length: number): Uint8Array => new Uint8Array(length).map(() => prng.below(256));
    const before = random(5000);
    const file = path.join(t.testdir({ x: Buffer.from(before) }), 'x');
    const expected = new Uint8Array(4 << 20);
    expected.set(before);
    // Begins in a block that no write has been to. Each write goes on a little in front of where the last has ended.
    let position = 4990;
    let end = before.length;
    await run(
      (function* () {
        let opened = yield* openFile(file, 'durable');
        for (let i = 0; i < 60; i++) {
          const buffers = [40 + prng.below(100), prng.below(9000), i % 20 === 0 ? 300_000 : 0].map(random);
          yield* writeFile(opened, buffers, position);
          for (const buffer of buffers) {
            expected.set(buffer, position);
            position += buffer.length;
          }
          end = position;
          position -= prng.below(40);
          if (i % 7 === 0) {
            // As a write is taken back of which the disk took a part.
            yield* truncateFile(opened, position);
            yield* flushFile(opened);
            expected.fill(0, position, end);
            end = position;
          }
          if (i % 13 === 0) {
            yield* closeFile(opened);
            opened = yield* openFile(file, 'durable');
          }
        }
        yield* closeFile(opened);
      })(),
      new NodeDisk({ isDirect }),
    );
    const seen = readFileSync(file);
    t.ok(seen.length >= end && seen.length < end + 4096, `${seen.length} bytes, ${end} written`);
    t.ok(Buffer.from(expected.subarray(0, seen.length)).equals(seen));
    if (asksLinux === false) t.same(descriptorsOf(file), []);
  });
}

await t.test('a durable write of more than the blocks take at a time is one write still', async (t) => {
  const file = path.join(t.testdir({ x: '' }), 'x');
  const buffers = [9, 1, 10].map((mebibytes, i) => new Uint8Array(mebibytes << 20).fill(i + 1));
  const written = await new Promise<number>((resolve, reject) => {
    new NodeDisk().open(file, 'durable', (error, opened) => {
      if (error !== null) reject(error);
      else
        opened?.write(buffers, 100, (error, written = 0) => {
          opened.close(() => (error === null ? resolve(written) : reject(error)));
        });
    });
  });
  t.equal(written, 20 << 20);
  const seen = readFileSync(file);
  t.ok(seen.subarray(100, 100 + written).equals(Buffer.concat(buffers)));
  t.same([...seen.subarray(0, 100)], [...new Uint8Array(100)]);
});

for (const refusedAt of ['open', 'read'] as const) {
  await t.test(
    `where direct writes are refused at ${refusedAt}, they go through the page cache`,
    async (t) => {
      const file = path.join(t.testdir({ x: '' }), 'x');
      const { open, read } = fs;
      t.teardown(() => Object.assign(fs, { open, read }));
      const direct = new Set<number>();
      const refusal = Object.assign(new Error('EINVAL: invalid argument'), { code: 'EINVAL' });
      type OpenDone = (error: NodeJS.ErrnoException | null, fd: number) => void;
      Object.assign(fs, {
        open: (name: string, flags: number, mode: number, done: OpenDone) => {
          const isDirect = typeof flags === 'number' && (flags & O_DIRECT) !== 0;
          if (isDirect && refusedAt === 'open') setImmediate(done, refusal, 0);
          else {
            open(name, flags, mode, (error, fd) => {
              if (isDirect) direct.add(fd);
              done(error, fd);
            });
          }
        },
        read: (...args: Parameters<typeof read>) => {
          const done = args.at(-1) as OpenDone;
          if (direct.has(args[0])) setImmediate(done, refusal, 0);
          else (read as (...args: unknown[]) => void)(...args);
        },
      });
      await run(
        (function* () {
          const opened = yield* openFile(file, 'durable');
          yield* writeFile(opened, [Uint8Array.of(1, 2)], 1);
          yield* closeFile(opened);
        })(),
      );
      t.same([...readFileSync(file)], [0, 1, 2]);
      if (asksLinux === false) t.same(descriptorsOf(file), []);
    },
  );
}

await t.test(
  'where the system has none, a write to a durable file is answered after its flush',
  async (t) => {
    const file = path.join(t.testdir({ x: '' }), 'x');
    const { fdatasync } = fs;
    t.teardown(() => Object.assign(fs, { fdatasync }));
    const events: string[] = [];
    let failsWith: NodeJS.ErrnoException | null = null;
    Object.assign(fs, {
      fdatasync: (fd: number, done: fs.NoParamCallback) => {
        fdatasync(fd, (error) => {
          events.push('flushed');
          done(failsWith ?? error);
        });
      },
    });
    const disk = new NodeDisk({ hasDsync: false });
    const write = (): Promise<void> =>
      new Promise((resolve, reject) => {
        const script = (function* () {
          yield* writeFile(yield* openFile(file, 'durable'), [Uint8Array.of(1), Uint8Array.of(2)], 1);
        })();
        runScript(disk, script, (error) => {
          events.push('answered');
          if (error === null) resolve();
          else reject(error);
        });
      });
    await write();
    t.same(events, ['flushed', 'answered']);
    t.same([...readFileSync(file)], [0, 1, 2]);
    failsWith = Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
    await t.rejects(write(), { code: 'io', errno: 'EIO', path: file });
  },
);

await t.test('an error of the operating system becomes a StorageError with its path and errno', async (t) => {
  const directory = t.testdir();
  const nowhere = path.join(directory, 'nowhere');
  const attempts: readonly DiskScript<unknown>[] = [
    openFile(nowhere, 'read'),
    openFile(nowhere, 'write'),
    unlinkFile(nowhere),
    renameFile(nowhere, path.join(directory, 'x')),
    listDirectory(nowhere),
    syncDirectory(nowhere),
  ];
  for (const attempt of attempts) {
    const error = await run(attempt).then(
      () => null,
      (reason: StorageError) => reason,
    );
    t.match(error, { name: 'StorageError', code: 'missing', errno: 'ENOENT', path: nowhere });
  }
  mkdirSync(path.join(directory, 'd'));
  await t.rejects(run(openFile(path.join(directory, 'd'), 'write')), { code: 'io', errno: 'EISDIR' });
});
