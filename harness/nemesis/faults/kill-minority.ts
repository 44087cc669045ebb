import { killFault } from './kill.ts';

export const killMinority = killFault({
  name: 'kill-minority',
  doc: 'kill -9 of as many servers as can be missed, at the same time',
  serversMin: 3,
  target: 'minority',
  mayHitAgain: false,
});
