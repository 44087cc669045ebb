import { freePorts } from './free-ports.ts';
import { ProcessEnsemble } from './process-ensemble.ts';
import { ProcessServer } from './process-server.ts';
import { directRoutes, type Router } from './routes.ts';
import type { ServerProgram } from './server-program.ts';
import { type Member, operatorPortsIn, writeZooConfig } from './zoo-config.ts';

const START_TIMEOUT_MS = 60_000;

/** One server that is wanted. */
export interface ServerPlan {
  readonly program: ServerProgram;
  readonly isObserver?: boolean;
}

export interface EnsembleOptions {
  /** Gets `<id>/zoo.cfg`, `<id>/server.log` and `<id>/data` for each server: a run's `servers` directory. */
  readonly directory: string;
  /** Their ids count from 1. A single one runs standalone. */
  readonly servers: readonly ServerPlan[];
  /** Lines of zoo.cfg, over the defaults. Any system property `zookeeper.x` can be given as `x`. */
  readonly config?: Readonly<Record<string, string>> | undefined;
  /** How long a server may take to serve clients; 60 000 unless told. */
  readonly startTimeoutMs?: number | undefined;
  /** What lies between the servers, and between them and clients; nothing unless told. */
  readonly through?: Router | undefined;
}

/**
 * Servers on 127.0.0.1, each a child process as an operator would run it, with fresh data directories. Chooses
 * ports and writes configurations; starts nothing yet.
 */
export async function createEnsemble(options: EnsembleOptions): Promise<ProcessEnsemble> {
  const {
    directory,
    servers,
    config = {},
    startTimeoutMs = START_TIMEOUT_MS,
    through = directRoutes,
  } = options;
  const forOperators = operatorPortsIn(config);
  const portsEach = 3 + forOperators.length;
  const ports = await freePorts(portsEach * servers.length);
  const members = servers.map(({ isObserver = false }, index): Member => {
    const own = ports.slice(portsEach * index, portsEach * (index + 1));
    const [clientPort, quorumPort, electionPort, ...others] = own as [number, number, number, ...number[]];
    const operatorPorts = Object.fromEntries(forOperators.map((port, i) => [port, others[i] as number]));
    return { id: index + 1, isObserver, clientPort, quorumPort, electionPort, operatorPorts };
  });
  const routes = await through(members);
  return new ProcessEnsemble(
    members.map((member, index) => {
      const place = writeZooConfig({ directory, member, members: routes.viewOf(member.id), config });
      const { program } = servers[index] as ServerPlan;
      return new ProcessServer({ place, members, program, startTimeoutMs, routes });
    }),
    members.map(({ id }) => routes.clientAddressOf(id)).join(','),
  );
}
