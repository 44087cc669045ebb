import type { Prng } from '../../../server/base/prng.ts';
import type { Connection } from '../../client/connection.ts';
import type { Lifetime } from '../lifetime.ts';
import { EventKind, type SimWorld } from '../sim-world.ts';

/** How much longer a client thinks that has done enough. */
const SLOWER = 50;

/** How a simulated client behaves. */
export interface PaceOptions {
  readonly thinkMs: number;
  /** Of its steps, how many are: to leave for another server, to end the session, to fall silent. */
  readonly moveShare: number;
  readonly closeShare: number;
  readonly silenceShare: number;
}

export interface PaceContext {
  readonly world: SimWorld;
  readonly lifetime: Lifetime;
  readonly prng: Prng;
  readonly sessionTimeoutMs: number;
  readonly options: PaceOptions;
}

/** Whom the pace is for. */
export interface Paced {
  connection(): Connection | null;
  /** Does nothing of its own accord. */
  isIdle(): boolean;
  work(connection: Connection): void;
  closeSession(connection: Connection): void;
}

/** When a simulated client does something, and when it works, leaves, ends its session or falls silent. */
export class SimPace {
  readonly #context: PaceContext;
  readonly #client: Paced;
  #silentUntilMs = 0;
  #quickSteps = Number.POSITIVE_INFINITY;

  constructor(context: PaceContext, client: Paced) {
    this.#context = context;
    this.#client = client;
  }

  start(): void {
    this.#later();
    this.#tick();
  }

  /** When it last began to speak again. */
  get silentUntilMs(): number {
    return this.#silentUntilMs;
  }

  /** After so many steps more it takes its time. */
  slowDownAfter(steps: number): void {
    this.#quickSteps = steps;
  }

  #act(): void {
    this.#later();
    const { prng, options, world, sessionTimeoutMs } = this.#context;
    if (this.#client.isIdle() || world.nowMs < this.#silentUntilMs) return;
    const connection = this.#client.connection();
    if (connection === null || !connection.isOpen) return;
    const { moveShare, closeShare, silenceShare } = options;
    const draw = prng.next();
    if (draw < moveShare) connection.destroy();
    else if (draw < moveShare + closeShare) this.#client.closeSession(connection);
    else if (draw < moveShare + closeShare + silenceShare) {
      this.#silentUntilMs = world.nowMs + sessionTimeoutMs * 2 * prng.next();
    } else this.#client.work(connection);
  }

  #later(): void {
    const { world, lifetime, prng, options } = this.#context;
    const draw = prng.next();
    const thinkMs = this.#quickSteps-- > 0 ? options.thinkMs : SLOWER * options.thinkMs;
    world.after(thinkMs * 3 * draw * draw, EventKind.client, lifetime, () => this.#act());
  }

  #tick(): void {
    const { world, lifetime, sessionTimeoutMs } = this.#context;
    if (world.nowMs >= this.#silentUntilMs) this.#client.connection()?.tick(world.nowMs);
    world.after(sessionTimeoutMs / 8, EventKind.client, lifetime, () => this.#tick());
  }
}
