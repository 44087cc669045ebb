import { type Ensemble, type EnsembleError, type ProcessState, type Roles, serverById } from './ensemble.ts';
import { processStateOf } from './process-state.ts';
import type { ProcessServer } from './process-server.ts';
import type { ServerProgram } from './server-program.ts';
import { rolesOf } from './server-role.ts';

/** Servers that are children of this process, whatever programs they are. */
export class ProcessEnsemble implements Ensemble {
  readonly servers: readonly ProcessServer[];
  readonly connectString: string;

  /** `connectString`: which way clients come; straight to the servers unless told. */
  constructor(
    servers: readonly ProcessServer[],
    connectString = servers.map((server) => server.clientAddress).join(','),
  ) {
    this.servers = servers;
    this.connectString = connectString;
  }

  /** `2 × stampede, apache 3.8.0`. */
  get name(): string {
    const counts = new Map<string, number>();
    for (const { program } of this.servers) counts.set(program, (counts.get(program) ?? 0) + 1);
    if (counts.size === 1) return [...counts.keys()].join();
    return [...counts]
      .map(([program, count]) => (count === 1 ? program : `${count} × ${program}`))
      .join(', ');
  }

  async start(signal?: AbortSignal): Promise<void> {
    try {
      // At the same time: a member of an ensemble serves nobody before a majority is there.
      await Promise.all(this.servers.map((server) => server.start(signal)));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(id?: number): Promise<void> {
    await Promise.all(this.#chosen(id).map((server) => server.stop()));
  }

  async kill(id?: number): Promise<void> {
    await Promise.all(this.#chosen(id).map((server) => server.kill()));
  }

  async restart(id?: number, signal?: AbortSignal): Promise<void> {
    const servers = this.#chosen(id);
    await Promise.all(servers.map((server) => server.stop()));
    await Promise.all(servers.map((server) => server.start(signal)));
  }

  /** Stops a server and starts another program on its configuration and data; resolves when that serves clients. */
  async replace(id: number, program: ServerProgram, signal?: AbortSignal): Promise<void> {
    const server = serverById(this.servers, id);
    await server.stop();
    server.become(program);
    await server.start(signal);
  }

  async pause(id: number): Promise<void> {
    serverById(this.servers, id).signal('SIGSTOP');
  }

  async resume(id: number): Promise<void> {
    serverById(this.servers, id).signal('SIGCONT');
  }

  processState(id: number): ProcessState {
    return processStateOf(serverById(this.servers, id));
  }

  roles(): Promise<Roles> {
    return rolesOf(this.servers);
  }

  logTail(id: number): string {
    return serverById(this.servers, id).logTail();
  }

  onServerDied(listener: (error: EnsembleError) => void): void {
    for (const server of this.servers) server.onDied = listener;
  }

  onWaiting(listener: (line: string) => void): void {
    for (const server of this.servers) server.onWaiting = listener;
  }

  #chosen(id: number | undefined): readonly ProcessServer[] {
    return id === undefined ? this.servers : [serverById(this.servers, id)];
  }
}
