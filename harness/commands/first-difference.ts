/** Where two values part, and what either has there, as JSON. */
export interface Difference {
  /** `workload.keys.count`. */
  readonly path: string;
  readonly one: string;
  readonly other: string;
}

/** Of two values made of what JSON has; null if they are the same. */
export function firstDifference(one: unknown, other: unknown, path = ''): Difference | null {
  if (!isCollection(one) || !isCollection(other) || Array.isArray(one) !== Array.isArray(other)) {
    return Object.is(one, other) ? null : { path, one: inWords(one), other: inWords(other) };
  }
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const difference = firstDifference(one[key], other[key], path === '' ? key : `${path}.${key}`);
    if (difference !== null) return difference;
  }
  return null;
}

function isCollection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function inWords(value: unknown): string {
  return value === undefined ? 'not given' : JSON.stringify(value);
}
