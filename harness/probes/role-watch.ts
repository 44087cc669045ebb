import type { ServerRole } from '../ensemble/ensemble.ts';
import { roleOf } from '../ensemble/server-role.ts';
import type { LoadClock } from '../load/load-clock.ts';
import type { RoleObservation } from './probe-record.ts';

/** While nothing is wrong, which is nearly always. */
const CALM_MS = 1000;
/** From the first sign that something is, until a while after the last. */
const ALERT_MS = 20;
const ALERT_LASTS_MS = 2000;

export interface RoleWatchOptions {
  readonly servers: readonly { readonly id: number; readonly clientAddress: string }[];
  readonly clock: LoadClock;
  /** A server that takes longer to say what it is has no role. */
  readonly timeoutMs: number;
  readonly observed: (seen: RoleObservation) => void;
}

/**
 * Asks every server again and again what it is: each at its own pace, one question at a time. Questions are rare
 * until something happens: each is a connection of its own, and costs as much as ten probes.
 */
export class RoleWatch {
  readonly #options: RoleWatchOptions;
  readonly #roles = new Map<number, ServerRole | null>();
  readonly #timers = new Map<number, NodeJS.Timeout>();
  #alertUntilMs = 0;
  #isRunning = false;

  constructor(options: RoleWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isRunning = true;
    for (const server of this.#options.servers) void this.#ask(server);
  }

  stop(): void {
    this.#isRunning = false;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Something is wrong: from now on they are asked often. */
  alert(): void {
    const nowMs = performance.now();
    const wasCalm = nowMs >= this.#alertUntilMs;
    this.#alertUntilMs = nowMs + ALERT_LASTS_MS;
    if (!wasCalm || !this.#isRunning) return;
    for (const server of this.#options.servers) {
      const timer = this.#timers.get(server.id);
      if (timer === undefined) continue;
      clearTimeout(timer);
      void this.#ask(server);
    }
  }

  async #ask(server: RoleWatchOptions['servers'][number]): Promise<void> {
    const { clock, timeoutMs, observed } = this.#options;
    this.#timers.delete(server.id);
    const askedNs = clock.nowNs();
    const role = await roleOf(server.clientAddress, timeoutMs);
    if (!this.#isRunning) return;
    observed({ serverId: server.id, askedNs, answeredNs: clock.nowNs(), role });
    const before = this.#roles.get(server.id);
    this.#roles.set(server.id, role);
    if (role === null || (before !== undefined && before !== role)) this.alert();
    const pauseMs = performance.now() < this.#alertUntilMs ? ALERT_MS : CALM_MS;
    this.#timers.set(
      server.id,
      setTimeout(() => void this.#ask(server), pauseMs),
    );
  }
}
