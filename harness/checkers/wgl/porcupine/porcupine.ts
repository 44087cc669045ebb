import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Judge, TimedVerdict } from './in-turn.ts';

const SOURCE = fileURLToPath(new URL('../../../../../harness/checkers/wgl/porcupine', import.meta.url));
const BUILD_TIMEOUT_MS = 300_000;
/** Then it gives up on a history, and the verdict is unknown. */
const TIMEOUT_S = 20;
const STDERR_KEPT = 4000;

/** Go's compiler in PATH, or where Go's own archive is unpacked; null if there is none. */
function findGo(): string | null {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  for (const directory of [...directories, '/usr/local/go/bin']) {
    const path = join(directory, 'go');
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here.
    }
  }
  return null;
}

export type PorcupineBuild =
  { readonly isBuilt: true; readonly program: string } | { readonly isBuilt: false; readonly why: string };

/**
 * Builds the program that judges by Porcupine (Go, github.com/anishathalye/porcupine) in a directory. `why`: there is no
 * Go, or what its compiler has printed, as where it can't have the module.
 */
export function buildPorcupine(directory: string): PorcupineBuild {
  const go = findGo();
  if (go === null) return { isBuilt: false, why: 'there is no go in PATH' };
  const program = join(directory, 'porcupine');
  const { error, status, stderr } = spawnSync(go, ['build', '-o', program, '.'], {
    cwd: SOURCE,
    encoding: 'utf8',
    timeout: BUILD_TIMEOUT_MS,
  });
  if (status === 0) return { isBuilt: true, program };
  return { isBuilt: false, why: `${go} build: ${error?.message ?? stderr.trim()}` };
}

/** A process that holds one history and judges it as often as it is asked. */
export class Porcupine implements Judge {
  readonly name: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  readonly #gone: Promise<unknown>;
  #printed = '';

  /** `cores`: how many it may use; all unless told. */
  constructor(name: string, program: string, historyPath: string, cores?: number) {
    this.name = name;
    const env = cores === undefined ? process.env : { ...process.env, GOMAXPROCS: String(cores) };
    this.#child = spawn(program, [historyPath, `${TIMEOUT_S}s`], { env });
    this.#gone = once(this.#child, 'exit');
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#printed = (this.#printed + text).slice(-STDERR_KEPT);
    });
    // What can't be written any more is told by the line that does not come.
    this.#child.stdin.on('error', () => {});
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** @throws Error with what it has printed if it has ended. */
  async judge(): Promise<TimedVerdict> {
    this.#child.stdin.write('\n');
    const line = await this.#lines.next();
    if (line.done === true) {
      await this.#gone;
      throw new Error(`the program that judges by Porcupine has ended: ${this.#printed.trim()}`);
    }
    return JSON.parse(line.value) as TimedVerdict;
  }

  /** Resolves when the process is gone. */
  async stop(): Promise<void> {
    this.#child.stdin.end();
    await this.#gone;
    this.#reader.close();
  }
}
