/**
 * The p-values of several tests, each adjusted to what is left of it when all are asked at once: with those at most α
 * taken for differences, one or more where there is none are seen at most so often as α says, however the tests depend on
 * each other (Holm 1979). In the order of `ps`, each at most 1.
 */
export function holm(ps: readonly number[]): number[] {
  const adjusted: number[] = Array.from(ps);
  const order = ps.map((p, at) => ({ p, at })).sort((x, y) => x.p - y.p);
  let largest = 0;
  order.forEach(({ p, at }, rank) => {
    largest = Math.max(largest, Math.min(1, p * (ps.length - rank)));
    adjusted[at] = largest;
  });
  return adjusted;
}
