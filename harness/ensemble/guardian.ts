import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Runs a line of shell when this process is gone, however: a shell waits on a pipe whose other end only we hold, and the
 * kernel closes that. It is in a process group of its own, so that a Ctrl-C at the terminal does not end it before its work
 * is done. To be killed when there is nothing left to be done.
 *
 * `args`: what the line knows as `"$@"`.
 */
export function startGuardian(
  line: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): ChildProcess {
  const guardian = spawn('/bin/sh', ['-c', `read -r _; ${line}`, 'guardian', ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env,
  });
  // Without a shell there is no guard, and everything else still works.
  guardian.on('error', () => {});
  guardian.unref();
  return guardian;
}
