import { cutting } from '../../toxiproxy/disturbances.ts';
import { bridged } from '../../toxiproxy/partitions.ts';
import { networkFault } from './network.ts';

export const partitionBridge = networkFault({
  name: 'partition-bridge',
  doc: 'two sides do not reach each other, and one server in the middle reaches both',
  serversMin: 3,
  toll: 'servers',
  choose: ({ topology, servers, prng }) => ({
    serverIds: [],
    label: 'servers parted, with a bridge',
    disturbances: cutting(topology.links, bridged(servers, prng)),
  }),
});
