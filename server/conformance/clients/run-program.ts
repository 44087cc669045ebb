import { spawn } from 'node:child_process';

export interface ProgramOptions {
  readonly cwd?: string;
  /** Over the environment it inherits. */
  readonly env?: Readonly<Record<string, string>>;
  /** Given to it on its standard input, which is then closed. */
  readonly input?: string;
  readonly timeoutMs: number;
}

export interface ProgramResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const SHOWN_OUTPUT_CHARS = 4000;

/** The program was killed because it did not end. */
export class ProgramTimeout extends Error {
  override readonly name = 'ProgramTimeout';
  /** All it had printed by then. */
  readonly stdout: string;

  constructor(what: string, stdout: string, stderr: string) {
    super(`${what}:\n${`${stdout}${stderr}`.slice(-SHOWN_OUTPUT_CHARS)}`);
    this.stdout = stdout;
  }
}

/**
 * Runs a program to its end and hands back all it printed.
 *
 * @throws Error when it cannot be started; ProgramTimeout when it has not ended after `timeoutMs`: then it is
 *   killed, and with it everything it started.
 */
export function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    // In a process group of its own, so that a test runner it starts goes with it.
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...cleanEnvironment(), ...options.env },
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, options.timeoutMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      const what = `${command} has not ended after ${options.timeoutMs} ms`;
      if (isLate) reject(new ProgramTimeout(what, stdout, stderr));
      else resolve({ code, stdout, stderr });
    });
    // It may end without reading what it is told.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

/** Without what a test runner of ours would make its children do. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => name !== 'NODE_OPTIONS' && !/^_?TAP/.test(name),
  );
  return { ...Object.fromEntries(kept), TZ: 'UTC', LC_ALL: 'C.UTF-8' };
}
