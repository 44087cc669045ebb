import { EnsembleError, leaderOf } from '../../ensemble/ensemble.ts';
import { rolesOf } from '../../ensemble/server-role.ts';
import { pause, waitUntil } from '../../ensemble/wait-until.ts';
import { proveCaughtUp } from '../catching-up.ts';
import type { Field } from '../field.ts';

/** How long an ensemble may take to be whole again once everything is healed, besides noticing a silence. */
const WHOLE_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
const LOGS_SHOWN_MAX = 3;

/**
 * Waits until all servers serve, one leads, and all have what it has. Returns that in words, or null if the run ended
 * first.
 *
 * @throws EnsembleError when it does not come to that.
 */
export async function converge(field: Field): Promise<string | null> {
  const { ensemble, signal } = field;
  let leader: number | null = null;
  const isWhole = async (): Promise<boolean> => {
    const roles = await ensemble.roles();
    leader = leaderOf(roles);
    const leaders = [...roles.values()].filter((role) => role === 'leader' || role === 'standalone');
    return leaders.length === 1 && ![...roles.values()].includes(null);
  };
  const timeoutMs = WHOLE_TIMEOUT_MS + 2 * field.silenceLimitMs;
  const end = await waitUntil(isWhole, {
    timeoutMs,
    everyMs: POLL_MS,
    signal,
    onWaiting: (waitedMs) =>
      field.note(`still waiting for all to serve, after ${Math.round(waitedMs / 1000)} s`),
  });
  if (end === 'aborted') return null;
  if (end === 'timeout') throw failure(field, `not all servers serve with one leader after ${timeoutMs} ms`);
  const caughtUp = await proveCaughtUp(
    field,
    ensemble.servers.map(({ id }) => id),
  );
  return `${ensemble.servers.length} servers serve, server ${leader} leads; ${caughtUp}`;
}

/**
 * Waits until one of these leads and a write is acknowledged. Returns how long that took, in ms, or null if the run ended
 * first.
 *
 * @throws EnsembleError when it takes longer than allowed.
 */
export async function untilTheyServe(
  field: Field,
  ids: readonly number[],
  withinMs: number,
): Promise<number | null> {
  const { ensemble, signal } = field;
  const servers = ensemble.servers.filter(({ id }) => ids.includes(id));
  const fromMs = field.nowMs();
  let ledSinceMs: number | null = null;
  const doServe = async (): Promise<boolean> => {
    if (leaderOf(await rolesOf(servers)) === null) return false;
    ledSinceMs ??= field.nowMs();
    return field.hasAcknowledged(ledSinceMs);
  };
  const end = await waitUntil(doServe, { timeoutMs: withinMs, everyMs: POLL_MS, signal });
  if (end === 'aborted') return null;
  if (end === 'timeout') {
    const hasLed = leaderOf(await rolesOf(servers)) !== null;
    const what = hasLed ? 'nothing is acknowledged' : 'none of them leads';
    throw failure(field, `servers ${ids.join(', ')} are a quorum, and after ${withinMs} ms ${what}`);
  }
  return field.nowMs() - fromMs;
}

/** Until that moment on the run's clock, or the end of the run. */
export function untilMs({ nowMs, signal }: Field, atMs: number): Promise<void> {
  const restMs = atMs - nowMs();
  return restMs > 0 ? pause(Math.ceil(restMs), signal) : Promise.resolve();
}

function failure({ ensemble }: Field, what: string): EnsembleError {
  const logs = ensemble.servers
    .slice(0, LOGS_SHOWN_MAX)
    .map(({ id, logFile }) => `the end of ${logFile}:\n${ensemble.logTail(id)}`);
  return new EnsembleError([what, ...logs].join('; '));
}
