import type { Recipe } from '../../recipe.ts';

/** What it is, and the history as `told` reads it. */
export type Good = readonly [title: string, text: string];
/** What it is, what a check must call it, and the history. */
export type Bad = readonly [title: string, name: string, text: string];

/** Histories in which a recipe's check must not find anything, and such as it must. */
export interface Histories {
  readonly recipe: Recipe;
  /** Stands before each of them. */
  readonly before?: string;
  /** Stands behind each of them. */
  readonly after?: string;
  readonly good: readonly Good[];
  readonly bad: readonly Bad[];
}
