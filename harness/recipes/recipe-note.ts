import type { Happening } from '../transcript/happening.ts';
import { notesOf } from './exchanges.ts';

/** The first note in a recipe's transcript: what was played, and below which path of the servers. */
export interface RecipeNote {
  readonly kind: 'recipe';
  readonly recipe: string;
  readonly root: string;
}

/** Null for a transcript that does not say. */
export function playedIn(happenings: readonly Happening[]): RecipeNote | null {
  return notesOf<RecipeNote>('recipe', happenings)[0]?.note ?? null;
}
