import type { Cancel } from '../base/ports.ts';
import type { Zxid } from '../base/zxid.ts';
import { ReadOnlyPath } from '../pipeline/read-only-path.ts';
import type { ServerCore } from '../pipeline/server-core.ts';
import type { SessionIds } from '../session/session-ids.ts';
import { SessionTracker } from '../session/session-tracker.ts';
import { CONFIG_PATH } from '../tree/path.ts';
import type { Configurations } from '../zab/configurations.ts';
import { createCore, type ServiceParts } from './client-service.ts';
import { repeatAtMultiples } from './repeat.ts';

/** Apache's: an election takes less where it comes to an end. */
const WAIT_MIN_MS = 2000;

/**
 * Serves those who can do with reads while its server looks for a leader (protocol §1.10, decision 16): what the
 * replica shows, as it is, for nothing is applied meanwhile.
 */
export class ReadOnlyService {
  readonly #parts: ServiceParts;
  readonly #configurations: Configurations;
  readonly #sessionIds: SessionIds;
  #core: ServerCore | null = null;
  /** Of the wait, and then of the ticks; null where the server does not look for a leader. */
  #cancel: Cancel | null = null;

  constructor(parts: ServiceParts, configurations: Configurations, sessionIds: SessionIds) {
    this.#parts = parts;
    this.#configurations = configurations;
    this.#sessionIds = sessionIds;
  }

  /** Null while nobody is served. */
  get core(): ServerCore | null {
    return this.#core;
  }

  /** The server looks for a leader. If it does so for long it has lost the others, as far as its clients are concerned. */
  begin(): void {
    if (this.#cancel !== null) return;
    const { config, surroundings } = this.#parts;
    const waitMs = Math.max(WAIT_MIN_MS, config.tickTimeMs);
    this.#cancel = surroundings.timers.after(waitMs, () => this.#open());
  }

  /** There is a leader, or the server stops: the connections are closed, and the sessions are no more. */
  end(): void {
    this.#cancel?.();
    this.#cancel = null;
    const core = this.#core;
    this.#core = null;
    core?.close();
  }

  /**
   * The committed configuration, as it is shown with a quorum. One that the log has and that may come to be committed
   * stays where it stands: whoever restarts from a snapshot of this tree has to find it there.
   */
  showConfiguration(): void {
    if (this.#core === null) return;
    const { replica, surroundings } = this.#parts;
    const { tree } = replica;
    const { committed, lastSeen } = this.#configurations;
    if (lastSeen !== null && tree.get(CONFIG_PATH)?.mzxid === lastSeen.version) return;
    tree.showConfig(committed.text, committed.version as Zxid, surroundings.clock.wallMs());
  }

  #open(): void {
    const { config, surroundings, turn } = this.#parts;
    const sessions = new SessionTracker({ tickMs: config.tickTimeMs, nowMs: turn.nowMs });
    const readOnly = new ReadOnlyPath({ sessions, turn });
    const core = createCore(this.#parts, {
      writes: readOnly,
      sessions,
      sessionIds: this.#sessionIds,
      readOnly,
    });
    this.#core = core;
    this.#cancel = repeatAtMultiples(surroundings, config.tickTimeMs, () => core.onTick());
    this.showConfiguration();
    surroundings.log.info('Server', 'serving those who only read: there is no quorum');
  }
}
