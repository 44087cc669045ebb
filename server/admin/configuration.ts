import type { ServerView } from './server-view.ts';

const PEER_TYPES = { participant: 0, observer: 1 } as const;

/** `conf` */
export function configurationText(view: ServerView): string {
  const { config } = view;
  const lines: (readonly [string, string | number])[] = [
    ['clientPort', view.clientPort],
    ['secureClientPort', -1],
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
  if (ensemble !== null) {
    lines.push(
      ['initLimit', ensemble.initLimitMs / config.tickTimeMs],
      ['syncLimit', ensemble.syncLimitMs / config.tickTimeMs],
      ['electionAlg', 3],
      ['electionPort', ensemble.self.election.port],
      ['quorumPort', ensemble.self.quorum.port],
      ['peerType', PEER_TYPES[ensemble.self.role]],
    );
  }
  const text = lines.map(([key, value]) => `${key}=${value}\n`).join('');
  return ensemble === null ? text : `${text}membership: \n${ensemble.membership.text}`;
}
