import { cutting } from '../../toxiproxy/disturbances.ts';
import { isolated } from '../../toxiproxy/partitions.ts';
import { networkFault } from './network.ts';

export const isolateLeader = networkFault({
  name: 'isolate-leader',
  doc: 'the leader and the others do not reach each other; clients reach all',
  serversMin: 3,
  toll: 'servers',
  choose: ({ topology, servers, leader }) => ({
    serverIds: [leader],
    label: `leader isolated (server ${leader})`,
    disturbances: cutting(topology.links, isolated(servers, leader)),
  }),
});
