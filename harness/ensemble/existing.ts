import { connect } from 'node:net';
import { formatServerAddress, parseConnectString } from '../client/connect-string.ts';
import { Client } from '../client/client.ts';
import {
  type Ensemble,
  EnsembleError,
  type EnsembleServer,
  type ProcessState,
  type Roles,
} from './ensemble.ts';
import { rolesOf } from './server-role.ts';

/** To tell a server that is not there from one that is slow to give a session. */
const REACH_TIMEOUT_MS = 3_000;

/**
 * An ensemble that somebody else runs, reached by its connect string. It can be put under load and it can not be
 * broken: nothing of it is ours to start or to end.
 */
export class ExistingEnsemble implements Ensemble {
  readonly name = 'existing';
  readonly connectString: string;
  readonly servers: readonly EnsembleServer[];

  /** @throws ConnectStringError */
  constructor(connectString: string) {
    this.connectString = connectString;
    this.servers = parseConnectString(connectString).servers.map((address, i) => ({
      id: i + 1,
      program: '',
      isObserver: false,
      clientAddress: formatServerAddress(address),
      operatorAddresses: {},
      pid: null,
      dataDir: '',
      logFile: '',
    }));
  }

  /**
   * Makes sure that it can be reached.
   * @throws EnsembleError when nobody listens at any of its addresses, NoSessionError when there is no session.
   */
  async start(): Promise<void> {
    const failures = await Promise.all(
      this.servers.map(async ({ clientAddress }) => {
        const failure = await whyUnreachable(clientAddress);
        return failure === null ? null : `${clientAddress} (${failure})`;
      }),
    );
    if (!failures.includes(null)) {
      throw new EnsembleError(
        `nobody answers at ${failures.join(', ')}; start a ZooKeeper there, or correct the address`,
      );
    }
    const client = await Client.connect({ connectString: this.connectString });
    await client.close();
  }

  onServerDied(): void {
    // Nothing is known of its processes: what ends there is seen by the clients.
  }

  onWaiting(): void {
    // Nothing is waited for longer than `REACH_TIMEOUT_MS`.
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  kill(id?: number): Promise<void> {
    return this.#refuse('kill', id);
  }

  restart(id?: number): Promise<void> {
    return this.#refuse('restart', id);
  }

  pause(id: number): Promise<void> {
    return this.#refuse('pause', id);
  }

  resume(id: number): Promise<void> {
    return this.#refuse('resume', id);
  }

  processState(id: number): ProcessState {
    throw new Error(`nothing is known of the process of server ${id} of ${this.connectString}`);
  }

  roles(): Promise<Roles> {
    return rolesOf(this.servers);
  }

  logTail(): string {
    return '';
  }

  #refuse(what: string, id: number | undefined): Promise<void> {
    const which = id === undefined ? 'the servers' : `server ${id}`;
    return Promise.reject(
      new Error(`Cannot ${what} ${which} of ${this.connectString}: it was not started by this run`),
    );
  }
}

/** Null if somebody listens there. */
function whyUnreachable(address: string): Promise<string | null> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(address.slice(colon + 1)) });
    socket.setTimeout(REACH_TIMEOUT_MS);
    const end = (why: string | null): void => {
      socket.destroy();
      resolve(why);
    };
    socket.on('connect', () => end(null));
    socket.on('timeout', () => end(`no answer within ${REACH_TIMEOUT_MS} ms`));
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}
