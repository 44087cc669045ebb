import type { ConnectionEnd } from '../client/connection.ts';
import type { ServerAddress } from '../client/connect-string.ts';
import { ProbeLink } from './probe-link.ts';
import type { LinkOptions, LinkOwner } from './probe-link.ts';

export interface TargetConnectionsOptions extends LinkOptions {
  /** One for a target that is pinned. */
  readonly servers: readonly ServerAddress[];
  readonly dialPauseMs: number;
}

/**
 * The links to one target, which come and go together: while there is no way through, one of them tries again and
 * again, and when it is connected all others connect at once. So the return of a server is seen soon, and costs one
 * attempt at a time.
 *
 * Of several servers all links use the same, and go to the next one when it fails.
 */
export class TargetConnections implements LinkOwner {
  readonly #options: TargetConnectionsOptions;
  readonly #links: ProbeLink[] = [];
  #cursor = 0;
  /** Attempts in a row that came to nothing. */
  #failures = 0;
  /** Whose turn it is to try; null while nobody has to. */
  #scout: ProbeLink | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isClosing = false;
  #onAllOpen: (() => void) | null = null;

  constructor(options: TargetConnectionsOptions) {
    this.#options = options;
  }

  get server(): ServerAddress {
    const { servers } = this.#options;
    return servers[this.#cursor % servers.length] as ServerAddress;
  }

  get serverCount(): number {
    return this.#options.servers.length;
  }

  addLink(): ProbeLink {
    const link = new ProbeLink(this, this.#options);
    this.#links.push(link);
    return link;
  }

  /** Resolves when all are connected for the first time. */
  open(): Promise<void> {
    const allOpen = new Promise<void>((resolve) => (this.#onAllOpen = resolve));
    this.#dial();
    return allOpen;
  }

  tick(nowMs: number): void {
    for (const link of this.#links) link.tick(nowMs);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await Promise.all(this.#links.map((link) => link.close()));
  }

  /** To be told by who has made a connection of its own to `server` and failed. */
  serverFailed(server: ServerAddress): void {
    if (this.server === server) this.#cursor++;
  }

  linkOpened(): void {
    this.#failures = 0;
    this.#scout = null;
    for (const other of this.#links) if (!other.isBusy) other.connect(this.server);
    if (this.#onAllOpen !== null && this.#links.every(({ isOpen }) => isOpen)) {
      this.#onAllOpen();
      this.#onAllOpen = null;
    }
  }

  linkEnded(link: ProbeLink, end: ConnectionEnd): void {
    if (this.#isClosing) return;
    // Whoever has expired was told so by a server that serves.
    if (end === 'expired') {
      if (this.#scout === link) this.#scout = null;
      link.connect(this.server);
      return;
    }
    const isOthersTurn = this.#timer !== null || (this.#scout !== null && this.#scout !== link);
    if (isOthersTurn) return;
    this.#scout = null;
    // What comes of a server that was left already says nothing of the one that all are at now.
    if (link.server === this.server) {
      this.#failures++;
      this.#cursor++;
    }
    // The next server at once, and a pause when all have been tried.
    const pauseMs = this.#failures % this.serverCount === 0 ? this.#options.dialPauseMs : 0;
    this.#timer = setTimeout(() => this.#dial(), pauseMs);
  }

  /** By those in turn that have no connection: what is wrong may be one session's alone. */
  #dial(): void {
    this.#timer = null;
    const scout = this.#links.find(({ isBusy }) => !isBusy);
    if (scout === undefined) return;
    this.#links.push(...this.#links.splice(this.#links.indexOf(scout), 1));
    this.#scout = scout;
    scout.connect(this.server);
  }
}
