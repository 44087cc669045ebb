import { poisoning } from '../../toxiproxy/disturbances.ts';
import { networkFault } from './network.ts';

export const corruptElection = networkFault({
  name: 'corrupt-election',
  doc: 'bits are flipped in what servers say of elections; elsewhere the protocol has no checksum to notice it by',
  choose: ({ topology, prng }) => {
    const rate = 500 + prng.below(4_501);
    const toxic = { type: 'corrupt', attributes: { bits: 1, rate } };
    return {
      serverIds: [],
      label: `${rate} flipped bits in a megabyte of election messages`,
      disturbances: poisoning(
        topology.links.filter(({ kind }) => kind === 'election'),
        toxic,
      ),
    };
  },
});
