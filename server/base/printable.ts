/** Longest text one value may take in a log line or an error message, in UTF-16 units. */
export const PRINTABLE_LENGTH_MAX = 256;

/**
 * `text` made safe for a log line, a terminal or an error message: control characters, line and paragraph
 * separators and bidirectional overrides are written as escapes, and what is longer than `lengthMax` is cut and
 * says so. A znode may be called `\n2026-… ERROR`; a log must not be fooled by it.
 */
export function printable(text: string, lengthMax: number = PRINTABLE_LENGTH_MAX): string {
  const cut = text.length > lengthMax;
  let safe = '';
  for (const character of cut ? text.slice(0, lengthMax) : text) {
    safe += isUnsafe(character.codePointAt(0) as number) ? escaped(character) : character;
  }
  return cut ? `${safe}… (${text.length} characters)` : safe;
}

function isUnsafe(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code <= 0x9f) ||
    code === 0x061c ||
    (code >= 0x200e && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069) ||
    (code >= 0xd800 && code <= 0xdfff) ||
    code === 0xfeff
  );
}

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
