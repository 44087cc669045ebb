import { pauseFault } from './pause.ts';

export const pauseMinority = pauseFault({
  name: 'pause-minority',
  doc: 'SIGSTOP of as many servers as can be missed, and SIGCONT',
  serversMin: 3,
  target: 'minority',
});
