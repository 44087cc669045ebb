import type { Happening } from '../transcript/happening.ts';
import { summaryOf } from './figures.ts';
import { notesOf } from './exchanges.ts';
import type { Participant } from './participant.ts';
import type { Figures } from './recipe.ts';

/** What somebody believes from here on: that it is the one, or that it is not any more. */
export type BeliefNote = { readonly kind: 'belief'; readonly isHeld: boolean };

export function noteBelief(participant: Participant, isHeld: boolean): void {
  participant.note({ kind: 'belief', isHeld } satisfies BeliefNote);
}

/**
 * How long each believed to be the one, and how long two did at once. Nothing is wrong with that: whoever is cut off
 * cannot know yet that its session has ended, which is what fencing is for.
 */
export function measureBeliefs(happenings: readonly Happening[]): Figures {
  const since = new Map<number, number>();
  const heldMs: number[] = [];
  let [overlapMs, lastNs] = [0, 0];
  for (const { client, atNs, note } of notesOf<BeliefNote>('belief', happenings)) {
    if (since.size > 1) overlapMs += (atNs - lastNs) / 1e6;
    lastNs = atNs;
    const begunNs = since.get(client);
    if (note.isHeld) {
      if (begunNs === undefined) since.set(client, atNs);
    } else if (begunNs !== undefined) {
      heldMs.push((atNs - begunNs) / 1e6);
      since.delete(client);
    }
  }
  return { ...summaryOf('held', 'ms', heldMs), 'held by two ms': overlapMs };
}
