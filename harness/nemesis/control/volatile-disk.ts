import type { Imposed, ServerControl } from './server-control.ts';

/** How a server lies that is wrong on purpose, to see that the loss is noticed. */
export type FlushLie = 'skipped' | 'late';

/** How long a flush takes besides its own time, so that a kill at a random moment often falls into one. */
const FLUSH_DELAY_MS = 5;

/**
 * A disk whose cache is lost with the process: kill the server and call `undoUnflushed` before the restart. A process
 * that dies by a signal leaves its writes in the page cache, so without this no kill shows whether anything was ever
 * flushed.
 */
export async function imposeVolatileDisk(
  control: ServerControl,
  account: string,
  lie: FlushLie | null = null,
): Promise<Imposed> {
  if (lie !== null) await control.impose({ type: 'lying-flush', how: lie });
  return control.impose({ type: 'account', file: account, delayMs: FLUSH_DELAY_MS });
}
