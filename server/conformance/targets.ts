import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SMALL_JVM_FLAGS, createApache } from '../../harness/ensemble/apache.ts';
import { createEmbedded } from '../../harness/ensemble/embedded.ts';
import { findApache } from '../../harness/ensemble/find-apache.ts';
import type { ProcessEnsemble } from '../../harness/ensemble/process-ensemble.ts';

/** Our server, compiled, beside this file's own compiled form. */
const OUR_MAIN = fileURLToPath(new URL('../main.js', import.meta.url));

export interface TargetOptions {
  /** Where a server that is started puts its configuration, its log and its data; goes on with data that is there. */
  readonly directory: string;
  /** Lines of zoo.cfg. */
  readonly config?: Readonly<Record<string, string>>;
  readonly apacheClasspath?: string | undefined;
  /** For Apache's JVM: system properties that it does not read from its zoo.cfg. */
  readonly jvmFlags?: readonly string[];
}

/** One server to be judged: started by us, or someone's that runs already. */
export interface Target {
  readonly name: string;
  /** `host:port`, or for a server that was not started here whatever connect string was given. */
  readonly address: string;
  /** Empty for a server that was not started here. */
  readonly dataDir: string;
  /** SIGTERM. Does nothing to a server that was not started here, and neither does `kill`. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** The server cannot be had on this machine; the message says what to do about it. */
export class TargetUnavailable extends Error {
  override readonly name = 'TargetUnavailable';
}

/**
 * `apache` and `ours` are started, standalone, on a free port; anything else is a connect string.
 *
 * @throws TargetUnavailable when there is no such server here; Error when it does not come up.
 */
export async function startTarget(name: string, options: TargetOptions): Promise<Target> {
  if (name === 'apache') return startApache(options);
  if (name === 'ours') return startOurs(options);
  return { name, address: name, dataDir: '', stop: async () => {}, kill: async () => {} };
}

/** Why `apache` or `ours` cannot be started here; false when it can. What a test gives as its `skip`. */
export function whyUnavailable(name: 'apache' | 'ours'): string | false {
  if (name === 'ours') return existsSync(OUR_MAIN) ? false : 'our server is not built (dist/server/main.js)';
  const search = findApache();
  return search.found ? false : search.why;
}

async function startApache(options: TargetOptions): Promise<Target> {
  const search = findApache(options.apacheClasspath);
  if (!search.found) throw new TargetUnavailable(search.why);
  const { directory, config = {}, jvmFlags = [] } = options;
  return start(
    await createApache({
      apache: search.apache,
      directory,
      config,
      jvmFlags: [...SMALL_JVM_FLAGS, ...jvmFlags],
    }),
  );
}

async function startOurs({ directory, config = {} }: TargetOptions): Promise<Target> {
  const unavailable = whyUnavailable('ours');
  if (unavailable !== false) throw new TargetUnavailable(unavailable);
  return start(await createEmbedded({ directory, config }));
}

async function start(ensemble: ProcessEnsemble): Promise<Target> {
  await ensemble.start();
  const [server] = ensemble.servers;
  if (server === undefined) throw new Error('an ensemble without a server');
  const { clientAddress: address, dataDir, id } = server;
  return {
    name: ensemble.name,
    address,
    dataDir,
    stop: () => ensemble.stop(),
    kill: () => ensemble.kill(id),
  };
}
