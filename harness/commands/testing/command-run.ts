import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment } from '../../load/clean-environment.ts';

const MAIN = fileURLToPath(new URL('../../main.js', import.meta.url));
const POLL_MS = 20;

export interface CommandRunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** In a process group of its own, to signal as a terminal or a supervisor does. */
  readonly isGroup?: boolean;
}

/** One command of the built program as a child process: what a user sees of it. */
export class CommandRun {
  readonly child: ChildProcess;
  /** Every process that was seen below it, whenever it printed something. */
  readonly descendants = new Set<number>();
  stdout = '';
  stderr = '';
  readonly #ended: Promise<unknown>;

  constructor(args: readonly string[], options: CommandRunOptions = {}) {
    this.child = spawn(process.execPath, [MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...cleanEnvironment(), ...options.env },
      detached: options.isGroup === true,
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      for (const pid of descendantsOf(this.pid)) this.descendants.add(pid);
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.#ended = once(this.child, 'close');
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** The exit code; null for one that a signal ended. */
  async exitCode(): Promise<number | null> {
    await this.#ended;
    return this.child.exitCode;
  }

  /** @throws Error when it ends without having printed that. */
  async untilPrinted(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.stdout)) {
      const isOver = await Promise.race([
        this.#ended.then(() => true),
        once(this.child.stdout as NodeJS.ReadableStream, 'data').then(() => false),
      ]);
      if (isOver && !pattern.test(this.stdout)) {
        throw new Error(`it ended without having printed ${pattern}:\n${this.stdout}${this.stderr}`);
      }
    }
  }

  /** For the end of a test, however it went. */
  kill(): void {
    this.child.kill('SIGKILL');
  }
}

/** Resolves when none of these processes runs any more. */
export async function untilGone(pids: Iterable<number>): Promise<void> {
  const left = new Set(pids);
  while (left.size > 0) {
    for (const pid of left) if (processAt(pid) === null) left.delete(pid);
    if (left.size > 0) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

export function isRunning(pid: number): boolean {
  return processAt(pid) !== null;
}

/** Whether somebody listens on that port of 127.0.0.1. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function descendantsOf(ancestor: number): number[] {
  const all = readdirSync('/proc').flatMap((name) => {
    const found = /^\d+$/.test(name) ? processAt(Number(name)) : null;
    return found === null ? [] : [found];
  });
  const family = new Set([ancestor]);
  for (let size = 0; size !== family.size;) {
    size = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  family.delete(ancestor);
  return [...family];
}

/** Null where there is none, or only what is left of one that nobody has waited for. */
function processAt(pid: number): { readonly pid: number; readonly parent: number } | null {
  try {
    // `pid (name) state parent …`, and the name may hold anything.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'X') return null;
    // The first thread may have ended while others still do, and hold its files and ports.
    if (state === 'Z' && readdirSync(`/proc/${pid}/task`).length === 1) return null;
    return { pid, parent: Number(parent) };
  } catch {
    return null;
  }
}
