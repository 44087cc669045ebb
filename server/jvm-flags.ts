/** A command line as `java … QuorumPeerMain zoo.cfg` gets it, split up. */
export interface JvmFlags {
  /** `-Dname=value`; the last one counts. */
  readonly properties: ReadonlyMap<string, string>;
  /** What is neither a JVM flag nor the value of one: the class name and its arguments. */
  readonly rest: readonly string[];
}

/** JVM options whose value is the next word. */
const TAKES_VALUE: ReadonlySet<string> = new Set([
  '-cp',
  '-classpath',
  '--class-path',
  '-p',
  '--module-path',
]);

/**
 * Client suites start a server by the `java` command or with flags in SERVER_JVMFLAGS and JVMFLAGS. -D properties are kept; heap sizes, class paths and the like are dropped.
 */
export function parseJvmFlags(words: readonly string[]): JvmFlags {
  const properties = new Map<string, string>();
  const rest: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const property = /^-D([^=]+)(?:=([^]*))?$/.exec(word);
    if (property !== null) properties.set(property[1] as string, property[2] ?? '');
    else if (TAKES_VALUE.has(word)) i++;
    else if (!word.startsWith('-')) rest.push(word);
  }
  return { properties, rest };
}

/** The words of an environment variable such as SERVER_JVMFLAGS; double quotes keep blanks together. */
export function splitFlags(text: string): string[] {
  const words = text.match(/(?:"[^"]*"|[^\s"])+/g) ?? [];
  return words.map((word) => word.replaceAll('"', ''));
}
