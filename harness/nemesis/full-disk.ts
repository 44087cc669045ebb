import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What the preload is told by, in the server's environment: a file that is there while the disk is full. */
export const FULL_DISK_VARIABLE = 'STAMPEDE_FULL_DISK';

/** A disk that can be filled and freed while a server of ours, started with these flags and variables, runs. */
export class FullDisk {
  readonly #flag: string;

  /** `flag`: a path of its own, where nothing is yet. */
  constructor(flag: string) {
    this.#flag = flag;
  }

  get nodeFlags(): readonly string[] {
    return ['--import', fileURLToPath(new URL('./full-disk-preload.js', import.meta.url))];
  }

  get env(): Readonly<Record<string, string>> {
    return { [FULL_DISK_VARIABLE]: this.#flag };
  }

  /** From now on a write gets half of its bytes through, and every later one none: ENOSPC. */
  fill(): void {
    writeFileSync(this.#flag, '');
  }

  free(): void {
    rmSync(this.#flag, { force: true });
  }
}
