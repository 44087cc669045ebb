import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SMALL_JVM_FLAGS } from '../../../harness/ensemble/apache.ts';
import { findApache } from '../../../harness/ensemble/find-apache.ts';
import { freePorts } from '../../../harness/ensemble/free-ports.ts';
import { ProgramTimeout, runProgram } from '../clients/run-program.ts';
import { sourcePath } from '../clients/testdata.ts';
import { whyUnavailable as whyTargetUnavailable } from '../targets.ts';
import { type KazooVersion, pythonOf, whyNotInstalled } from './installation.ts';
import { parseOutcomes, type Outcome } from './outcome.ts';

export type KazooTarget = 'apache' | 'ours';

/** Three servers, ten ports apart, of which each uses up to five. */
const PORTS = 25;
const STAND_IN = fileURLToPath(new URL('../../../../server/bin/java', import.meta.url));

export interface KazooRunOptions {
  readonly version: KazooVersion;
  readonly target: KazooTarget;
  /** Gets `server-<pid>.log` for each time a server is started, and `pytest.log`. */
  readonly directory: string;
  /** Files, or `file::Class`, `file::Class::test`; all when empty. */
  readonly selection: readonly string[];
  /** The whole run; what has not ended by then is killed. */
  readonly timeoutMs: number;
}

/** Why kazoo's own tests cannot be run here; false when they can. */
export function whyUnavailable(version: KazooVersion, target: KazooTarget): string | false {
  return whyTargetUnavailable(target) || whyNotInstalled(version);
}

/**
 * Runs kazoo's own tests as they are, with the cluster that they start, stop and restart themselves by `java …
 * QuorumPeerMain zoo.cfg`.
 *
 * @throws Error when pytest itself fails, as opposed to a test.
 */
export async function runKazooOwn(options: KazooRunOptions): Promise<Outcome[]> {
  const { version, target, directory, timeoutMs } = options;
  const temporary = join(directory, 'tmp');
  const results = join(directory, 'results.jsonl');
  mkdirSync(temporary, { recursive: true });
  writeFileSync(results, '');
  const args = ['-m', 'pytest', '-p', 'no:cacheprovider', '-p', 'results_plugin', '-W', 'ignore'];
  const env = {
    ...serverEnvironment(target, directory),
    ZOOKEEPER_PORT_OFFSET: String(await consecutivePorts(PORTS)),
    TMPDIR: temporary,
    PYTHONPATH: sourcePath('kazoo-own'),
    PYTHONDONTWRITEBYTECODE: '1',
    STAMPEDE_RESULTS: results,
  };
  let log: string;
  let failure: string | null = null;
  try {
    const { code, stdout, stderr } = await runProgram(
      pythonOf(version),
      [...args, ...testPaths(version, options.selection)],
      {
        cwd: directory,
        env,
        timeoutMs,
      },
    );
    log = `${stdout}${stderr}`;
    // 0: all passed, 1: some did not.
    if (code !== 0 && code !== 1) failure = `pytest ended with ${code}:\n${log}`;
  } catch (error) {
    // Which test hung is in the results.
    if (!(error instanceof ProgramTimeout)) throw error;
    log = `${error.stdout}\n${error.message}`;
  }
  writeFileSync(join(directory, 'pytest.log'), log);
  const outcomes = parseOutcomes(readFileSync(results, 'utf8'));
  if (failure !== null || outcomes.length === 0) throw new Error(failure ?? `no test was run:\n${log}`);
  return outcomes;
}

/** A `java` of our own comes first in PATH: it keeps each server's log, and becomes the server. */
function serverEnvironment(target: KazooTarget, directory: string): Record<string, string> {
  const bin = join(directory, 'bin');
  mkdirSync(bin, { recursive: true });
  const { command, ...environment } = target === 'ours' ? ours() : apache();
  const script = join(bin, 'java');
  const log = `${shellWord(`${directory}/server-`)}$$.log`;
  writeFileSync(script, `#!/bin/sh\nexec ${command.map(shellWord).join(' ')} "$@" >>${log} 2>&1\n`);
  chmodSync(script, 0o755);
  return { ...environment, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };
}

interface ServerEnvironment {
  readonly command: readonly string[];
  readonly ZOOKEEPER_CLASSPATH: string;
  /** By which kazoo chooses what to put into zoo.cfg. */
  readonly ZOOKEEPER_VERSION: string;
}

function ours(): ServerEnvironment {
  return { command: [STAND_IN], ZOOKEEPER_CLASSPATH: 'none', ZOOKEEPER_VERSION: '3.9.5' };
}

function apache(): ServerEnvironment {
  const search = findApache();
  if (!search.found) throw new Error(search.why);
  const { java, classpath, version } = search.apache;
  return {
    // Without it 3.9.4 and later know no DIGEST-MD5.
    command: [java, ...SMALL_JVM_FLAGS, '-Dzookeeper.fips-mode=false'],
    ZOOKEEPER_CLASSPATH: classpath,
    ZOOKEEPER_VERSION: /^\d+\.\d+\.\d+/.exec(version)?.[0] ?? '3.8.0',
  };
}

function testPaths(version: KazooVersion, selection: readonly string[]): string[] {
  const where = 'import kazoo.tests; print(*kazoo.tests.__path__)';
  const { stdout } = spawnSync(pythonOf(version), ['-c', where], { env: {}, encoding: 'utf8' });
  const tests = stdout.trim();
  return selection.length === 0 ? [tests] : selection.map((one) => join(tests, one));
}

/** The first of so many ports in a row that nobody listens on. */
async function consecutivePorts(count: number): Promise<number> {
  for (;;) {
    const ports = await freePorts(count);
    const first = ports[0] ?? 0;
    if (ports.at(-1) === first + count - 1) return first;
  }
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
