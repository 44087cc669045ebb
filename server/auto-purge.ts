import type { Log } from './base/log.ts';
import { runScript } from './storage/disk-script.ts';
import type { Disk } from './storage/disk.ts';
import { purge } from './storage/purge.ts';

const HOUR_MS = 3_600_000;

export interface AutoPurgeOptions {
  readonly disk: Disk;
  /** The `version-2` directories. */
  readonly directories: { readonly snapshots: string; readonly logs: string };
  readonly retainCount: number;
  /** 0: never. */
  readonly intervalHours: number;
  readonly log: Log;
}

/** Purges at the start and then every so many hours (`autopurge.purgeInterval`). Returns how to stop it. */
export function startAutoPurge(options: AutoPurgeOptions): () => void {
  const { disk, directories, retainCount, intervalHours, log } = options;
  if (intervalHours <= 0) return () => undefined;
  let isRunning = false;
  const run = (): void => {
    if (isRunning) return;
    isRunning = true;
    runScript(disk, purge({ directories, retainCount }), (error, result) => {
      isRunning = false;
      if (error !== null) log.error('AutoPurge', error.message);
      else log.info('AutoPurge', `${result?.deleted.length ?? 0} files deleted`);
    });
  };
  run();
  const timer = setInterval(run, intervalHours * HOUR_MS);
  return () => clearInterval(timer);
}
