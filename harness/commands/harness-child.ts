import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cleanEnvironment } from '../load/clean-environment.ts';

/** How a command of the harness has ended that ran in a process of its own. */
export interface HarnessChild {
  /** Null if a signal ended it. */
  readonly exitCode: number | null;
  /** All it has printed. */
  readonly output: string;
  /** What it has complained of. */
  readonly errors: string;
}

/** After it was interrupted a command writes its report; one that does not come to its end is killed. */
const INTERRUPTED_MS_MAX = 120_000;

/**
 * Runs a command, by its name and arguments, by the harness at `main` in a process of its own: what one run leaves
 * behind in memory, or comes to grief by, is no matter of the next. An aborted `signal` interrupts it.
 */
export async function runHarness(
  main: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<HarnessChild> {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnvironment(),
  });
  let killing: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    child.kill('SIGINT');
    killing = setTimeout(() => child.kill('SIGKILL'), INTERRUPTED_MS_MAX);
  };
  signal?.addEventListener('abort', interrupt);
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  await once(child, 'close');
  clearTimeout(killing);
  signal?.removeEventListener('abort', interrupt);
  return { exitCode: child.exitCode, output, errors };
}

/** What it said last. */
export function lastWordsOf({ output, errors }: HarnessChild): string {
  return `${output}\n${errors}`.trim().split('\n').slice(-3).join('\n');
}

/** What it says of a history that is not valid; null if it says nothing of that. */
export function invalidityIn({ output }: HarnessChild): string | null {
  return /^HISTORY INVALID {2}(.*)$/m.exec(output)?.[1] ?? null;
}
