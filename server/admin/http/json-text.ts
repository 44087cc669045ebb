import { javaDouble } from '../java-double.ts';

/** A number that is a `double` in Apache's answers, and so has a point. */
export class Double {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** An object whose fields are made as they are written. A generator stands for an array in the same way. */
export class Entries {
  readonly entries: Iterable<readonly [string, JsonValue]>;

  constructor(entries: Iterable<readonly [string, JsonValue]>) {
    this.entries = entries;
  }
}

export type JsonValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Double
  | Entries
  | Iterable<JsonValue>
  | { readonly [name: string]: JsonValue };

/**
 * JSON in pieces, laid out as Apache's AdminServer lays it out (Jackson's default pretty printer). Longs are written as the
 * numbers they are, though JavaScript would read those beyond 2^53 wrong: session ids are, there as here.
 */
export function* jsonText(value: JsonValue, depth = 0): Generator<string> {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') yield JSON.stringify(value);
  else if (typeof value === 'number' || typeof value === 'bigint') yield String(value);
  else if (value instanceof Double) yield javaDouble(value.value);
  else if (value instanceof Entries) yield* objectText(value.entries, depth);
  else if (isIterable(value)) yield* arrayText(value, depth);
  else yield* objectText(Object.entries(value), depth);
}

function* objectText(entries: Iterable<readonly [string, JsonValue]>, depth: number): Generator<string> {
  const indent = '  '.repeat(depth + 1);
  let separator = '{\n';
  for (const [name, value] of entries) {
    yield `${separator}${indent}${JSON.stringify(name)} : `;
    yield* jsonText(value, depth + 1);
    separator = ',\n';
  }
  yield separator === '{\n' ? '{ }' : `\n${'  '.repeat(depth)}}`;
}

function* arrayText(items: Iterable<JsonValue>, depth: number): Generator<string> {
  let separator = '[ ';
  for (const item of items) {
    yield separator;
    yield* jsonText(item, depth);
    separator = ', ';
  }
  yield separator === '[ ' ? '[ ]' : ' ]';
}

function isIterable(value: object): value is Iterable<JsonValue> {
  return Symbol.iterator in value;
}
