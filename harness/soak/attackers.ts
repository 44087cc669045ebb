import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./attackers-main.js', import.meta.url));

/** The process that attacks. */
export class Attackers {
  readonly #process: ChildProcess;

  constructor(port: number, names: readonly string[]) {
    this.#process = fork(MAIN, ['127.0.0.1', String(port), ...names]);
  }

  /** Ends the attacks. @returns how many there were of each. Throws if the process has not come so far. */
  async end(): Promise<ReadonlyMap<string, number>> {
    const attackers = this.#process;
    if (!attackers.connected)
      throw new Error(`the attackers have ended with ${attackers.exitCode} by themselves`);
    const answer = once(attackers, 'message');
    const end = once(attackers, 'exit').then(() => null);
    attackers.send('end');
    const message = await Promise.race([answer, end]);
    if (message === null) throw new Error('the attackers have ended without a word');
    return new Map(Object.entries((message as [Record<string, number>])[0]));
  }

  /** Whatever they do. */
  kill(): void {
    this.#process.kill();
  }
}
