import type { Socket } from 'node:net';
import type { Prng } from '../../../server/base/prng.ts';
import { Link } from './link.ts';
import type { Direction, Toxic } from './toxic.ts';
import type { StreamEnd } from './toxics/toxic-type.ts';

/** What a read, or a write, fails with when the other side has reset the connection. */
const RESET_CODES: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

export interface ConnectionOptions {
  readonly client: Socket;
  readonly upstream: Socket;
  /** In the order in which the stream passes them. */
  readonly toxics: Readonly<Record<Direction, readonly Toxic[]>>;
  /** Of this connection alone. */
  readonly random: Prng;
  /** As Toxiproxy does it: no half-close, and a reset only where it was to be expected from the start. */
  readonly isStock: boolean;
  /** Both sockets are closed. */
  readonly onClosed: () => void;
}

/**
 * A client's connection, the one to the server behind it, and a link for each direction.
 *
 * An end is passed on as what it is: who has said everything may still listen, a reset arrives as a reset, and when
 * one of the two connections is gone, so is the other, as soon as what was on its way has been delivered. In stock
 * mode the end of one direction closes the other connection whatever it was.
 */
export class Connection {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #links: Readonly<Record<Direction, Link>>;
  readonly #isStock: boolean;
  /** Stock: with a reset_peer there when a connection begins, its sockets do not linger, however it ends. */
  readonly #endsByReset: boolean;

  constructor({ client, upstream, toxics, random, isStock, onClosed }: ConnectionOptions) {
    this.#client = client;
    this.#upstream = upstream;
    this.#isStock = isStock;
    const all = [...toxics.upstream, ...toxics.downstream];
    this.#endsByReset = isStock && all.some((toxic) => toxic.type.name === 'reset_peer');
    const randomOf = (toxic: Toxic): Prng => random.fork(`${toxic.name}\n${toxic.generation}`);
    const link = (direction: Direction, source: Socket, destination: Socket): Link =>
      new Link({
        source,
        destination,
        toxics: toxics[direction],
        randomOf,
        onEnd: (end) => this.#finish(destination, end),
      });
    this.#links = {
      upstream: link('upstream', client, upstream),
      downstream: link('downstream', upstream, client),
    };
    this.#watch(client, this.#links.upstream);
    this.#watch(upstream, this.#links.downstream);
    let open = 2;
    const onClose = (): void => {
      open--;
      if (open > 0) return;
      this.#discard();
      onClosed();
    };
    for (const socket of [client, upstream]) socket.once('close', onClose);
  }

  begin(): void {
    this.#links.upstream.begin();
    this.#links.downstream.begin();
  }

  insert(toxic: Toxic): void {
    this.#links[toxic.direction].insert(toxic);
  }

  update(toxic: Toxic): void {
    this.#links[toxic.direction].update(toxic);
  }

  remove(toxic: Toxic): void {
    this.#links[toxic.direction].remove(toxic);
  }

  /** The proxy is disabled: both connections are closed, and what is on its way is lost. */
  destroy(): void {
    this.#discard();
    for (const socket of [this.#client, this.#upstream]) {
      if (this.#endsByReset) socket.resetAndDestroy();
      else socket.destroy();
    }
  }

  #watch(socket: Socket, link: Link): void {
    let end: StreamEnd = 'close';
    socket.once('error', ({ code = '' }: NodeJS.ErrnoException) => {
      if (RESET_CODES.has(code)) end = 'reset';
    });
    socket.once('end', () => link.sourceEnded('eof'));
    socket.once('close', () => link.sourceEnded(end));
  }

  #discard(): void {
    for (const link of Object.values(this.#links)) link.discard();
  }

  #finish(destination: Socket, end: StreamEnd): void {
    if (this.#isStock) {
      closeStock(destination, this.#endsByReset);
    } else if (end === 'eof') {
      destination.end();
    } else if (end === 'close') {
      destination.destroySoon();
    } else {
      this.#discard();
      this.#client.resetAndDestroy();
      this.#upstream.resetAndDestroy();
    }
  }
}

/** Closes it when everything is with the kernel, which loses it if the end is a reset. */
function closeStock(socket: Socket, byReset: boolean): void {
  if (!byReset) socket.destroySoon();
  else if (socket.writable) socket.write('', () => socket.resetAndDestroy());
  else socket.resetAndDestroy();
}
