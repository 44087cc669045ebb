import { failingDiskFault } from './failing-disk.ts';

export const flushError = failingDiskFault({
  name: 'flush-error',
  doc: 'a flush of a server fails with EIO, and what it was about stays readable all the same',
  setting: { type: 'flush-error', failures: 1 },
  done: 'with a failed flush',
  words: (times) => `${times} flushes failed (EIO)`,
});
