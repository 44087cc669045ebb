import type { Log } from './base/log.ts';
import type { Completion } from './storage/disk.ts';
import type { PurgeResult } from './storage/purge.ts';

const HOUR_MS = 3_600_000;

export interface AutoPurgeOptions {
  readonly purge: (done: Completion<PurgeResult>) => void;
  /** 0: never. */
  readonly intervalHours: number;
  readonly log: Log;
}

/** Purges at the start and then every so many hours (`autopurge.purgeInterval`). Returns how to stop it. */
export function startAutoPurge({ purge, intervalHours, log }: AutoPurgeOptions): () => void {
  if (intervalHours <= 0) return () => undefined;
  const run = (): void => {
    purge((error, result) => {
      if (error !== null) log.error('AutoPurge', error.message);
      else log.info('AutoPurge', `${result?.deleted.length ?? 0} files deleted`);
    });
  };
  run();
  const timer = setInterval(run, intervalHours * HOUR_MS);
  return () => clearInterval(timer);
}
