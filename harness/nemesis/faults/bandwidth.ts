import { poisoning } from '../../toxiproxy/disturbances.ts';
import { networkFault } from './network.ts';

export const bandwidth = networkFault({
  name: 'bandwidth',
  doc: 'little gets through between servers at a time',
  choose: ({ topology, prng }) => {
    const rate = 20 + prng.below(181);
    const toxic = { type: 'bandwidth', attributes: { rate } };
    return {
      serverIds: [],
      label: `servers with ${rate} KB/s`,
      disturbances: poisoning(
        topology.links.filter(({ kind }) => kind !== 'client'),
        toxic,
      ),
    };
  },
});
