import { parseConnectString } from '../client/connect-string.ts';
import { type Ensemble, EnsembleError, serverById } from '../ensemble/ensemble.ts';
import { UsageError } from './exit-code.ts';

/**
 * Where the load's connections begin. After a failure each moves to the next server, its session with it, but for
 * those that are pinned.
 */
export type ClientPlacement =
  | { readonly type: 'spread' | 'leader' | 'followers' }
  | { readonly type: 'pinned'; readonly serverId: number };

/** @throws UsageError for what is no placement, or one that so many servers can't have. */
export function parseClientPlacement(text: string, serverCount: number): ClientPlacement {
  const pinned = /^pinned:(\d+)$/.exec(text)?.[1];
  if (pinned !== undefined) {
    const serverId = Number(pinned);
    if (serverId >= 1 && serverId <= serverCount) return { type: 'pinned', serverId };
    throw new UsageError(
      `--clients ${text}: there is no server ${serverId}; give one from 1 to ${serverCount}`,
    );
  }
  if (text === 'spread') return { type: text };
  if (text !== 'leader' && text !== 'followers') {
    throw new UsageError(`--clients ${text}: give spread, leader, followers, or pinned:<n> for server n`);
  }
  if (serverCount > 1) return { type: text };
  throw new UsageError(
    `--clients ${text}: a server on its own has neither leader nor followers; leave it out`,
  );
}

/** For `runLoad`, once the ensemble serves. @throws EnsembleError if nobody has the role. */
export async function placeClients(
  placement: ClientPlacement,
  ensemble: Ensemble,
): Promise<{ readonly connectString: string; readonly firstServers: readonly number[] }> {
  const { servers, connectString } = ensemble;
  switch (placement.type) {
    case 'spread':
      return { connectString, firstServers: servers.map((_, index) => index) };
    case 'pinned': {
      const { clientAddress } = serverById(servers, placement.serverId);
      const { chroot } = parseConnectString(connectString);
      return { connectString: clientAddress + chroot, firstServers: [0] };
    }
    case 'leader':
    case 'followers': {
      const wanted = placement.type === 'leader' ? 'leader' : 'follower';
      const roles = await ensemble.roles();
      const firstServers = servers.flatMap(({ id }, index) => (roles.get(id) === wanted ? [index] : []));
      if (firstServers.length > 0) return { connectString, firstServers };
      throw new EnsembleError(`no server of ${connectString} says that it is a ${wanted}, for --clients`);
    }
  }
}
