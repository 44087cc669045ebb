// Loaded into a server with `--import`: makes its writes fail as those to a full disk do (see full-disk.ts).
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { FULL_DISK_VARIABLE } from './full-disk.ts';

type Done = (error: NodeJS.ErrnoException | null, written: number) => void;

const flag = process.env[FULL_DISK_VARIABLE];
if (flag !== undefined) failWhileThereIs(flag);

function failWhileThereIs(flagFile: string): void {
  const { write, writev } = fs;
  let hasRoomForHalf = true;

  /** Null while there is room; else how many bytes of `length` still find some. */
  const roomFor = (length: number): number | null => {
    if (!fs.existsSync(flagFile)) return null;
    const room = hasRoomForHalf ? length >>> 1 : 0;
    hasRoomForHalf = false;
    return room;
  };
  const wrapped = {
    write(fd: number, bytes: Uint8Array, at: number, length: number, offset: number, done: Done) {
      const room = roomFor(length);
      if (room === 0) noSpace(done);
      else write(fd, bytes, at, room ?? length, offset, done);
    },
    writev(fd: number, buffers: readonly Uint8Array[], offset: number, done: Done) {
      const room = roomFor(buffers.reduce((sum, { length }) => sum + length, 0));
      if (room === null) writev(fd, buffers, offset, done);
      else if (room === 0) noSpace(done);
      else write(fd, Buffer.concat(buffers), 0, room, offset, done);
    },
  };
  Object.assign(fs, wrapped);
  syncBuiltinESMExports();
}

function noSpace(done: Done): void {
  const error = Object.assign(new Error('ENOSPC: no space left on device, write'), {
    code: 'ENOSPC',
    syscall: 'write',
  });
  setImmediate(done, error, 0);
}
