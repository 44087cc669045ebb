import { poisoning } from '../../toxiproxy/disturbances.ts';
import { networkFault } from './network.ts';

export const slicer = networkFault({
  name: 'slicer',
  doc: 'what is said comes in pieces of few bytes',
  choose: ({ topology, prng }) => {
    const size = 1 + prng.below(64);
    const toxic = {
      type: 'slicer',
      attributes: { average_size: size, size_variation: size >> 1, delay: 0 },
    };
    return {
      serverIds: [],
      label: `all links in pieces of about ${size} bytes`,
      disturbances: poisoning(topology.links, toxic),
    };
  },
});
