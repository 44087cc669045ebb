import { poisoning } from '../../toxiproxy/disturbances.ts';
import { networkFault } from './network.ts';

export const jitter = networkFault({
  name: 'jitter',
  doc: 'every byte between servers, and to clients, comes later, some much',
  choose: ({ topology, prng }) => {
    const latency = 5 + prng.below(46);
    const toxic = { type: 'latency', attributes: { latency, jitter: latency } };
    return {
      serverIds: [],
      label: `all links up to ${2 * latency} ms slower`,
      disturbances: poisoning(topology.links, toxic),
    };
  },
});
