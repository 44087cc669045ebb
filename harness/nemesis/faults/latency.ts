import { poisoning } from '../../toxiproxy/disturbances.ts';
import { networkFault } from './network.ts';

export const latency = networkFault({
  name: 'latency',
  doc: 'every byte between servers, and to clients, comes later',
  choose: ({ topology, prng }) => {
    const latency = 5 + prng.below(96);
    const toxic = { type: 'latency', attributes: { latency, jitter: 0 } };
    return {
      serverIds: [],
      label: `all links ${latency} ms slower`,
      disturbances: poisoning(topology.links, toxic),
    };
  },
});
