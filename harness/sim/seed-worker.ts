import { runSeed } from './run-seed.ts';
import type { SeedMessage, SeedRequest } from './seed-messages.ts';

/** The main file of a child process that runs seeds for its parent, one after the other. */
const RSS_BYTES_MAX = 1 << 30;

process.on('message', ({ seed, isTwice }: SeedRequest) => {
  const result = runSeed(seed);
  const second = isTwice ? runSeed(seed) : null;
  const message: SeedMessage = {
    result: { ...result, marks: [...result.marks] },
    isDeterministic: second === null || (second.hash === result.hash && second.events === result.events),
    isWornOut: process.memoryUsage.rss() > RSS_BYTES_MAX,
  };
  process.send?.(message);
});
// An interruption comes to the whole group: the parent decides, and this seed comes to its end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit(0));
