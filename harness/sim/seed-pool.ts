import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { watchCpuTime } from './cpu-limit.ts';
import type { SeedMessage, SeedRequest } from './seed-messages.ts';

const WORKER = fileURLToPath(new URL('./seed-worker.js', import.meta.url));
/** A seed that takes more of a processor than this is a loop. */
const SEED_LIMIT_MS = 180_000;

export interface SeedPoolOptions {
  /** The main file of the child processes, where it is not this build's. */
  readonly worker?: string;
  readonly jobs: number;
  readonly seeds: Iterator<SeedRequest>;
  readonly onResult: (message: SeedMessage) => void;
  /** The process that ran it ended, or did not come to an end. */
  readonly onLost: (seed: number, why: string) => void;
  readonly isOver: () => boolean;
}

/** Runs seeds in as many child processes at once. Resolves when there are no more, or `isOver` says so. */
export function runSeeds(options: SeedPoolOptions): Promise<void> {
  return Promise.all(Array.from({ length: options.jobs }, () => new SeedLane(options).run())).then(
    () => undefined,
  );
}

/** One child process after the other, one seed after the other. */
class SeedLane {
  readonly #options: SeedPoolOptions;
  #child: ChildProcess | null = null;

  constructor(options: SeedPoolOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { seeds, isOver, onResult, onLost } = this.#options;
    while (!isOver()) {
      const next = seeds.next();
      if (next.done === true) break;
      const outcome = await this.#runOne(next.value);
      if (typeof outcome === 'string') onLost(next.value.seed, outcome);
      else onResult(outcome);
    }
    this.#drop();
  }

  #runOne(request: SeedRequest): Promise<SeedMessage | string> {
    const child = (this.#child ??= fork(this.#options.worker ?? WORKER, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }));
    return new Promise((resolve) => {
      const finish = (outcome: SeedMessage | string): void => {
        endWatch();
        child.off('message', onMessage);
        child.off('exit', onExit);
        if (typeof outcome === 'string' || outcome.isWornOut) this.#drop();
        resolve(outcome);
      };
      const onMessage = (message: unknown): void => finish(message as SeedMessage);
      const onExit = (code: number | null, signal: string | null): void =>
        finish(`its process ended: ${signal ?? `exit code ${code}`}`);
      const endWatch = watchCpuTime(child.pid ?? 0, SEED_LIMIT_MS, () =>
        finish(`no end after ${SEED_LIMIT_MS / 1000} s of processor time`),
      );
      child.on('message', onMessage);
      child.on('exit', onExit);
      child.send(request);
    });
  }

  #drop(): void {
    this.#child?.kill('SIGKILL');
    this.#child = null;
  }
}
