import { powerCutFault } from './power-cut.ts';

export const tornLastWrite = powerCutFault({
  name: 'torn-last-write',
  doc: 'kill -9, and of what was written and not flushed some sectors are on the disk and some are not',
  tears: true,
});
