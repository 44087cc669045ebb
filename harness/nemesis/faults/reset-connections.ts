import { poisoning } from '../../toxiproxy/disturbances.ts';
import { networkFault } from './network.ts';

export const resetConnections = networkFault({
  name: 'reset-connections',
  doc: 'connections between servers are reset again and again',
  choose: ({ topology, prng }) => {
    const timeout = 50 + prng.below(451);
    const toxic = { type: 'reset_peer', attributes: { timeout } };
    return {
      serverIds: [],
      label: `connections between servers reset after ${timeout} ms`,
      disturbances: poisoning(
        topology.links.filter(({ kind }) => kind !== 'client'),
        toxic,
      ),
    };
  },
});
