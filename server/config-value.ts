import { parseHost } from './base/host.ts';

/**
 * How one value of zoo.cfg is read. `parse` returns `undefined` for a text it does not accept, and `expected`
 * says in words what it would accept.
 */
export interface ValueKind<T> {
  readonly parse: (text: string) => T | undefined;
  readonly expected: string;
}

export const INT_MAX: number = 2 ** 31 - 1;

/** A Java `int` or `long` within bounds; `0x…` is read as hex, as `Integer.decode` does. `unit` is for the reader. */
export function integer(bounds: { min: number; max?: number; unit?: string }): ValueKind<number> {
  const { min, max = INT_MAX, unit } = bounds;
  return {
    parse(text) {
      if (!/^[+-]?(\d{1,15}|0[xX][0-9a-fA-F]{1,12})$/.test(text)) return undefined;
      const magnitude = Number(text.replace(/^[+-]/, ''));
      const value = text.startsWith('-') ? -magnitude : magnitude;
      return value >= min && value <= max ? value : undefined;
    },
    expected: `must be an integer from ${min} to ${max}${unit === undefined ? '' : ` (${unit})`}`,
  };
}

export function decimal(bounds: { min: number; max: number }): ValueKind<number> {
  return {
    parse(text) {
      const value = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
      return value >= bounds.min && value <= bounds.max ? value : undefined;
    },
    expected: `must be a number from ${bounds.min} to ${bounds.max}`,
  };
}

/** Case does not matter, as with `Boolean.parseBoolean`; but what is neither is an error here and `false` there. */
export const TRUE_FALSE: ValueKind<boolean> = {
  parse(text) {
    const lower = text.toLowerCase();
    return lower === 'true' ? true : lower === 'false' ? false : undefined;
  },
  expected: 'must be true or false',
};

/** Apache compares these exactly (`forceSync=NO` still syncs there), so only the exact spelling is accepted. */
export const YES_NO: ValueKind<boolean> = {
  parse: (text) => (text === 'yes' ? true : text === 'no' ? false : undefined),
  expected: 'must be yes or no, in lower case',
};

export function oneOf<T extends string>(...choices: readonly T[]): ValueKind<T> {
  return {
    parse: (text) => choices.find((choice) => choice === text),
    expected: `must be ${choices.length === 1 ? '' : 'one of '}${choices.join(', ')}`,
  };
}

/** Like `oneOf`, in any case; the choices are in lower case. */
export function oneOfAnyCase<T extends string>(...choices: readonly T[]): ValueKind<T> {
  const { parse, expected } = oneOf(...choices);
  return { parse: (text) => parse(text.toLowerCase()), expected };
}

export const ANY_TEXT: ValueKind<string> = { parse: (text) => text, expected: 'may be any text' };

export const NOT_EMPTY: ValueKind<string> = {
  parse: (text) => (text === '' ? undefined : text),
  expected: 'must not be empty',
};

export const HOST: ValueKind<string> = { parse: parseHost, expected: 'must be a host name or an IP address' };
