import { RestError } from './rest-error.ts';

/** One of several words; the first unless told. @throws RestError */
export function wordIn<const W extends string>(
  query: URLSearchParams,
  name: string,
  words: readonly [W, ...W[]],
): W {
  const text = query.get(name) ?? words[0];
  const word = words.find((word) => word === text);
  if (word === undefined) throw new RestError(400, `${name} must be ${words.join(' or ')}`);
  return word;
}

/** @throws RestError */
export function flagIn(query: URLSearchParams, name: string): boolean {
  return wordIn(query, name, ['false', 'true']) === 'true';
}

/** Within `[min, max]`. @throws RestError */
export function integerIn(
  query: URLSearchParams,
  name: string,
  { unset, min, max }: { readonly unset: number; readonly min: number; readonly max: number },
): number {
  const text = query.get(name) ?? String(unset);
  const value = Number(text);
  if (!/^-?\d{1,10}$/.test(text) || value < min || value > max)
    throw new RestError(400, `${name} must be a whole number from ${min} to ${max}`);
  return value;
}
