import type { Happening } from '../transcript/happening.ts';

/** The first note in a recipe's transcript: what was played, and below which path of the servers. */
export interface RecipeNote {
  readonly kind: 'recipe';
  readonly recipe: string;
  readonly root: string;
}

/** Null for a transcript that does not say. */
export function playedIn(happenings: readonly Happening[]): RecipeNote | null {
  for (const happening of happenings) {
    if (happening.type !== 'note') continue;
    const note = happening.note as RecipeNote;
    if (note.kind === 'recipe') return note;
  }
  return null;
}
