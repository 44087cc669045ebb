import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ComposeKind } from './compose-settings.ts';
import { docker, requireDocker } from './docker-cli.ts';
import { EnsembleError } from './ensemble.ts';
import { startGuardian } from './guardian.ts';

/** The project's own, beside `dist`. */
const FILE = fileURLToPath(new URL('../../../docker-compose.yml', import.meta.url));

/** Labels that Compose gives to what it makes. */
const PROJECT_LABEL = 'com.docker.compose.project';
const SERVICE_LABEL = 'com.docker.compose.service';

/** @throws EnsembleError when projects can't be made here, and what to do. */
export async function requireCompose(): Promise<void> {
  if (!existsSync(FILE)) {
    throw new EnsembleError(
      `${FILE} does not exist; run the harness from a working copy of the project to have servers in containers`,
    );
  }
  await requireDocker();
}

/**
 * Containers, volumes and a network of one name that nobody else has, by the project's docker-compose.yml: what else runs
 * by it is not touched. Nothing of it is left when it is removed, or when this process is gone, however.
 */
export class ComposeProject {
  readonly #name: string;
  readonly #kind: ComposeKind;
  readonly #env: NodeJS.ProcessEnv;
  #guardian: ChildProcess | null = null;

  constructor(options: {
    readonly name: string;
    readonly kind: ComposeKind;
    /** Of the file. */
    readonly variables: Readonly<Record<string, string>>;
  }) {
    this.#name = options.name;
    this.#kind = options.kind;
    this.#env = { ...options.variables };
  }

  /**
   * Builds or pulls what is not there yet, and makes the containers of the servers; none is started. `onLine`: of what
   * Docker prints, as this may take minutes.
   *
   * @returns the ids of the containers, in the order of the services
   * @throws EnsembleError
   */
  async create(onLine: (line: string) => void, signal?: AbortSignal): Promise<readonly string[]> {
    const { services } = this.#kind;
    this.#guardian ??= startGuardian('exec docker "$@"', this.#down, { ...process.env, ...this.#env });
    try {
      const up = [...this.#compose, 'up', '--no-start', '--build', ...services];
      await docker(up, { env: this.#env, onLine, signal });
    } catch (cause) {
      if (signal?.aborted === true || !(cause instanceof EnsembleError)) throw cause;
      throw new EnsembleError(
        `${cause.message}\nThe servers' images or containers cannot be made; the lines above say why. Building and ` +
          'pulling take a way to the registries (Docker Hub, npm) and room on the disk',
        { cause },
      );
    }
    return Promise.all(services.map((service) => this.#containerOf(service)));
  }

  /** Nothing is left of it but what builds the next one faster. @throws EnsembleError */
  async remove(): Promise<void> {
    await docker(this.#down, { env: this.#env });
    this.#guardian?.kill('SIGKILL');
    this.#guardian = null;
  }

  async #containerOf(service: string): Promise<string> {
    const labels = [`${PROJECT_LABEL}=${this.#name}`, `${SERVICE_LABEL}=${service}`];
    const filters = labels.flatMap((label) => ['--filter', `label=${label}`]);
    const listed = await docker(['ps', '--all', '--quiet', '--no-trunc', ...filters]);
    const [id = ''] = listed.split('\n');
    if (id === '') throw new EnsembleError(`Docker has made no container for ${service} of ${this.#name}`);
    return id;
  }

  get #compose(): readonly string[] {
    const { profile } = this.#kind;
    return [
      'compose',
      '--file',
      FILE,
      '--project-name',
      this.#name,
      ...(profile === null ? [] : ['--profile', profile]),
    ];
  }

  /** Images that were made for it alone go as well; Apache's has a name of its own, and stays. */
  get #down(): readonly string[] {
    return [...this.#compose, 'down', '--volumes', '--remove-orphans', '--rmi', 'local'];
  }
}
