import { createHash } from 'node:crypto';
import type { Plan } from './plan.ts';

/** The SHA-256 of a plan, in hex: two plans with one hash do the same. */
export function planHash(plan: Plan): string {
  return createHash('sha256').update(canonicalJson(plan)).digest('hex');
}

/** The same text for the same value, in whatever order its keys were written: sorted, without blanks. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
