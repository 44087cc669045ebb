import { findApache } from '../../../harness/ensemble/find-apache.ts';
import { type ProgramResult, runProgram } from './run-program.ts';

const TIMEOUT_MS = 60_000;

export interface ZooKeeperMainOptions {
  /** For its JVM. */
  readonly flags?: readonly string[];
  /** Without one it reads commands. */
  readonly command?: readonly string[];
  readonly input?: string;
}

/** Runs zkCli to its end. @throws Error if there is none here, or it does not end. */
export function runZooKeeperMain(
  address: string,
  { flags = [], command = [], input = '' }: ZooKeeperMainOptions,
): Promise<ProgramResult> {
  const search = findApache();
  if (!search.found) throw new Error(search.why);
  const { java, classpath } = search.apache;
  const small = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx128m'];
  // Commands that fail print to the log only, which is thrown away; without a binding it says so once.
  const main = ['org.apache.zookeeper.ZooKeeperMain', '-server', address];
  return runProgram(java, [...small, ...flags, '-cp', classpath, ...main, ...command], {
    input,
    timeoutMs: TIMEOUT_MS,
  });
}
