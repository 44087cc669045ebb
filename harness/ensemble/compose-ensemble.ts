import { basename, dirname, join, resolve } from 'node:path';
import { ComposeProject } from './compose-project.ts';
import { type ComposeKind, composePorts, composeVariables } from './compose-settings.ts';
import { ContainerServer } from './container-server.ts';
import { type Ensemble, type EnsembleError, type ProcessState, type Roles, serverById } from './ensemble.ts';
import { rolesOf } from './server-role.ts';

/** Of what Docker prints while it builds or pulls, at most one line in so long. */
const TELL_EVERY_MS = 1_000;

/**
 * The servers of the project's docker-compose.yml, in containers of their own, by the docker command. They share nothing
 * with what anybody else has started by that file: not a port, a volume or a network.
 *
 * What its containers were told and have stored is copied out of them. When all are stopped their containers, volumes and
 * network are gone: what is started after that begins with nothing.
 */
export class ComposeEnsemble implements Ensemble {
  readonly name: string;
  readonly servers: readonly ContainerServer[];
  readonly #project: ComposeProject;
  /** Of what there is to be removed. */
  #made: 'nothing' | 'something' | 'serving' = 'nothing';
  #onWaiting: (line: string) => void = () => {};

  private constructor(name: string, servers: readonly ContainerServer[], project: ComposeProject) {
    this.name = name;
    this.servers = servers;
    this.#project = project;
  }

  /**
   * Chooses ports, and starts nothing. `directory`: a run's `servers`; the run gives the project its name. `config`:
   * lines of zoo.cfg, over the defaults.
   *
   * @throws ServersError for lines that cannot be told to containers.
   */
  static async create(options: {
    readonly directory: string;
    readonly kind: ComposeKind;
    readonly config: Readonly<Record<string, string>>;
  }): Promise<ComposeEnsemble> {
    const { directory, kind, config } = options;
    const { ports, variables } = await composePorts(kind);
    const servers = ports.map(
      (port, index) =>
        new ContainerServer({
          id: index + 1,
          program: kind.program,
          directory: join(directory, String(index + 1)),
          port,
        }),
    );
    const name = `stampede-${basename(dirname(resolve(directory))).toLowerCase()}`;
    const project = new ComposeProject({
      name,
      kind,
      variables: { ...composeVariables(config), ...variables },
    });
    return new ComposeEnsemble(kind.program, servers, project);
  }

  get connectString(): string {
    return this.servers.map(({ clientAddress }) => clientAddress).join(',');
  }

  async start(signal?: AbortSignal): Promise<void> {
    this.#made = 'something';
    try {
      const containers = await this.#project.create(this.#teller(), signal);
      for (const [index, server] of this.servers.entries()) server.container = containers[index] as string;
      // At the same time: a member of an ensemble serves nobody before a majority is there.
      await Promise.all(this.servers.map((server) => server.start(signal)));
      await Promise.all(this.servers.map((server) => server.copyConfig()));
    } catch (error) {
      try {
        await this.stop();
      } catch {
        // What is left is removed when this process ends; why it did not come up says more.
      }
      throw error;
    }
    this.#made = 'serving';
  }

  async stop(id?: number): Promise<void> {
    if (id !== undefined) return serverById(this.servers, id).stop();
    const made = this.#made;
    this.#made = 'nothing';
    if (made === 'nothing') return;
    try {
      await Promise.all(this.servers.map((server) => server.stop()));
      if (made === 'serving') for (const server of this.servers) await server.copyData();
    } finally {
      await this.#project.remove();
    }
  }

  async kill(id?: number): Promise<void> {
    await Promise.all(this.#chosen(id).map((server) => server.kill()));
  }

  async restart(id?: number, signal?: AbortSignal): Promise<void> {
    const servers = this.#chosen(id);
    await Promise.all(servers.map((server) => server.stop()));
    await Promise.all(servers.map((server) => server.start(signal)));
  }

  pause(id: number): Promise<void> {
    return serverById(this.servers, id).pause();
  }

  resume(id: number): Promise<void> {
    return serverById(this.servers, id).resume();
  }

  processState(id: number): ProcessState {
    return serverById(this.servers, id).processState();
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
    this.#onWaiting = listener;
    for (const server of this.servers) server.onWaiting = listener;
  }

  /** Tells of lines that come fast, now and then. */
  #teller(): (line: string) => void {
    let toldAtMs = -Infinity;
    return (line) => {
      if (performance.now() - toldAtMs < TELL_EVERY_MS) return;
      toldAtMs = performance.now();
      this.#onWaiting(`docker: ${line.trim()}`);
    };
  }

  #chosen(id: number | undefined): readonly ContainerServer[] {
    return id === undefined ? this.servers : [serverById(this.servers, id)];
  }
}
