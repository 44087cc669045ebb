import type { Accept, Endpoint } from '../base/ports.ts';
import type { Log } from '../base/log.ts';
import { StreamListener, type StreamListenerOptions } from './stream-listener.ts';

/** Between two attempts to take a port that somebody else has, ms. */
const RETRY_MS = 1000;

/**
 * A port that a reconfiguration can move: new connections come in at the new place, those that have come stay.
 *
 * There is no going back from a configuration that is committed. So a port that is not to be had is tried for until it
 * is, or until the next move.
 */
export class MovingListener {
  readonly #options: Omit<StreamListenerOptions, 'host' | 'port'>;
  readonly #log: Log;
  #endpoint: Endpoint;
  #current: StreamListener;
  /** Take no more connections, and have those that came. */
  readonly #retired: StreamListener[] = [];
  #accept: Accept | null = null;
  #moves: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(endpoint: Endpoint, options: Omit<StreamListenerOptions, 'host' | 'port'>, log: Log) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.#log = log;
    this.#current = this.#listenerAt(endpoint);
  }

  get port(): number {
    return this.#current.port;
  }

  /** As of `StreamListener`. */
  listen(): Promise<void> {
    return this.#current.listen();
  }

  open(accept: Accept): void {
    this.#accept = accept;
    this.#current.open(accept);
  }

  /** One move after the other; nothing happens where it is there already. */
  moveTo(endpoint: Endpoint): void {
    if (endpoint.host === this.#endpoint.host && endpoint.port === this.#endpoint.port) return;
    this.#endpoint = endpoint;
    this.#moves = this.#moves.then(() => this.#move(endpoint));
  }

  /** Stops accepting and closes every connection. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#moves;
    for (const listener of [...this.#retired, this.#current]) await listener.close();
  }

  async #move(endpoint: Endpoint): Promise<void> {
    // First: the new place may be the old port at another address.
    this.#current.retire();
    this.#retired.push(this.#current);
    const listener = this.#listenerAt(endpoint);
    this.#current = listener;
    while (!this.#isClosed && endpoint === this.#endpoint) {
      try {
        await listener.listen();
        if (this.#accept !== null) listener.open(this.#accept);
        this.#log.info('Listener', `listening at ${endpoint.host}:${endpoint.port} from now on`);
        return;
      } catch (error) {
        this.#log.error('Listener', `${(error as Error).message}; trying again`);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  #listenerAt({ host, port }: Endpoint): StreamListener {
    return new StreamListener({ ...this.#options, host, port });
  }
}
