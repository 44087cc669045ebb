import type { Recipe } from './recipe.ts';
import { register } from './register.ts';

/** Every recipe there is, by its name. */
export const RECIPES: ReadonlyMap<string, Recipe> = new Map(
  [register].map((recipe) => [recipe.name, recipe]),
);
