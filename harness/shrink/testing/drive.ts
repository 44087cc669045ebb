/** Answers all that a search asks, and returns what it comes to with what it has asked. */
export function drive<T>(
  search: Generator<T, T, boolean>,
  fails: (candidate: T) => boolean,
): { readonly result: T; readonly asked: readonly T[] } {
  const asked: T[] = [];
  let next = search.next();
  while (next.done !== true) {
    asked.push(next.value);
    next = search.next(fails(next.value));
  }
  return { result: next.value, asked };
}
