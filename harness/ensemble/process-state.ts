import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ProcessState } from './ensemble.ts';
import type { ServerExit } from './server-process.ts';

/** What the operating system says of the process of a server. */
export function processStateOf(server: {
  readonly pid: number | null;
  readonly lastExit: ServerExit | null;
}): ProcessState {
  const { pid, lastExit } = server;
  if (pid === null) {
    return { state: 'ended', words: lastExit === null ? 'it was never started' : describeExit(lastExit) };
  }
  const letter = stateLetterOf(pid);
  // A zombie has ended and was not waited for yet.
  if (letter === null || letter === 'Z' || letter === 'X')
    return { state: 'ended', words: `process ${pid} has ended` };
  const state = letter === 'T' || letter === 't' ? 'stopped' : 'running';
  return { state, words: `process ${pid} is in state ${letter}` };
}

function describeExit({ pid, code, signal }: ServerExit): string {
  return `process ${pid} has ended ${signal === null ? `with exit code ${code}` : `by ${signal}`}`;
}

/** As `ps` shows it: R runs, S and D wait, T is stopped, Z has ended; null for a process there is not. */
function stateLetterOf(pid: number): string | null {
  try {
    if (process.platform !== 'linux') return stateByPs(pid);
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Behind the name, which is in parentheses and may have some of its own.
    return stat
      .slice(stat.lastIndexOf(')') + 1)
      .trim()
      .charAt(0);
  } catch {
    return null;
  }
}

function stateByPs(pid: number): string {
  return execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'latin1' })
    .trim()
    .charAt(0);
}
