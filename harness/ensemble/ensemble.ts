/** One server of a system under test. */
export interface EnsembleServer {
  /** From 1 on: `myid` where there is one. */
  readonly id: number;
  /** `host:port` for clients. */
  readonly clientAddress: string;
  /** Null while it does not run, and for a server that is not ours to start. */
  readonly pid: number | null;
  readonly dataDir: string;
  /** What the server prints goes there. */
  readonly logFile: string;
}

/**
 * A system under test: one or more ZooKeeper servers that the harness starts, breaks and ends.
 *
 * Every method resolves when what it names is true: `start` and `restart` when clients are served, the others
 * when the process has ended. An EnsembleError carries the end of the server's log.
 */
export interface Ensemble {
  /** For reports: `apache 3.8.0`. */
  readonly name: string;
  readonly servers: readonly EnsembleServer[];
  /** `host:port,host:port`. */
  readonly connectString: string;

  /** Starts all servers. When one does not come up, those that did are stopped again. */
  start(): Promise<void>;
  /** SIGTERM, then SIGKILL, to each that runs. Nothing is left; data and logs stay. */
  stop(): Promise<void>;
  /** SIGKILL to one server. */
  kill(id: number): Promise<void>;
  /** Starts one server again that was stopped or killed, on the data it has; a running one is stopped first. */
  restart(id: number): Promise<void>;
  /** Tells of a server that served and has ended though nobody here ended it. One listener. */
  onServerDied(listener: (error: EnsembleError) => void): void;
}

/** The system under test does not come up, or cannot be reached. Exit code 3. */
export class EnsembleError extends Error {
  override readonly name = 'EnsembleError';
  readonly code = 'ensemble';
}

/** @throws Error when there is no such server. */
export function serverById<S extends EnsembleServer>(servers: readonly S[], id: number): S {
  const server = servers.find((candidate) => candidate.id === id);
  if (server === undefined)
    throw new Error(`no server ${id}; there are ${servers.map((s) => s.id).join(', ')}`);
  return server;
}
