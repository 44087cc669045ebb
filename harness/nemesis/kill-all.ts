import type { Fault } from './fault.ts';
import { KILL } from './kill.ts';

export const killAll: Fault = {
  ...KILL,
  name: 'kill-all',
  doc: 'kill -9 of all servers at the same time',
  serversMin: 2,
  victims: ({ servers }) => servers.map(({ id }) => id),
};
