import type { Prng } from '../../server/base/prng.ts';
import type { Ensemble } from '../ensemble/ensemble.ts';
import type { LoadControl } from '../load/run-load.ts';

/** One kill -9 and what came after it, in ms on the run's clock. */
export interface Crash {
  readonly serverId: number;
  readonly killedAtMs: number;
  /** When the server answered again; null if the run ended first. */
  readonly restartedAtMs: number | null;
}

export interface CrashPlanOptions {
  readonly ensemble: Ensemble;
  readonly kills: number;
  /** How long the measurement lasts; the one kill of an ordinary run comes after 60 % of it. */
  readonly durationMs: number;
  readonly prng: Prng;
  readonly note: (line: string) => void;
  /** As soon as it is over: what a run that ends early has seen is not lost. */
  readonly onCrash: (crash: Crash) => void;
}

/** With several kills, how long the server is left alone between them: it may not even have recovered. */
const PAUSE_MIN_MS = 20;
const PAUSE_MAX_MS = 400;
const ONE_KILL_AT = 0.6;
/** How long the load goes on at least once the last killed server serves: clients must be seen to come back. */
const SEEN_RECOVERED_MS = 1000;
/** How often a server is killed again before it serves. */
const KILLED_AGAIN_SHARE = 0.2;
/** About how long a server takes to come back. */
const RECOVERY_MS = 500;

/**
 * Kills a server with SIGKILL while it is under load, and starts it again on the data it has. Once in an
 * ordinary run; as often as told, at random moments, in a run that looks for what a crash can lose.
 */
export async function crashServers(load: LoadControl, options: CrashPlanOptions): Promise<void> {
  const { ensemble, kills, note } = options;
  for (let round = 1; round <= kills; round++) {
    await pause(pauseBefore(options), load.signal);
    if (load.signal.aborted) break;
    const server = options.prng.shuffled(ensemble.servers)[0];
    if (server === undefined) break;

    if (kills === 1) await load.enterPhase('crash');
    const killedAtMs = load.nowMs();
    await ensemble.kill(server.id);
    if (kills > 1 && options.prng.next() < KILLED_AGAIN_SHARE) await killWhileRecovering(server.id, options);
    if (kills === 1) note(`killed server ${server.id} with SIGKILL under load`);
    await ensemble.restart(server.id);
    const restartedAtMs = load.nowMs();
    options.onCrash({ serverId: server.id, killedAtMs, restartedAtMs });
    if (kills === 1) await load.enterPhase('recovery');
    if (kills === 1) note(`server ${server.id} serves again`);
    else if (round % 10 === 0 || round === kills) note(`${round} of ${kills} kills`);
  }
  await pause(SEEN_RECOVERED_MS, load.signal);
}

/** A crash in the middle of coming back must cost no more than the first one. */
async function killWhileRecovering(serverId: number, { ensemble, prng }: CrashPlanOptions): Promise<void> {
  const starting = ensemble.restart(serverId).then(
    () => undefined,
    // It ended before it served: that is the point.
    () => undefined,
  );
  await pause(prng.next() * RECOVERY_MS, new AbortController().signal);
  await ensemble.kill(serverId);
  await starting;
}

function pauseBefore({ kills, durationMs, prng }: CrashPlanOptions): number {
  if (kills === 1) return durationMs * ONE_KILL_AT;
  return PAUSE_MIN_MS + prng.next() * (PAUSE_MAX_MS - PAUSE_MIN_MS);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    }
  });
}
