/**
 * The fewest of `items` that still fail, by delta debugging (Zeller and Hildebrandt, 2002): no single one of what is
 * returned can be left out, if `fails` answers the same each time. `items` themselves fail; their order is kept.
 *
 * Asks at most n² + 3n times for n items, and for nothing twice in a row. An oracle that has had enough says false from
 * then on, and gets back the fewest it has seen fail.
 */
export async function ddmin<T>(
  items: readonly T[],
  fails: (some: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  if (items.length === 0 || (await fails([]))) return [];
  let left = items;
  let parts = 2;
  while (left.length >= 2) {
    const smaller = await firstFailing(candidates(left, parts), fails);
    if (smaller !== null) {
      // A part alone is cut in two again; of what a part was taken from, the others are tried next.
      parts = smaller.isPart ? 2 : Math.max(parts - 1, 2);
      left = smaller.items;
    } else if (parts >= left.length) {
      break;
    } else parts = Math.min(2 * parts, left.length);
  }
  return left;
}

interface Candidate<T> {
  readonly items: readonly T[];
  readonly isPart: boolean;
}

async function firstFailing<T>(
  tried: Iterable<Candidate<T>>,
  fails: (some: readonly T[]) => Promise<boolean>,
): Promise<Candidate<T> | null> {
  for (const candidate of tried) if (await fails(candidate.items)) return candidate;
  return null;
}

/** Each part alone, then all but each part, which of two parts is the same. */
function* candidates<T>(items: readonly T[], parts: number): Generator<Candidate<T>, void> {
  const bounds = Array.from({ length: parts + 1 }, (_, i) => Math.round((i * items.length) / parts));
  for (let i = 0; i < parts; i++) yield { items: items.slice(bounds[i], bounds[i + 1]), isPart: true };
  if (parts === 2) return;
  for (let i = 0; i < parts; i++) {
    yield { items: [...items.slice(0, bounds[i]), ...items.slice(bounds[i + 1])], isPart: false };
  }
}
