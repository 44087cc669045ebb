import { poisoning } from '../../toxiproxy/disturbances.ts';
import { networkFault } from './network.ts';

export const slowClose = networkFault({
  name: 'slow-close',
  doc: 'connections between servers look open for a while after they were closed',
  choose: ({ topology, prng }) => {
    const delay = 500 + prng.below(4_501);
    const toxic = { type: 'slow_close', attributes: { delay } };
    return {
      serverIds: [],
      label: `connections between servers close ${delay} ms late`,
      disturbances: poisoning(
        topology.links.filter(({ kind }) => kind !== 'client'),
        toxic,
      ),
    };
  },
});
