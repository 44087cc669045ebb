import { cutting } from '../../toxiproxy/disturbances.ts';
import { muted } from '../../toxiproxy/partitions.ts';
import { networkFault } from './network.ts';

export const muteLeader = networkFault({
  name: 'mute-leader',
  doc: 'nobody hears the leader, which hears all the others',
  serversMin: 3,
  toll: 'servers',
  choose: ({ topology, servers, leader }) => ({
    serverIds: [leader],
    label: `leader not heard (server ${leader})`,
    disturbances: cutting(topology.links, muted(servers, leader)),
  }),
});
