import { poisoning } from '../../toxiproxy/disturbances.ts';
import { networkFault } from './network.ts';

export const resetClients = networkFault({
  name: 'reset-clients',
  doc: 'connections of clients are reset again and again',
  choose: ({ topology, prng }) => {
    const timeout = 50 + prng.below(451);
    const toxic = { type: 'reset_peer', attributes: { timeout } };
    return {
      serverIds: [],
      label: `connections of clients reset after ${timeout} ms`,
      disturbances: poisoning(
        topology.links.filter(({ kind }) => kind === 'client'),
        toxic,
      ),
    };
  },
});
