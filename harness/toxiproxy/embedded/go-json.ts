import { badRequestBody } from './api-error.ts';

/** A field that is looked for in a JSON object, and how Toxiproxy's source calls its type. */
export interface Field {
  readonly kind: 'string' | 'bool' | 'int' | 'float' | 'object';
  /** For error texts: `Proxy.name`, `string`. */
  readonly path: string;
  readonly goType: string;
}

/** The values that were there, under the names of the fields. */
export type Fields = Record<string, string | boolean | number | object>;

/**
 * Reads the first JSON value of a request as Go's decoder does; what comes after it is ignored.
 *
 * @throws ApiError 400 in Go's words.
 */
export function decodeFirst(text: string): unknown {
  const start = text.search(/[^ \t\r\n]/);
  if (start < 0) throw badRequestBody('EOF');
  const first = text[start] as string;
  if (!/[[{"\-0-9tfn]/.test(first))
    throw badRequestBody(`invalid character ${quoted(first)} looking for beginning of value`);
  const end = endOfValue(text, start);
  if (end < 0) throw badRequestBody('unexpected EOF');
  try {
    return JSON.parse(text.slice(start, end)) as unknown;
  } catch (error) {
    throw badRequestBody(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Takes the fields out of a value. As in Go, names match whatever their case, null is as good as nothing, the last
 * one of several counts, and what nobody asked for is ignored.
 *
 * @throws ApiError 400 when a value is not of its field's type, or `value` is no object. `goType` names it then.
 */
export function decodeFields(
  value: unknown,
  fields: Readonly<Record<string, Field>>,
  goType: string,
): Fields {
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw badRequestBody(`json: cannot unmarshal ${kindOf(value)} into Go value of type ${goType}`);
  }
  const decoded: Fields = {};
  for (const [key, given] of Object.entries(value)) {
    const name = Object.keys(fields).find((name) => name.toLowerCase() === key.toLowerCase());
    const field = name === undefined ? undefined : fields[name];
    if (name === undefined || field === undefined || given === null) continue;
    decoded[name] = checked(given, field);
  }
  return decoded;
}

/** As Go writes it: nothing in it means anything in HTML. */
export function encode(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function checked(value: unknown, { kind, path, goType }: Field): string | boolean | number | object {
  switch (kind) {
    case 'string':
      if (typeof value === 'string') return value;
      break;
    case 'bool':
      if (typeof value === 'boolean') return value;
      break;
    case 'float':
      if (typeof value === 'number') return value;
      break;
    case 'int':
      if (Number.isInteger(value)) return value as number;
      break;
    case 'object':
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
      break;
  }
  const number = kind === 'int' && typeof value === 'number' ? ` ${value}` : '';
  throw badRequestBody(
    `json: cannot unmarshal ${kindOf(value)}${number} into Go struct field ${path} of type ${goType}`,
  );
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function quoted(character: string): string {
  return character === "'" ? `'\\''` : `'${character}'`;
}

/** Where the value that begins at `start` ends; -1 where the text ends first. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at] as string;
    if (character === '"') {
      at = endOfString(text, at);
      if (at < 0) return -1;
    } else if (character === '{' || character === '[') {
      depth++;
    } else if (character === '}' || character === ']') {
      depth--;
    } else if (depth === 0) {
      // A number or a word: up to what cannot be a part of one.
      while (at + 1 < text.length && /[\w.+-]/.test(text[at + 1] as string)) at++;
    }
    if (depth <= 0) return at + 1;
  }
  return -1;
}

/** Where the closing quote is; -1 where there is none. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return -1;
}
