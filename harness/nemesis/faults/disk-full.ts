import { failingDiskFault } from './failing-disk.ts';

export const diskFull = failingDiskFault({
  name: 'disk-full',
  doc: 'half of a write finds room on the disk of a server, and nothing after it: ENOSPC',
  setting: { type: 'disk-full' },
  done: 'with a full disk',
  words: (times) => `${times} writes found no room (ENOSPC)`,
});
