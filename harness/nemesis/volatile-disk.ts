import { closeSync, fstatSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What the preload is told by, in the server's environment. */
export const VOLATILE_DISK_VARIABLES = {
  account: 'STAMPEDE_VOLATILE_DISK_ACCOUNT',
  fault: 'STAMPEDE_VOLATILE_DISK_FAULT',
} as const;

/** A server that is wrong on purpose, to see that the loss is noticed. */
export type FlushFault = 'skipped' | 'not-awaited';

/**
 * A disk whose cache is lost with the process: start a server of ours with these flags and variables, kill it,
 * and call `lose` before the restart. A process that dies by a signal leaves its writes in the page cache, so
 * without this no kill shows whether anything was ever flushed.
 */
export class VolatileDisk {
  readonly #account: string;
  readonly #fault: FlushFault | null;

  /** `account`: a file of its own. */
  constructor(account: string, fault: FlushFault | null = null) {
    this.#account = account;
    this.#fault = fault;
  }

  get nodeFlags(): readonly string[] {
    return ['--import', fileURLToPath(new URL('./volatile-disk-preload.js', import.meta.url))];
  }

  get env(): Readonly<Record<string, string>> {
    return {
      [VOLATILE_DISK_VARIABLES.account]: this.#account,
      ...(this.#fault === null ? {} : { [VOLATILE_DISK_VARIABLES.fault]: this.#fault }),
    };
  }

  /**
   * Takes away what the killed server had not flushed: the bytes become zeros, which is what was there before.
   * Returns how many bytes that were, and forgets the account.
   */
  lose(): number {
    let lost = 0;
    for (const { path, offset, length } of unflushedWrites(readFileSync(this.#account, 'utf8'))) {
      lost += blank(path, offset, length);
    }
    rmSync(this.#account);
    return lost;
  }
}

interface Write {
  readonly serial: number;
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

/** What the account is made of, one JSON object a line. */
export type AccountLine =
  | (Write & { readonly type: 'write' })
  /** What was written to this file up to the write with this number is on the disk. */
  | { readonly type: 'flush'; readonly path: string; readonly covered: number }
  | { readonly type: 'rename'; readonly from: string; readonly to: string };

function unflushedWrites(account: string): readonly Write[] {
  let writes: Write[] = [];
  for (const text of account.split('\n')) {
    // The kill may have cut the last one short.
    if (!text.endsWith('}')) continue;
    const line = JSON.parse(text) as AccountLine;
    switch (line.type) {
      case 'write':
        writes.push(line);
        break;
      case 'flush':
        writes = writes.filter(({ path, serial }) => path !== line.path || serial > line.covered);
        break;
      case 'rename':
        writes = writes.map((write) => (write.path === line.from ? { ...write, path: line.to } : write));
        break;
    }
  }
  return writes;
}

/** A file that has been removed since has nothing to lose. */
function blank(path: string, offset: number, length: number): number {
  let fd: number;
  try {
    fd = openSync(path, 'r+');
  } catch {
    return 0;
  }
  const end = Math.min(offset + length, fstatSync(fd).size);
  if (end > offset) writeSync(fd, new Uint8Array(end - offset), 0, end - offset, offset);
  closeSync(fd);
  return Math.max(0, end - offset);
}
