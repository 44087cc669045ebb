import type { Fault } from './fault.ts';
import { KILL_AGAIN } from './kill.ts';

export const killFollower: Fault = {
  ...KILL_AGAIN,
  name: 'kill-follower',
  doc: 'kill -9 of a follower',
  serversMin: 2,
  victims({ roles, prng }) {
    const followers = [...roles].flatMap(([id, role]) => (role === 'follower' ? [id] : []));
    return prng.shuffled(followers).slice(0, 1);
  },
};
