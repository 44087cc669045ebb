import { cutting } from '../../toxiproxy/disturbances.ts';
import { halves } from '../../toxiproxy/partitions.ts';
import { networkFault } from './network.ts';

export const partitionHalves = networkFault({
  name: 'partition-halves',
  doc: 'two halves of the servers do not reach each other',
  serversMin: 3,
  toll: 'servers',
  choose: ({ topology, servers, prng }) => ({
    serverIds: [],
    label: 'servers parted in two halves',
    disturbances: cutting(topology.links, halves(servers, prng)),
  }),
});
