import { everything } from './everything.ts';
import type { Recipe } from './recipe.ts';
import { register } from './register.ts';

/** Every recipe there is, by its name. */
export const RECIPES: ReadonlyMap<string, Recipe> = new Map(
  [everything, register].map((recipe) => [recipe.name, recipe]),
);
