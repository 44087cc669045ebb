import { randomUUID } from 'node:crypto';
import type { Accept } from '../../base/ports.ts';
import { RestSession, type RestIdentity } from './rest-session.ts';

export interface RestSessionsOptions {
  readonly accept: Accept;
  readonly frameBytesMax: number;
  readonly nowMs: () => number;
}

/** Of those that clients have asked for, and of those that requests without one share. */
const ASKED_FOR_MAX = 1000;
const SHARED_MAX = 100;
const SHARED_TIMEOUT_MS = 30_000;
const SHARED_IDLE_MS = 60_000;
const TICK_MS = 500;

interface Shared {
  readonly session: RestSession;
  usedAtMs: number;
}

interface AskedFor {
  readonly session: RestSession;
  /** Of whoever asked for it. */
  readonly identity: string;
  readonly expireMs: number;
  expiresAtMs: number;
}

/** There are as many as there may be. */
export class TooManySessions extends Error {}

/**
 * The sessions behind HTTP: one for each who asks without naming one, by address and credentials, and those that were asked
 * for and go by a UUID. Nobody gets at the session of another, not even by its name.
 */
export class RestSessions {
  readonly #options: RestSessionsOptions;
  /** By identity, the one that was used last at the end. */
  readonly #shared = new Map<string, Shared>();
  readonly #askedFor = new Map<string, AskedFor>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: RestSessionsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** @throws TooManySessions if all there may be are busy. */
  sharedBy(identity: RestIdentity): RestSession {
    const key = keyOf(identity);
    const known = this.#shared.get(key);
    this.#shared.delete(key);
    if (known === undefined || known.session.isOver) {
      if (this.#shared.size >= SHARED_MAX) this.#dropIdle();
      const session = this.#make(identity, SHARED_TIMEOUT_MS);
      this.#shared.set(key, { session, usedAtMs: this.#options.nowMs() });
      return session;
    }
    this.#shared.set(key, { ...known, usedAtMs: this.#options.nowMs() });
    return known.session;
  }

  /**
   * Lives for so long from now on, and from each `touch`. Resolves to its name when it is there; rejects with
   * TooManySessions, or a KeeperRefusal.
   */
  async create(identity: RestIdentity, expireMs: number): Promise<string> {
    if (this.#askedFor.size >= ASKED_FOR_MAX) throw new TooManySessions();
    const nowMs = this.#options.nowMs();
    const name = randomUUID();
    const session = this.#make(identity, expireMs);
    this.#askedFor.set(name, { session, identity: keyOf(identity), expireMs, expiresAtMs: nowMs + expireMs });
    try {
      await session.open(nowMs);
    } catch (error) {
      this.#askedFor.delete(name);
      session.destroy();
      throw error;
    }
    return name;
  }

  /** Null if there is none of this name, or it is another's. */
  named(name: string, identity: RestIdentity): RestSession | null {
    const known = this.#askedFor.get(name);
    return known === undefined || known.identity !== keyOf(identity) ? null : known.session;
  }

  touch(name: string): void {
    const known = this.#askedFor.get(name);
    if (known !== undefined) known.expiresAtMs = this.#options.nowMs() + known.expireMs;
  }

  async end(name: string): Promise<void> {
    const known = this.#askedFor.get(name);
    this.#askedFor.delete(name);
    await known?.session.close();
  }

  /** Nobody is answered any more; the sessions expire. */
  close(): void {
    clearInterval(this.#timer);
    for (const { session } of [...this.#shared.values(), ...this.#askedFor.values()]) session.destroy();
  }

  #make(identity: RestIdentity, timeoutMs: number): RestSession {
    return new RestSession({ ...this.#options, ...identity, timeoutMs });
  }

  #dropIdle(): void {
    for (const [key, { session }] of this.#shared) {
      if (!session.isIdle) continue;
      this.#shared.delete(key);
      void session.close();
      return;
    }
    throw new TooManySessions();
  }

  #tick(): void {
    const nowMs = this.#options.nowMs();
    for (const [key, { session, usedAtMs }] of this.#shared) {
      if (nowMs - usedAtMs > SHARED_IDLE_MS && session.isIdle) {
        this.#shared.delete(key);
        void session.close();
      } else session.keepAlive(nowMs);
    }
    for (const [name, { session, expiresAtMs }] of this.#askedFor) {
      if (nowMs >= expiresAtMs) void this.end(name);
      else if (session.isOver) this.#askedFor.delete(name);
      else session.keepAlive(nowMs);
    }
  }
}

function keyOf({ peer, digest }: RestIdentity): string {
  return `${peer.remoteAddress} ${digest === null ? '' : Buffer.from(digest).toString('base64')}`;
}
