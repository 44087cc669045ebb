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
import { NodeDisk } from './node-disk.ts';

function run<T>(script: DiskScript<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    runScript(new NodeDisk(), script, (error, result) =>
      error === null ? resolve(result as T) : reject(error),
    );
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

await t.test(
  'a write to a durable file is one call where the system has one',
  { skip: process.platform === 'linux' ? false : 'asks Linux what it has opened' },
  async (t) => {
    const file = path.join(t.testdir({ x: '' }), 'x');
    await run(openFile(file, 'durable'));
    const fd = readdirSync('/proc/self/fd').find((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === file;
      } catch {
        return false;
      }
    });
    const flags = /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '';
    t.ok(Number.parseInt(flags, 8) & fs.constants.O_DSYNC, flags);
  },
);

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
