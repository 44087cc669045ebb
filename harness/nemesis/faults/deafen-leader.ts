import { cutting } from '../../toxiproxy/disturbances.ts';
import { deafened } from '../../toxiproxy/partitions.ts';
import { networkFault } from './network.ts';

export const deafenLeader = networkFault({
  name: 'deafen-leader',
  doc: 'the leader hears nobody, and all the others hear it',
  serversMin: 3,
  toll: 'servers',
  choose: ({ topology, servers, leader }) => ({
    serverIds: [leader],
    label: `leader deaf (server ${leader})`,
    disturbances: cutting(topology.links, deafened(servers, leader)),
  }),
});
