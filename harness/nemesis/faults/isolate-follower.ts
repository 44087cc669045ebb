import { cutting } from '../../toxiproxy/disturbances.ts';
import { isolated } from '../../toxiproxy/partitions.ts';
import { networkFault } from './network.ts';

export const isolateFollower = networkFault({
  name: 'isolate-follower',
  doc: 'a follower and the others do not reach each other; clients reach all',
  toll: 'servers',
  choose: ({ topology, servers, leader, prng }) => {
    const followers = servers.filter((id) => id !== leader);
    const id = followers[prng.below(followers.length)] ?? 0;
    return {
      serverIds: [id],
      label: `follower isolated (server ${id})`,
      disturbances: cutting(topology.links, isolated(servers, id)),
    };
  },
});
