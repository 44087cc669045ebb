import type { Fault } from './fault.ts';
import { KILL_AGAIN } from './kill.ts';

export const killAny: Fault = {
  ...KILL_AGAIN,
  name: 'kill-any',
  doc: 'kill -9 of a server, whichever',
  serversMin: 1,
  victims: ({ servers, prng }) =>
    prng
      .shuffled(servers)
      .slice(0, 1)
      .map(({ id }) => id),
};
