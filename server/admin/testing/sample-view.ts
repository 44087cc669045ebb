import type { SessionId } from '../../base/session-id.ts';
import { makeZxid } from '../../base/zxid.ts';
import { parseServerConfig } from '../../config.ts';
import { ServerStats } from '../server-stats.ts';
import type { ConnectionView, ServerView, SessionView } from '../server-view.ts';

/** As Apache's answers were recorded with. */
export const SESSION: SessionView = {
  sessionId: 0x10000242d980000n as SessionId,
  lastOperation: 'GETC',
  establishedMs: 1_795_254_082_747,
  timeoutMs: 10_000,
  lastCxid: 8,
  lastZxid: makeZxid(0, 8),
  lastResponseMs: 2_400_098,
  lastLatencyMs: 2,
  minLatencyMs: 0,
  averageLatencyMs: 3.5,
  maxLatencyMs: 19,
};

/** Of a server whose sessions are negative as signed numbers. */
export const OTHER = BigInt.asIntN(64, 0xf0000242d9800001n) as SessionId;

export function connection(port: number, session: SessionView | null): ConnectionView {
  return {
    remoteAddress: '::ffff:127.0.0.1',
    remotePort: port,
    isSecure: false,
    queued: 0,
    received: session === null ? 1 : 10,
    sent: session === null ? 0 : 10,
    interestOps: session === null ? 0 : 1,
    lastHeardMs: 1200,
    session,
    resetStats() {},
  };
}

export function busyStats(): ServerStats {
  const stats = new ServerStats();
  // Fractions of a millisecond are not Apache's way.
  for (const latency of [19.8, 1.2, 2, 3.9, 2.5, 1, 2, 2]) stats.updateDone(latency);
  for (const latency of [1.9, 2.1]) stats.readDone(latency);
  stats.packetsReceived = 22;
  stats.packetsSent = 22;
  return stats;
}

/** Of a server as it was when Apache's answers were recorded; `more`: lines of zoo.cfg. */
export function makeView(
  overrides: Partial<ServerView> & { whitelist?: string; more?: readonly string[] } = {},
): ServerView {
  const { whitelist = '*', more = [], ...fields } = overrides;
  const text = [
    'dataDir=/var/zk',
    'clientPort=0',
    'tickTime=500',
    `4lw.commands.whitelist=${whitelist}`,
    'stampede.versionLine=3.8.0-${mvngit.commit.id}, built on 2024-12-29 17:54 UTC',
    ...more,
  ].join('\n');
  const config = parseServerConfig(text, { file: 'zoo.cfg', cwd: '/', readFile: () => '2\n' });
  return {
    config,
    stats: busyStats(),
    clientPort: 27_411,
    isServing: true,
    serverState: 'standalone',
    serverId: 0,
    leaderId: null,
    lastSnapshot: null,
    lastProcessedZxid: makeZxid(0, 8),
    outstandingRequests: 0,
    uptimeMs: 29_413.7,
    watches: {
      watcherCount: 2,
      pathCount: 2,
      count: 3,
      byPath: () => [
        ['/a', [SESSION.sessionId, OTHER]],
        ['/b', [OTHER]],
      ],
      bySession: () => [
        [SESSION.sessionId, ['/a']],
        [OTHER, ['/a', '/b']],
      ],
    },
    leading: null,
    peerState: null,
    membership: config.ensemble?.membership ?? null,
    sessions: () => [SESSION.sessionId, OTHER],
    sessionTimeoutMs: (session) => (session === OTHER ? 4000 : 10_000),
    sessionExpiries: () => [
      [2000, [OTHER]],
      [11_500, [SESSION.sessionId]],
    ],
    ephemeralOwners: () => [OTHER],
    ephemeralsOf: () => ['/a/e', '/b/e'],
    digests: () => [
      { zxid: makeZxid(1, 128), digest: 5n },
      { zxid: makeZxid(1, 256), digest: 2n ** 64n - 1n },
    ],
    wallMsOf: (monotonicMs) => Date.UTC(2026, 0, 2, 3, 4, 5) + monotonicMs,
    tree: { znodeCount: 12, watchCount: 2, ephemeralsCount: 7, approximateDataSize: 135 },
    globalSessionCount: 1,
    localSessionCount: 0,
    connectionCount: 2,
    connections: () => [connection(38_868, null), connection(38_856, SESSION)],
    dataDirSize: () => 457,
    logDirSize: () => 457,
    snapDir: '/var/zk/version-2',
    logDir: '/var/zk/version-2',
    fileDescriptors: () => ({ open: 47, max: 20_000 }),
    ...fields,
  };
}
