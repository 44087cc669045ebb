const CAPACITY_MIN = 16;

/**
 * The entries in the order in which a Java `HashMap<Long, …>` that got them in this order returns them: by bucket.
 * Apache prints the lines of its config text like that, 16 before 1. Keys are small and not negative.
 */
export function inHashOrder<K extends number, V>(entries: Iterable<readonly [K, V]>): (readonly [K, V])[] {
  const all = [...entries];
  let capacity = CAPACITY_MIN;
  while (all.length > capacity * 0.75) capacity *= 2;
  const bucketOf = (key: number): number => (key ^ (key >>> 16)) & (capacity - 1);
  return all.toSorted(([a], [b]) => bucketOf(a) - bucketOf(b));
}
