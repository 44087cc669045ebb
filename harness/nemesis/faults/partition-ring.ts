import { cutting } from '../../toxiproxy/disturbances.ts';
import { majoritiesRing } from '../../toxiproxy/partitions.ts';
import { networkFault } from './network.ts';

export const partitionRing = networkFault({
  name: 'partition-ring',
  doc: 'each server reaches a majority, and no two the same one',
  serversMin: 5,
  toll: 'servers',
  choose: ({ topology, servers, prng }) => ({
    serverIds: [],
    label: 'servers parted in a ring of majorities',
    disturbances: cutting(topology.links, majoritiesRing(servers, prng)),
  }),
});
