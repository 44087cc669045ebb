import { sessionPassword } from '../../server/session/session-password.ts';
import { DEFAULT_LIMITS } from '../../server/pipeline/limits.ts';
import type { ServerId } from '../../server/base/server-id.ts';
import type { CoreConfig, EnsembleCoreConfig } from '../../server/ensemble/core-config.ts';
import { EnsembleServer } from '../../server/ensemble/ensemble-server.ts';
import { StandaloneServer } from '../../server/ensemble/standalone-server.ts';
import type { EnsembleSurroundings } from '../../server/ensemble/surroundings.ts';
import { TEST_AUTHENTICATOR, TEST_PROVIDERS } from '../../server/pipeline/testing/test-auth.ts';
import { membersOn } from './members.ts';
import type { NodePorts, SimNode, SimServer } from './sim-node.ts';
import { CLIENT_PORT, DIRECTORY, ELECTION_PORT, QUORUM_PORT } from './places.ts';
import { OPERATOR_TOKEN } from './client/sim-operator.ts';
import type { AuthId } from '../../server/tree/acl.ts';
import type { ServerFactory } from './simulation.ts';
import type { SwarmConfig } from './swarm.ts';

const NO_COUNTERS = {
  packetsReceived: 0,
  authFailedCount: 0,
  readDone: () => undefined,
  updateDone: () => undefined,
  responseSent: () => undefined,
  batchWritten: () => undefined,
  electionDone: () => undefined,
  snapshotWritten: () => undefined,
};

/** The real server of an ensemble, on the simulated machine. */
export const createEnsembleMember: ServerFactory = (config, node, ports): SimServer => {
  const server: EnsembleServer = new EnsembleServer(
    coreConfig(config),
    ensembleConfig(config, node),
    surroundings(ports, () => server.endOfTurn()),
  );
  return {
    start: () => server.start((error) => haltFor(error, ports)),
    listeners: () => [
      { port: CLIENT_PORT, accept: server.onClientConnection },
      { port: QUORUM_PORT, accept: server.onQuorumConnection },
      { port: ELECTION_PORT, accept: server.onElectionConnection },
    ],
  };
};

/** The real server without one. It has no port before it can serve. */
export const createStandaloneServer: ServerFactory = (config, node, ports): SimServer => {
  const server: StandaloneServer = new StandaloneServer(
    coreConfig(config),
    surroundings(ports, () => server.endOfTurn()),
  );
  return {
    start: () =>
      server.start((error) => {
        haltFor(error, ports);
        if (error === null) node.host.listeners.set(CLIENT_PORT, server.onClientConnection);
      }),
    listeners: () => [],
  };
};

function haltFor(error: Error | null, { halt }: NodePorts): void {
  if (error !== null) halt(error);
}

function surroundings(ports: NodePorts, endOfTurn: () => void): EnsembleSurroundings {
  return {
    ...ports,
    electionDialer: ports.dialer,
    quorumDialer: ports.dialer,
    scheduleEndOfTurn: () => ports.scheduleEndOfTurn(endOfTurn),
    auth: { ...TEST_AUTHENTICATOR, authenticate, providers: TEST_PROVIDERS },
    counters: { ...NO_COUNTERS },
    answerWord: () => 'no-word',
    passwordOf: sessionPassword,
    onMembersChanged: () => undefined,
    // Nobody in a simulation sends what can't be read.
    onBadBytes: (_connection, error) => ports.halt(error),
  };
}

function authenticate(scheme: string, token: Uint8Array): readonly AuthId[] | null {
  const ids = TEST_AUTHENTICATOR.authenticate(scheme, token);
  return ids?.some(({ id }) => id === OPERATOR_TOKEN) === true ? [{ scheme: 'super', id: '' }] : ids;
}

function coreConfig({ limits }: SwarmConfig): CoreConfig {
  return {
    snapDir: DIRECTORY,
    logDir: DIRECTORY,
    tickTimeMs: limits.tickMs,
    minSessionTimeoutMs: 2 * limits.tickMs,
    maxSessionTimeoutMs: 20 * limits.tickMs,
    sessionlessTimeoutMs: 10_000,
    juteMaxBufferBytes: 1 << 20,
    snapCount: limits.snapCount,
    snapSizeLimitBytes: 0,
    preAllocSizeBytes: limits.preallocateBytes,
    forceSync: true,
    snapshotTrustEmpty: false,
    extendedTypesEnabled: true,
    enforceQuota: false,
    limits: DEFAULT_LIMITS,
    containerCheckIntervalMs: 60_000,
    containerMaxPerMinute: 10_000,
    digestEnabled: true,
    skipAcl: false,
    reconfigEnabled: false,
  };
}

function ensembleConfig(config: SwarmConfig, node: SimNode): EnsembleCoreConfig {
  const { tickMs, initLimit, syncLimit, commitLogCount, windowBytesMax, zxidCounterMax } = config.limits;
  return {
    myId: node.id as ServerId,
    ...membersOn(node, config),
    initLimitMs: initLimit * tickMs,
    syncLimitMs: syncLimit * tickMs,
    connectToLearnerMasterLimitMs: initLimit * tickMs,
    cnxTimeoutMs: 5 * tickMs,
    quorumCnxnTimeoutMs: syncLimit * tickMs,
    minNotificationIntervalMs: Math.min(200, tickMs),
    maxNotificationIntervalMs: 30 * tickMs,
    leaderServes: true,
    readOnlyMode: config.readers !== null,
    commitLogCount,
    windowBytesMax,
    zxidCounterMax,
  };
}
