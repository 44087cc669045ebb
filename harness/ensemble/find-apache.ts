import { accessSync, constants, existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Where Debian's packages put their jars. `zookeeper.jar` names the ones it needs itself in its manifest. */
const DEBIAN_JARS = '/usr/share/java';
const DEBIAN_CLASSPATH = [
  'zookeeper.jar',
  'slf4j-log4j12.jar',
  'log4j-1.2.jar',
  // Without these two the AdminServer silently does not start.
  'servlet-api.jar',
  'jetty9-util-ajax.jar',
  // What Netty needs, and with it TLS, beside what the manifest names.
  'netty-codec.jar',
  'netty-resolver.jar',
  'netty-transport-native-unix-common.jar',
];

export const APACHE_CLASSPATH_VARIABLE = 'STAMPEDE_APACHE_CLASSPATH';

type Environment = Readonly<Record<string, string | undefined>>;

/** A ZooKeeper of Apache's that can be started here. */
export interface Apache {
  readonly java: string;
  readonly classpath: string;
  /** From the jar's name; `unknown` when that does not tell. */
  readonly version: string;
}

export type ApacheSearch =
  { readonly found: true; readonly apache: Apache } | { readonly found: false; readonly why: string };

/**
 * Looks for a JVM and for ZooKeeper's jars: in `wanted` (`--apache-classpath`, `apache@…`), else in the environment
 * variable STAMPEDE_APACHE_CLASSPATH, else where Debian's package libzookeeper-java puts them.
 *
 * What is wanted is a class path, a directory with the jars in it or in its `lib`, as a release of Apache's has, or a
 * version, which one of the other two places must then have, or
 * `~/.cache/stampede/apache-<version>`, where `.ci/install-peers.sh` puts one.
 *
 * When there is none, `why` says what was looked for and how to get it: what a skipped test prints.
 */
export function findApache(wanted?: string, environment: Environment = process.env): ApacheSearch {
  const java = findJava(environment);
  if (java === null) {
    return {
      found: false,
      why: 'no java in JAVA_HOME or PATH (Debian: apt-get install openjdk-17-jre-headless)',
    };
  }
  if (wanted !== undefined && /^\d+\.\d+(\.|$)/.test(wanted)) return ofVersion(java, wanted, environment);
  const given = wanted ?? environment[APACHE_CLASSPATH_VARIABLE] ?? '';
  return given === '' ? ofDebian(java) : fromClasspath(java, given);
}

function ofDebian(java: string): ApacheSearch {
  const jar = join(DEBIAN_JARS, 'zookeeper.jar');
  if (!existsSync(jar)) {
    const remedy = `apt-get install libzookeeper-java, or set ${APACHE_CLASSPATH_VARIABLE}`;
    return { found: false, why: `no Apache ZooKeeper: ${jar} does not exist (${remedy})` };
  }
  const jars = DEBIAN_CLASSPATH.map((name) => join(DEBIAN_JARS, name)).filter((path) => existsSync(path));
  return { found: true, apache: { java, classpath: jars.join(delimiter), version: versionOf(jar) } };
}

function ofVersion(java: string, version: string, environment: Environment): ApacheSearch {
  const kept = join(environment['HOME'] ?? '', '.cache', 'stampede', `apache-${version}`);
  const ofEnvironment = environment[APACHE_CLASSPATH_VARIABLE] ?? '';
  const given = [...(ofEnvironment === '' ? [] : [ofEnvironment]), ...(existsSync(kept) ? [kept] : [])];
  const searches = [...given.map((path) => fromClasspath(java, path)), ofDebian(java)];
  const found = searches.flatMap((search) => (search.found ? [search] : []));
  const match = found.find(({ apache }) => apache.version === version);
  if (match !== undefined) return match;
  const versions = found.map(({ apache }) => apache.version).join(' and ') || 'none';
  return {
    found: false,
    why: `no Apache ZooKeeper ${version} here, but ${versions}; name the directory of its jars instead of the version`,
  };
}

function fromClasspath(java: string, given: string): ApacheSearch {
  // An empty element, as a loop in a shell leaves one at the end, would be the current directory to Java.
  const entries = given
    .split(delimiter)
    .filter((entry) => entry !== '')
    .map(withJarsOf);
  // `dir/*` is Java's own wildcard; only what is named can be looked for.
  const missing = entries.find((entry) => !existsSync(entry.replace(/\/\*$/, '')));
  if (missing !== undefined) {
    return {
      found: false,
      why: `the class path given for Apache ZooKeeper names ${missing}, which does not exist`,
    };
  }
  const jar = entries.flatMap(jarsIn).find((entry) => /\/zookeeper(-\d[^/]*)?\.jar$/.test(entry));
  return {
    found: true,
    apache: {
      java,
      classpath: entries.join(delimiter),
      version: jar === undefined ? 'unknown' : versionOf(jar),
    },
  };
}

/** A directory stands for the jars in it, or in its `lib`. */
function withJarsOf(entry: string): string {
  for (const directory of [entry, join(entry, 'lib')]) {
    if (jarsIn(`${directory}/*`).length > 0) return `${directory}/*`;
  }
  return entry;
}

function jarsIn(entry: string): string[] {
  if (!entry.endsWith('/*')) return [entry];
  const directory = entry.slice(0, -2);
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith('.jar'));
    return names.map((name) => join(directory, name));
  } catch {
    // Not a directory, or not there.
    return [];
  }
}

/** A jar's version is in its name; Debian's has a second name, a link `zookeeper-3.8.0.jar` beside it. */
function versionOf(jar: string): string {
  const file = realpathSync(jar);
  const names = [file, ...readdirSync(dirname(file)).map((name) => join(dirname(file), name))];
  for (const name of names) {
    const version = /\/zookeeper-(\d+\.\d+\.\d+[^/]*)\.jar$/.exec(name)?.[1];
    if (version !== undefined && realpathSync(name) === file) return version;
  }
  return 'unknown';
}

function findJava(environment: Environment): string | null {
  const home = environment['JAVA_HOME'];
  const directories = (environment['PATH'] ?? '').split(delimiter);
  if (home !== undefined && home !== '') directories.unshift(join(home, 'bin'));
  for (const directory of directories) {
    const java = join(directory, 'java');
    if (isExecutable(java)) return java;
  }
  return null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
