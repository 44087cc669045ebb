import { fdatasync, openSync, write, writeSync } from 'node:fs';
import { OutputBuffer } from '../client/output-buffer.ts';

const LOG_FILE_BYTES = 64 * 1024 * 1024;

/** Where a null server's writes go before they are answered. */
export interface WriteLog {
  /** Copies what it needs. */
  append(bytes: Uint8Array, start: number, end: number): void;
  /** Calls back when all that has been appended by now is safe. */
  afterFlush(done: () => void): void;
}

/** Group commit without a timer: while one write and flush runs, the next batch gathers. */
export class NullLog implements WriteLog {
  readonly #fd: number;
  #gathering = new OutputBuffer(1024 * 1024);
  #writing = new OutputBuffer(1024 * 1024);
  #waiting: (() => void)[] = [];
  #position = 0;
  #isBusy = false;

  constructor(file: string) {
    this.#fd = openSync(file, 'w');
    // Preallocated as ZooKeeper's own log is, so that a flush has no file size to write.
    const zeros = new Uint8Array(1024 * 1024);
    for (let at = 0; at < LOG_FILE_BYTES; at += zeros.length) writeSync(this.#fd, zeros, 0, zeros.length, at);
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    this.#gathering.raw(bytes.subarray(start, end));
  }

  afterFlush(done: () => void): void {
    this.#waiting.push(done);
    if (!this.#isBusy) {
      this.#isBusy = true;
      // After the other connections of this turn have been heard: their writes go into the same flush.
      setImmediate(() => this.#commit());
    }
  }

  #commit(): void {
    const batch = this.#gathering;
    const waiting = this.#waiting;
    [this.#gathering, this.#writing] = [this.#writing, batch];
    this.#waiting = [];
    if (this.#position + batch.length > LOG_FILE_BYTES) this.#position = 0;
    const at = this.#position;
    this.#position += batch.length;
    write(this.#fd, batch.bytes, 0, batch.length, at, (writeError) => {
      if (writeError !== null) throw writeError;
      fdatasync(this.#fd, (syncError) => {
        if (syncError !== null) throw syncError;
        batch.clear();
        for (const done of waiting) done();
        if (this.#waiting.length > 0) this.#commit();
        else this.#isBusy = false;
      });
    });
  }
}
