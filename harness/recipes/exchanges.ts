import type { Exchange, Happening } from '../transcript/happening.ts';

/** The requests below `root` in the order in which they were sent, whatever came of them. */
export function exchangesBelow(root: string, happenings: readonly Happening[]): Exchange[] {
  const exchanges: Exchange[] = [];
  for (const happening of happenings) {
    if (happening.type !== 'request') continue;
    const { op } = happening.exchange;
    if (op !== null && 'path' in op && (op.path === root || op.path.startsWith(`${root}/`)))
      exchanges.push(happening.exchange);
  }
  return exchanges;
}

/** A note and who made it. */
export interface NoteOf<T> {
  readonly client: number;
  readonly atNs: number;
  readonly note: T;
}

/** The notes that have this `kind`, in the order of time. A recipe reads only notes that it has made itself. */
export function notesOf<T extends { readonly kind: string }>(
  kind: T['kind'],
  happenings: readonly Happening[],
): NoteOf<T>[] {
  const notes: NoteOf<T>[] = [];
  for (const happening of happenings) {
    if (happening.type !== 'note') continue;
    const { client, atNs } = happening;
    const note = happening.note as T;
    if (note.kind === kind) notes.push({ client, atNs, note });
  }
  return notes;
}
