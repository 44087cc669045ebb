import type { Mark } from '../history/verification.ts';
import { EventType } from '../../server/wire/records/watcher-event.ts';
import type { Happening } from '../transcript/happening.ts';

/** What befell a client, for a picture of it; null for what it did itself. */
export function markOf(happening: Happening): Mark | null {
  const atMs = happening.atNs / 1e6;
  switch (happening.type) {
    case 'event': {
      const { client: process, eventType, path } = happening;
      return {
        process,
        atMs,
        kind: 'event',
        label: `${path} ${CHANGES.get(eventType) ?? `event ${eventType}`}`,
      };
    }
    case 'attached':
      return {
        process: happening.client,
        atMs,
        kind: 'connected',
        label: `connected to ${happening.server}`,
      };
    case 'lost':
      return { process: happening.client, atMs, kind: 'lost', label: 'lost its connection' };
    case 'expired':
      return {
        process: happening.client,
        atMs,
        kind: 'expired',
        label: 'was told that its session has expired',
      };
    default:
      return null;
  }
}

const CHANGES: ReadonlyMap<number, string> = new Map([
  [EventType.nodeCreated, 'was made'],
  [EventType.nodeDeleted, 'was deleted'],
  [EventType.nodeDataChanged, 'was changed'],
  [EventType.nodeChildrenChanged, 'has other children'],
]);
