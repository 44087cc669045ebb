import type { ClientConnection } from './client-connection.ts';

/** A `sync` that waits for the leader's word that this server has caught up. */
export interface PendingSync {
  readonly connection: ClientConnection;
  isDone: boolean;
}
