/** One `key = value` of a Java properties file. */
export interface PropertyLine {
  readonly key: string;
  readonly value: string;
  /** The first of its physical lines, from 1, … */
  readonly line: number;
  /** … and the last. */
  readonly lastLine: number;
}

/**
 * Reads the syntax of `java.util.Properties.load`: comments start with `#` or `!`, the key ends at the first
 * unescaped `=`, `:` or white space, a line ending in an odd number of backslashes goes on in the next one, and
 * `\t \n \f \r \uXXXX` are escapes (a backslash before anything else just disappears, which is what happens to
 * Windows paths in Apache too). Duplicates are all returned, in file order; the last one counts.
 *
 * A malformed `\u` escape, an exception in Java, is left as written here and fails as a value later.
 */
export function parseProperties(text: string): PropertyLine[] {
  const properties: PropertyLine[] = [];
  for (const { content, line, lastLine } of logicalLines(text)) {
    const end = keyEnd(content);
    properties.push({
      key: unescape(content.slice(0, end)),
      value: unescape(content.slice(valueStart(content, end))),
      line,
      lastLine,
    });
  }
  return properties;
}

/** `text` without the lines of those properties; everything else, comments among it, stays as it is. */
export function withoutProperties(text: string, isDropped: (key: string) => boolean): string {
  return replaceProperties(text, (key) => (isDropped(key) ? '' : null));
}

/** `text` with `***` for the values of those properties, however they are written. */
export function withHiddenValues(text: string, isHidden: (key: string) => boolean): string {
  return replaceProperties(text, (key) => (isHidden(key) ? `${key}=***\n` : null));
}

/** `replacementOf`: what stands in place of a property's lines, null for the lines themselves. */
function replaceProperties(text: string, replacementOf: (key: string) => string | null): string {
  const physical = text.split(/(?<=\r\n|\n|\r(?!\n))/);
  for (const { key, line, lastLine } of parseProperties(text)) {
    const replacement = replacementOf(key);
    if (replacement === null) continue;
    physical.fill('', line - 1, lastLine);
    physical[line - 1] = replacement;
  }
  return physical.join('');
}

interface LogicalLine {
  content: string;
  readonly line: number;
  lastLine: number;
}

function logicalLines(text: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let open: LogicalLine | null = null;
  const physical = text.split(/\r\n|[\r\n]/);
  for (const [index, raw] of physical.entries()) {
    const content = raw.replace(/^[ \t\f]+/, '');
    // Where nothing of a logical line has been read yet, be it behind a lone backslash, a comment may stand.
    if ((open?.content ?? '') === '' && /^(?:[#!]|$)/.test(content)) continue;
    const current: LogicalLine = open ?? { content: '', line: index + 1, lastLine: index + 1 };
    if (open === null) lines.push(current);
    const goesOn = endsInOddBackslashes(content);
    current.lastLine = index + 1;
    current.content += goesOn ? content.slice(0, -1) : content;
    open = goesOn ? current : null;
  }
  return lines.filter((line) => line.content !== '');
}

function endsInOddBackslashes(content: string): boolean {
  let count = 0;
  while (content.charAt(content.length - 1 - count) === '\\') count++;
  return count % 2 === 1;
}

function keyEnd(content: string): number {
  for (let i = 0; i < content.length; i++) {
    const character = content.charAt(i);
    if (character === '\\') i++;
    else if (isSpace(character) || character === '=' || character === ':') return i;
  }
  return content.length;
}

/** Behind the key: white space, at most one `=` or `:`, white space. */
function valueStart(content: string, end: number): number {
  let i = end;
  while (isSpace(content.charAt(i))) i++;
  const separator = content.charAt(i);
  if (separator !== '=' && separator !== ':') return i;
  i++;
  while (isSpace(content.charAt(i))) i++;
  return i;
}

function isSpace(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\f';
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['t', '\t'],
  ['n', '\n'],
  ['f', '\f'],
  ['r', '\r'],
]);

function unescape(raw: string): string {
  return raw.replace(/\\(u[0-9a-fA-F]{4}|[^])/g, (_match, escape: string) =>
    escape.length > 1
      ? String.fromCharCode(Number.parseInt(escape.slice(1), 16))
      : (ESCAPES.get(escape) ?? escape),
  );
}
