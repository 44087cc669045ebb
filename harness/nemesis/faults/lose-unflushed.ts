import { powerCutFault } from './power-cut.ts';

export const loseUnflushed = powerCutFault({
  name: 'lose-unflushed',
  doc: 'kill -9, and what was written and not flushed is gone, as after a power cut',
  tears: false,
});
