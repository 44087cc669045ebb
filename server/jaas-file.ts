/** One login module of a section, with its options. */
export interface JaasModule {
  /** `org.apache.zookeeper.server.auth.DigestLoginModule` */
  readonly className: string;
  /** From 1. */
  readonly line: number;
  /** Passwords among them. */
  readonly options: ReadonlyMap<string, string>;
}

/** Never with a word of the text, which may be half a password. */
export class JaasSyntaxError extends Error {
  override readonly name = 'JaasSyntaxError';
  /** From 1. */
  readonly line: number;

  constructor(line: number, expected: string) {
    super(expected);
    this.line = line;
  }
}

interface Token {
  /** `end`: of the text. Of the others the character itself. */
  readonly kind: 'word' | 'quoted' | '{' | '}' | '=' | ';' | 'end';
  readonly text: string;
  readonly line: number;
}

const FLAGS: ReadonlySet<string> = new Set(['required', 'requisite', 'sufficient', 'optional']);
const BLANK = /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)+/y;
// What Java's StreamTokenizer takes for a word, as com.sun.security.auth.login.ConfigFile sets it up.
const WORD = /[A-Za-z$_*\u00a0-\uffff-][\w$.*\u00a0-\uffff-]*/y;
const QUOTED = /"((?:[^"\\\n]|\\[^\n])*)"/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', b: '\b' };

/**
 * The sections of a JAAS configuration by name, each with its login modules, in the syntax of Java's `ConfigFile`:
 * `Server { module required key="value" …; };`, with comments as in Java.
 *
 * @throws JaasSyntaxError. `${…}` in a value is one, too: there are no system properties to put there.
 */
export function parseJaas(text: string): ReadonlyMap<string, readonly JaasModule[]> {
  const tokens = tokenize(text);
  let token = nextOf(tokens);
  const take = (expected: string, ...kinds: Token['kind'][]): Token => {
    const taken = token;
    if (!kinds.includes(taken.kind)) throw new JaasSyntaxError(taken.line, `there must be ${expected} here`);
    token = nextOf(tokens);
    return taken;
  };
  const takeModule = (): JaasModule => {
    const { text: className, line } = take('the class of a login module', 'word', 'quoted');
    const flag = take('required, requisite, sufficient or optional', 'word', 'quoted');
    if (!FLAGS.has(flag.text.toLowerCase()))
      throw new JaasSyntaxError(flag.line, 'there must be required, requisite, sufficient or optional here');
    const options = new Map<string, string>();
    while (token.kind !== ';') {
      const key = take('an option or a semicolon', 'word', 'quoted').text;
      take('=', '=');
      const value = take('a value, in quotes if it has other characters than letters', 'word', 'quoted');
      if (value.text.includes('${')) throw new JaasSyntaxError(value.line, '${…} is not replaced here');
      options.set(key, value.text);
    }
    take('a semicolon', ';');
    return { className, line, options };
  };

  const sections = new Map<string, readonly JaasModule[]>();
  while (token.kind !== 'end') {
    const name = take('the name of a section', 'word', 'quoted');
    if (sections.has(name.text))
      throw new JaasSyntaxError(name.line, 'there is a section of this name already');
    take('{', '{');
    const modules: JaasModule[] = [];
    while (token.kind !== '}') modules.push(takeModule());
    take('}', '}');
    take('a semicolon behind the section', ';');
    sections.set(name.text, modules);
  }
  return sections;
}

function nextOf(tokens: Iterator<Token, Token>): Token {
  return tokens.next().value;
}

function* tokenize(text: string): Generator<Token, Token> {
  let at = 0;
  let line = 1;
  const skip = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at += match[0].length;
    return match;
  };
  for (;;) {
    for (const character of skip(BLANK)?.[0] ?? '') if (character === '\n') line++;
    const first = text[at];
    if (first === undefined) return { kind: 'end', text: '', line };
    if (first === '{' || first === '}' || first === '=' || first === ';') {
      at++;
      yield { kind: first, text: first, line };
      continue;
    }
    const quoted = skip(QUOTED);
    if (quoted !== null) {
      yield { kind: 'quoted', text: unescape(quoted[1] as string), line };
      continue;
    }
    const word = skip(WORD);
    if (word === null)
      throw new JaasSyntaxError(line, 'this is no word, and not in quotes that end on the line');
    yield { kind: 'word', text: word[0], line };
  }
}

function unescape(text: string): string {
  return text.replace(/\\([0-3]?[0-7]{1,2}|[^])/g, (_all, escaped: string) =>
    /^[0-7]/.test(escaped) ? String.fromCharCode(Number.parseInt(escaped, 8)) : (ESCAPES[escaped] ?? escaped),
  );
}
