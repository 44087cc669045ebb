import { poisoning } from '../../toxiproxy/disturbances.ts';
import { networkFault } from './network.ts';

export const loss = networkFault({
  name: 'loss',
  doc: 'packets between servers are lost, and sent again as TCP does',
  choose: ({ topology, prng }) => {
    const percent = 1 + prng.below(20);
    const toxic = { type: 'loss', attributes: { rate: percent / 100, rto: 200 } };
    return {
      serverIds: [],
      label: `${percent} % of packets lost between servers`,
      disturbances: poisoning(
        topology.links.filter(({ kind }) => kind !== 'client'),
        toxic,
      ),
    };
  },
});
