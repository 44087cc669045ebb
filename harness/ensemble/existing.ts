import { formatServerAddress, parseConnectString } from '../client/connect-string.ts';
import { Client } from '../client/client.ts';
import type { Ensemble, EnsembleServer } from './ensemble.ts';

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
      clientAddress: formatServerAddress(address),
      pid: null,
      dataDir: '',
      logFile: '',
    }));
  }

  /** Makes sure that it can be reached. @throws Error naming it when there is no session to be had. */
  async start(): Promise<void> {
    const client = await Client.connect({ connectString: this.connectString });
    await client.close();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  kill(id: number): Promise<void> {
    return Promise.reject(this.#notOurs(`kill server ${id}`));
  }

  restart(id: number): Promise<void> {
    return Promise.reject(this.#notOurs(`restart server ${id}`));
  }

  #notOurs(what: string): Error {
    return new Error(`Cannot ${what} of ${this.connectString}: it was not started by this run`);
  }
}
