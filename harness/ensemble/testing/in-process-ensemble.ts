import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readServerConfig } from '../../../server/config-file.ts';
import { LineLog } from '../../../server/log.ts';
import { type RunningServer, startServer } from '../../../server/server.ts';
import { Client } from '../../client/client.ts';
import { freePorts } from '../free-ports.ts';
import { roleOf } from '../server-role.ts';
import { waitUntil } from '../wait-until.ts';

const PATIENCE_MS = 20_000;

interface Seat {
  readonly directory: string;
  readonly quorumPort: number;
  readonly electionPort: number;
  readonly clientPort: number;
  readonly log: string[];
  server: RunningServer | null;
}

/** Three servers of ours inside this process, for tests that read their logs and change their configurations. */
export class InProcessEnsemble {
  readonly #seats = new Map<number, Seat>();
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async create(): Promise<InProcessEnsemble> {
    const ensemble = new InProcessEnsemble(mkdtempSync(join(tmpdir(), 'stampede-ensemble-')));
    for (const id of [1, 2, 3]) {
      const [clientPort = 0, quorumPort = 0, electionPort = 0] = await freePorts(3);
      const directory = join(ensemble.#directory, String(id));
      mkdirSync(directory);
      writeFileSync(join(directory, 'myid'), `${id}\n`);
      ensemble.#seats.set(id, { directory, clientPort, quorumPort, electionPort, log: [], server: null });
    }
    return ensemble;
  }

  /** With these lines of zoo.cfg over the least that there must be. */
  async start(id: number, lines: readonly string[]): Promise<void> {
    const seat = this.#seat(id);
    const file = join(seat.directory, 'zoo.cfg');
    const members = [...this.#seats].map(
      ([id, { quorumPort, electionPort }]) => `server.${id}=127.0.0.1:${quorumPort}:${electionPort}`,
    );
    const own = [`dataDir=${seat.directory}`, 'clientPortAddress=127.0.0.1', `clientPort=${seat.clientPort}`];
    const times = ['tickTime=300', 'initLimit=10', 'syncLimit=5'];
    writeFileSync(file, [...times, ...own, ...members, ...lines].join('\n'));
    const write = (line: string): void => void seat.log.push(line);
    seat.server = await startServer(readServerConfig(file, { cwd: seat.directory }), {
      log: new LineLog({ myid: String(id), out: write, err: write }),
      onFailure(error) {
        throw error;
      },
    });
  }

  async stop(id: number): Promise<void> {
    const seat = this.#seat(id);
    const { server } = seat;
    seat.server = null;
    await server?.stop();
  }

  /** All of them, and their files. */
  async end(): Promise<void> {
    await Promise.all([...this.#seats.keys()].map((id) => this.stop(id)));
    rmSync(this.#directory, { recursive: true, force: true });
  }

  electionPort(id: number): number {
    return this.#seat(id).electionPort;
  }

  quorumPort(id: number): number {
    return this.#seat(id).quorumPort;
  }

  logOf(id: number): string {
    return this.#seat(id).log.join('');
  }

  /** @throws Error with the log if that does not come. */
  async whenLogged(id: number, pattern: RegExp): Promise<void> {
    const end = await waitUntil(() => Promise.resolve(pattern.test(this.logOf(id))), {
      timeoutMs: PATIENCE_MS,
      everyMs: 10,
    });
    if (end !== 'met')
      throw new Error(`server ${id} has not logged ${String(pattern)}, but:\n${this.logOf(id)}`);
  }

  /** Writes through one of the servers, as soon as it serves. @throws Error with its log if it does not. */
  async writeThrough(id: number, path: string): Promise<void> {
    const { clientPort } = this.#seat(id);
    const end = await waitUntil(() => canCreate(`127.0.0.1:${clientPort}`, path), {
      timeoutMs: PATIENCE_MS,
      everyMs: 20,
    });
    if (end !== 'met') throw new Error(`server ${id} does not serve:\n${this.logOf(id)}`);
  }

  /** Who leads, once somebody does. */
  async leader(): Promise<number> {
    let leader: number | undefined;
    await waitUntil(
      async () => {
        for (const [id, { clientPort }] of this.#seats)
          if ((await roleOf(`127.0.0.1:${clientPort}`)) === 'leader') leader = id;
        return leader !== undefined;
      },
      { timeoutMs: PATIENCE_MS, everyMs: 20 },
    );
    if (leader === undefined) throw new Error('nobody leads');
    return leader;
  }

  #seat(id: number): Seat {
    const seat = this.#seats.get(id);
    if (seat === undefined) throw new RangeError(`no server ${id}`);
    return seat;
  }
}

async function canCreate(connectString: string, path: string): Promise<boolean> {
  try {
    const client = await Client.connect({ connectString, connectTimeoutMs: 1000 });
    try {
      await client.create(path);
      return true;
    } finally {
      client.destroy();
    }
  } catch (error) {
    // An answer that was lost with its connection.
    return error instanceof Error && error.message.includes('NodeExists');
  }
}
