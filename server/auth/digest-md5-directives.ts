const TOKEN = "[!#$%&'*+.^_`|~\\w-]+";
const BLANKS = '[\\t\\r\\n ]*';
const DIRECTIVE = new RegExp(
  `[\\t\\r\\n ,]*(${TOKEN})${BLANKS}=${BLANKS}(?:"((?:[^"\\\\]|\\\\[^])*)"|(${TOKEN}))${BLANKS}(?:,|$)`,
  'y',
);

/**
 * The directives of a DIGEST-MD5 token, `name=value,name="value"` (RFC 2831, 7.1), by their names in lower case. A
 * character stands for a byte. Null for what is none, or has a name twice.
 */
export function parseDirectives(text: string): ReadonlyMap<string, string> | null {
  const directives = new Map<string, string>();
  DIRECTIVE.lastIndex = 0;
  for (let end = 0; end < text.length; end = DIRECTIVE.lastIndex) {
    const match = DIRECTIVE.exec(text);
    if (match === null) return null;
    const [, name = '', quoted, plain = ''] = match;
    const key = name.toLowerCase();
    if (directives.has(key)) return null;
    directives.set(key, quoted === undefined ? plain : quoted.replace(/\\([^])/g, '$1'));
  }
  return directives;
}
