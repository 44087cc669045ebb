import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { AccountLine } from './account.ts';
import type { ActiveSettings } from './active-settings.ts';

type OpenDone = (error: NodeJS.ErrnoException | null, fd: number) => void;
type WriteDone = (error: NodeJS.ErrnoException | null, length: number) => void;
type FlushDone = (error: NodeJS.ErrnoException | null) => void;

/** How long after its answer a late flush comes: longer than a kill takes on a busy machine. */
const LATE_FLUSH_MS = 500;
const SECTOR_BYTES = 512;

interface TrueTime {
  readonly nowMs: () => number;
  readonly after: (ms: number, run: () => void) => void;
}

/**
 * Puts itself in the place of those functions of `fs` by which a server writes and flushes, and lets them do what the
 * settings say. Timers and clocks are the true ones, whatever else is wrong.
 */
export function installDisk(settings: ActiveSettings, time: TrueTime): void {
  const disk = new FaultyDisk(settings, time);
  const { open, rename, write, writev, fdatasync, fsync } = disk;
  Object.assign(fs, { open, rename, write, writev, fdatasync, fsync });
  syncBuiltinESMExports();
}

class FaultyDisk {
  readonly #real = { ...fs };
  readonly #settings: ActiveSettings;
  readonly #time: TrueTime;
  readonly #paths = new Map<number, string>();
  /** What flushes with each write (O_DSYNC), by their descriptors. */
  readonly #durable = new Set<number>();
  readonly #accounts = new Map<string, number>();
  /** Full disks that have let half of a write through. */
  readonly #halfTaken = new Set<object>();
  /** What was written since an account is kept, and not flushed. */
  #unflushed: { readonly serial: number; readonly path: string; readonly length: number }[] = [];
  #serial = 0;

  constructor(settings: ActiveSettings, time: TrueTime) {
    this.#settings = settings;
    this.#time = time;
  }

  readonly open = (path: string, flags: string | number, mode: unknown, done?: OpenDone): void => {
    const answer = (done ?? mode) as OpenDone;
    this.#real.open(path, flags, done === undefined ? 0o666 : (mode as number), (error, fd) => {
      if (error === null) {
        this.#paths.set(fd, path);
        const isDurable = typeof flags === 'number' && (flags & fs.constants.O_DSYNC) !== 0;
        if (isDurable) this.#durable.add(fd);
        else this.#durable.delete(fd);
      }
      answer(error, fd);
    });
  };

  readonly rename = (from: string, to: string, done: FlushDone): void => {
    this.#real.rename(from, to, (error) => {
      if (error === null) {
        this.#note({ type: 'rename', from, to });
        for (const [fd, path] of this.#paths) if (path === from) this.#paths.set(fd, to);
      }
      done(error);
    });
  };

  readonly write = (
    fd: number,
    bytes: Uint8Array,
    at: number,
    length: number,
    offset: number,
    done: WriteDone,
  ): void => {
    this.#write(fd, { length, offset }, done, (taken, written) =>
      this.#real.write(fd, bytes, at, taken, offset, written),
    );
  };

  readonly writev = (fd: number, buffers: readonly Uint8Array[], offset: number, done: WriteDone): void => {
    const length = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
    this.#write(fd, { length, offset }, done, (taken, written) => {
      if (taken === length) this.#real.writev(fd, buffers, offset, written);
      else this.#real.write(fd, Buffer.concat(buffers), 0, taken, offset, written);
    });
  };

  readonly fdatasync = (fd: number, done: FlushDone): void =>
    this.#flushing(fd, true, (finished) => this.#real.fdatasync(fd, finished), done);
  readonly fsync = (fd: number, done: FlushDone): void =>
    this.#flushing(fd, false, (finished) => this.#real.fsync(fd, finished), done);

  #write(
    fd: number,
    { length, offset }: { readonly length: number; readonly offset: number },
    done: WriteDone,
    run: (taken: number, written: WriteDone) => void,
  ): void {
    const room = this.#roomFor(length);
    if (room === 0) {
      setImmediate(done, systemError('ENOSPC', 'no space left on device', 'write'), 0);
      return;
    }
    this.#noteWrite(fd, offset, room);
    if (!this.#durable.has(fd)) {
      run(room, done);
      return;
    }
    // A write that flushes is a flush.
    let written = 0;
    this.#flushing(
      fd,
      true,
      (finished) =>
        run(room, (error, taken) => {
          written = taken;
          finished(error);
        }),
      (error) => done(error, error === null ? written : 0),
    );
  }

  /**
   * A flush as the settings want it, around the real one. `isOfLog`: by which a log is flushed; snapshots and directories
   * are by `fsync`, and no server forgets both at once.
   */
  #flushing(fd: number, isOfLog: boolean, run: (finished: FlushDone) => void, done: FlushDone): void {
    const covered = this.#serial;
    const beganMs = this.#time.nowMs();
    const slow = this.#settings.of('slow-flush');
    const accounts = this.#settings.of('account');
    const delayMs = Math.max(0, ...[...slow, ...accounts].map(({ setting }) => setting.delayMs));
    const lie = isOfLog ? this.#settings.of('lying-flush')[0] : undefined;
    run((error) => {
      const failure = error ?? this.#failure();
      const answer = (): void => {
        for (const each of slow) {
          this.#settings.hit(each, Math.max(each.amount, this.#time.nowMs() - beganMs));
        }
        if (failure === null && lie === undefined) this.#noteFlush(fd, covered);
        done(failure);
      };
      if (lie !== undefined) {
        this.#settings.hit(lie, 0);
        if (lie.setting.how === 'late') this.#time.after(LATE_FLUSH_MS, () => this.#noteFlush(fd, covered));
        answer();
      } else if (delayMs > 0) this.#time.after(delayMs, answer);
      else answer();
    });
  }

  /** How many of so many bytes there is room for. */
  #roomFor(length: number): number {
    const [full] = this.#settings.of('disk-full');
    if (full === undefined) return length;
    if (!this.#halfTaken.has(full) && length >= 2 * SECTOR_BYTES) {
      this.#halfTaken.add(full);
      // Whole sectors, without which a write past the page cache is not taken at all.
      return (length >>> 1) & -SECTOR_BYTES;
    }
    this.#settings.hit(full, length);
    return 0;
  }

  #failure(): NodeJS.ErrnoException | null {
    for (const each of this.#settings.of('flush-error')) {
      const { failures } = each.setting;
      if (failures !== null && each.times >= failures) continue;
      this.#settings.hit(each, 0);
      return systemError('EIO', 'i/o error', 'fdatasync');
    }
    return null;
  }

  #noteWrite(fd: number, offset: number, length: number): void {
    const accounts = this.#settings.of('account');
    this.#serial++;
    const path = this.#paths.get(fd);
    if (accounts.length === 0 || path === undefined) return;
    const before = this.#read(path, offset, length).toString('base64');
    this.#note({ type: 'write', serial: this.#serial, path, offset, length, before });
    this.#unflushed.push({ serial: this.#serial, path, length });
    this.#tellUnflushed();
  }

  #noteFlush(fd: number, covered: number): void {
    const path = this.#paths.get(fd);
    if (path === undefined) return;
    this.#note({ type: 'flush', path, covered });
    this.#unflushed = this.#unflushed.filter((write) => write.path !== path || write.serial > covered);
    this.#tellUnflushed();
  }

  #tellUnflushed(): void {
    const bytes = this.#unflushed.reduce((sum, { length }) => sum + length, 0);
    for (const account of this.#settings.of('account')) this.#settings.hit(account, bytes);
  }

  /** Before the call that it speaks of goes to the kernel, or after it came back: a killed process loses none of it. */
  #note(line: AccountLine): void {
    for (const { setting } of this.#settings.of('account')) {
      const known = this.#accounts.get(setting.file);
      const account = known ?? this.#real.openSync(setting.file, 'a');
      if (known === undefined) this.#accounts.set(setting.file, account);
      this.#real.writeSync(account, `${JSON.stringify(line)}\n`);
    }
  }

  #read(path: string, offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    const fd = this.#real.openSync(path, 'r');
    try {
      return bytes.subarray(0, this.#real.readSync(fd, bytes, 0, length, offset));
    } finally {
      this.#real.closeSync(fd);
    }
  }
}

function systemError(code: string, words: string, syscall: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${words}, ${syscall}`), { code, syscall });
}
