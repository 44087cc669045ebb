import { killFault } from './kill.ts';

export const killAll = killFault({
  name: 'kill-all',
  doc: 'kill -9 of all servers at the same time',
  serversMin: 2,
  target: 'all',
  mayHitAgain: false,
});
