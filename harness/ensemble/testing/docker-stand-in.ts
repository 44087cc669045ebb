import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./docker-stand-in-main.js', import.meta.url));

/** What the stand-in is to be without. */
export type Missing = 'daemon' | 'plugin' | 'image';

/** A `docker` command that stands for one with an engine behind it: see `docker-stand-in-main.ts`. */
export class DockerStandIn {
  readonly #home: string;
  /** With it first on the PATH. */
  readonly env: Readonly<Record<string, string>>;

  /** `directory`: an empty one. */
  constructor(directory: string, missing?: Missing) {
    this.#home = join(directory, 'containers');
    const bin = join(directory, 'bin');
    for (const each of [this.#home, bin]) mkdirSync(each);
    const command = join(bin, 'docker');
    // A test runner's own loader is not for it.
    writeFileSync(command, `#!/bin/sh\nunset NODE_OPTIONS\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
    chmodSync(command, 0o755);
    this.env = {
      PATH: [bin, process.env['PATH'] ?? ''].join(delimiter),
      DOCKER_STAND_IN: this.#home,
      ...(missing === undefined ? {} : { DOCKER_STAND_IN_WITHOUT: missing }),
    };
  }

  /** The ids of all containers there are, running or not. */
  get containers(): string[] {
    return readdirSync(this.#home).filter((name) => name !== 'refused');
  }

  /** What it was asked for and does not know, command by command. */
  get refused(): string[] {
    const file = join(this.#home, 'refused');
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  }

  /** Of the processes in its containers that were started. */
  get pids(): number[] {
    const files = this.containers.map((id) => join(this.#home, id, 'pid'));
    return files.filter((file) => existsSync(file)).map((file) => Number(readFileSync(file, 'utf8')));
  }
}
