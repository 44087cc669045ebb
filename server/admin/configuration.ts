import type { ServerView } from './server-view.ts';

const PEER_TYPES = { participant: 0, observer: 1 } as const;

/** `conf` */
export function configurationText(view: ServerView): string {
  const { config, membership } = view;
  const lines: (readonly [string, string | number])[] = [
    ['clientPort', view.clientPort],
    ['secureClientPort', config.secureClientAddress?.port ?? -1],
    ['dataDir', view.snapDir],
    ['dataDirSize', view.dataDirSize()],
    ['dataLogDir', view.logDir],
    ['dataLogSize', view.logDirSize()],
    ['tickTime', config.tickTimeMs],
    ['maxClientCnxns', config.maxClientCnxns],
    ['minSessionTimeout', config.minSessionTimeoutMs],
    ['maxSessionTimeout', config.maxSessionTimeoutMs],
    ['clientPortListenBacklog', config.clientPortListenBacklog],
    ['serverId', view.serverId],
  ];
  const { ensemble } = config;
  // Who has been taken out of the configuration still is where it was.
  const self = ensemble === null ? null : (membership?.members.get(ensemble.myId) ?? ensemble.self);
  if (ensemble !== null && self !== null) {
    lines.push(
      ['initLimit', ensemble.initLimitMs / config.tickTimeMs],
      ['syncLimit', ensemble.syncLimitMs / config.tickTimeMs],
      ['electionAlg', 3],
      ['electionPort', self.election.port],
      ['quorumPort', self.quorum.port],
      ['peerType', PEER_TYPES[self.role]],
    );
  }
  const text = lines.map(([key, value]) => `${key}=${value}\n`).join('');
  return membership === null ? text : `${text}membership: \n${membership.text}`;
}
