import { type Ensemble, type Roles, serverById } from '../ensemble/ensemble.ts';
import type { ProcessEnsemble } from '../ensemble/process-ensemble.ts';
import type { ProcessServer } from '../ensemble/process-server.ts';
import type { ServerControls } from './control/server-controls.ts';
import type { ProxiedNetwork } from '../toxiproxy/proxied-network.ts';
import { Holds } from './holds.ts';

/** Where faults happen: the servers, and the ways to them. */
export interface Field<E extends Ensemble = Ensemble> {
  readonly ensemble: E;
  /** Into the processes of servers that were started for it; null where they were not. */
  readonly controls: ServerControls | null;
  /** The ways between servers, and between them and clients; null where they do not lead through proxies. */
  readonly network: ProxiedNetwork | null;
  readonly holds: Holds;
  /** After how long a silence servers give each other up: `syncLimit` ticks. */
  readonly silenceLimitMs: number;
  /** How long what is wrong may take to be met by a load; 10 000 unless told. */
  readonly effectTimeoutMs?: number;
  /** The run's clock. */
  readonly nowMs: () => number;
  /** Whether a write that was asked for has been acknowledged since then. */
  readonly hasAcknowledged: (sinceMs: number) => boolean;
  /** Ends every wait: the run is over. */
  readonly signal: AbortSignal;
  /** A line for a person who waits. */
  readonly note: (line: string) => void;
}

/** One whose servers are child processes: what is inside of them and on their disks is at hand. */
export type ProcessField = Field<ProcessEnsemble>;

export function createField<E extends Ensemble>(field: Omit<Field<E>, 'holds'>): Field<E> {
  return { ...field, holds: new Holds(field.ensemble) };
}

export function processServerOf({ ensemble }: ProcessField, id: number): ProcessServer {
  return serverById(ensemble.servers, id);
}

/** Ids of those with a vote. */
export function votersOf({ servers }: Pick<Ensemble, 'servers'>): number[] {
  return servers.flatMap(({ id, isObserver }) => (isObserver ? [] : [id]));
}

/** `leader killed (server 3)`, `all 3 servers killed`. */
export function labelOf(
  done: string,
  of: { readonly ids: readonly number[]; readonly roles: Roles; readonly serverCount: number },
): string {
  const { ids, roles, serverCount } = of;
  const [id = 0] = ids;
  if (serverCount === 1) return `server ${id} ${done}`;
  if (ids.length === serverCount) return `all ${serverCount} servers ${done}`;
  if (ids.length > 1) return `servers ${ids.join(', ')} ${done}`;
  return `${roles.get(id) ?? 'server'} ${done} (server ${id})`;
}
