import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ensemble, EnsembleError, EnsembleServer } from './ensemble.ts';
import { serverById } from './ensemble.ts';
import { freePorts } from './free-ports.ts';
import { ServerProcess } from './server-process.ts';

const MAIN = fileURLToPath(new URL('./null-main.js', import.meta.url));
const READY_TIMEOUT_MS = 10_000;

export interface NullEnsembleOptions {
  /** Made if it is not there. */
  readonly directory: string;
  /** Writes are flushed to a file before they are answered. */
  readonly flushes?: boolean;
}

/** A null server in a process of its own: what the load generator and this machine can do at most. */
export class NullEnsemble implements Ensemble {
  readonly name: string;
  readonly servers: readonly EnsembleServer[];
  readonly connectString: string;
  readonly #process: ServerProcess;
  readonly #port: number;

  static async create(options: NullEnsembleOptions): Promise<NullEnsemble> {
    mkdirSync(options.directory, { recursive: true });
    const [port = 0] = await freePorts(1);
    return new NullEnsemble(options, port);
  }

  private constructor(options: NullEnsembleOptions, port: number) {
    const logFile = join(options.directory, 'server.log');
    const flushes = options.flushes ?? false;
    const process = new ServerProcess({
      command: globalThis.process.execPath,
      args: [MAIN, String(port), ...(flushes ? [join(options.directory, 'null.log')] : [])],
      cwd: options.directory,
      logFile,
    });
    this.name = flushes ? 'null, with flushes' : 'null';
    this.connectString = `127.0.0.1:${port}`;
    this.servers = [
      {
        id: 1,
        clientAddress: this.connectString,
        get pid() {
          return process.pid;
        },
        dataDir: options.directory,
        logFile,
      },
    ];
    this.#process = process;
    this.#port = port;
  }

  onServerDied(listener: (error: EnsembleError) => void): void {
    this.#process.onDied = listener;
  }

  async start(): Promise<void> {
    await this.#process.spawn();
    await this.#process.untilReady(() => isListening(this.#port), READY_TIMEOUT_MS);
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  async kill(id: number): Promise<void> {
    serverById(this.servers, id);
    await this.#process.kill();
  }

  async restart(id: number): Promise<void> {
    serverById(this.servers, id);
    await this.#process.stop();
    await this.start();
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
