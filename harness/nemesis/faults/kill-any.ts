import { killFault } from './kill.ts';

export const killAny = killFault({
  name: 'kill-any',
  doc: 'kill -9 of a server, whichever',
  serversMin: 1,
  target: 'any',
  mayHitAgain: true,
});
