import type { OperatorPort } from '../http/http-workload.ts';

/** What a server says it is, in `srvr`. */
export type ServerRole = 'leader' | 'follower' | 'observer' | 'standalone';

/** By server id; null for a server that serves nobody now. */
export type Roles = ReadonlyMap<number, ServerRole | null>;

/** What became of a server's process, as the operating system says it. */
export interface ProcessState {
  readonly state: 'running' | 'stopped' | 'ended';
  /** In words, with the process: `process 1234 is in state T`. */
  readonly words: string;
}

/** One server of a system under test. */
export interface EnsembleServer {
  /** From 1 on: `myid` where there is one. */
  readonly id: number;
  /** Which program it runs, for reports: `apache 3.8.0`. Empty where it is not ours to know. */
  readonly program: string;
  /** Has no vote. */
  readonly isObserver: boolean;
  /** `host:port` for clients; what the harness itself asks a server it asks there, past all proxies. */
  readonly clientAddress: string;
  /** `host:port` of those of its ports for operators that are known. */
  readonly operatorAddresses: Readonly<Partial<Record<OperatorPort, string>>>;
  /** Null while it does not run, and for a server that is not ours to start. */
  readonly pid: number | null;
  readonly dataDir: string;
  /** What the server prints goes there. */
  readonly logFile: string;
}

/**
 * A system under test: one or more ZooKeeper servers that the harness starts, breaks and ends.
 *
 * Every method resolves when what it names is true: `start` and `restart` when clients are served, `stop` and
 * `kill` when the process has ended, `pause` and `resume` when the signal is delivered. Without an id a method is
 * about all servers, at the same time. An EnsembleError carries the end of the log of the server it is about. An
 * aborted `signal` ends a wait with an EnsembleError.
 */
export interface Ensemble {
  /** For reports: `apache 3.8.0`. */
  readonly name: string;
  readonly servers: readonly EnsembleServer[];
  /** `host:port,host:port`, for the load: through proxies where there are some. */
  readonly connectString: string;

  /** Starts all servers. When one does not come up, those that did are stopped again. */
  start(signal?: AbortSignal): Promise<void>;
  /** SIGTERM, then SIGKILL, to what runs. Nothing is left; data and logs stay. */
  stop(id?: number): Promise<void>;
  /** SIGKILL. */
  kill(id?: number): Promise<void>;
  /** Starts again what was stopped or killed, on the data it has; a running server is stopped first. */
  restart(id?: number, signal?: AbortSignal): Promise<void>;
  /** SIGSTOP: the server keeps its connections and does nothing at all. */
  pause(id: number): Promise<void>;
  /** SIGCONT. */
  resume(id: number): Promise<void>;
  /** Asks the operating system, and nobody else, what the server's process does. */
  processState(id: number): ProcessState;
  /** Who is leader, follower or observer now. */
  roles(): Promise<Roles>;
  /** The end of what a server has printed; empty where it is not ours. */
  logTail(id: number): string;
  /** Tells of a server that served and has ended though nobody here ended it. One listener. */
  onServerDied(listener: (error: EnsembleError) => void): void;
  /** Tells, in a line, what is being waited for when that takes long. One listener. */
  onWaiting(listener: (line: string) => void): void;
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

/** Who leads; a server that runs alone leads itself. Null for nobody. */
export function leaderOf(roles: Roles): number | null {
  for (const [id, role] of roles) if (role === 'leader' || role === 'standalone') return id;
  return null;
}
