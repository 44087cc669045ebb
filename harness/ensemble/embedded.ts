import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEnsemble } from './create-ensemble.ts';
import type { ProcessEnsemble } from './process-ensemble.ts';
import type { ServerProgram } from './server-program.ts';

const SERVER_MAIN = fileURLToPath(new URL('../../server/main.js', import.meta.url));

export interface StampedeOptions {
  /** The directory of a working copy that is built, whose server it is; the one that this is of unless told. */
  readonly checkout?: string;
  /** For the server's process: `--cpu-prof`, `--import …`. */
  readonly nodeFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** What is to be started of a working copy that is built; it need not be there. */
export function serverMainIn(checkout: string): string {
  return join(resolve(checkout), 'dist/server/main.js');
}

/** Our own server. */
export function stampedeProgram({ checkout, nodeFlags = [], env = {} }: StampedeOptions = {}): ServerProgram {
  const main = checkout === undefined ? SERVER_MAIN : serverMainIn(checkout);
  return {
    name: checkout === undefined ? 'stampede' : `stampede of ${checkout}`,
    takesPreload: true,
    commandLine: ({ configFile }) => ({
      command: process.execPath,
      args: [...nodeFlags, main, configFile],
      env,
    }),
  };
}

export interface EmbeddedOptions extends StampedeOptions {
  /** Gets `<id>/zoo.cfg`, `<id>/server.log` and `<id>/data`: a run's `servers` directory. */
  readonly directory: string;
  /** 1 unless told: a standalone server. */
  readonly serverCount?: number;
  /** Lines of zoo.cfg, over the defaults. */
  readonly config?: Readonly<Record<string, string>>;
}

/** An ensemble of our own servers. Chooses ports and writes configurations; starts nothing yet. */
export function createEmbedded(options: EmbeddedOptions): Promise<ProcessEnsemble> {
  const { directory, config, serverCount = 1 } = options;
  const program = stampedeProgram(options);
  return createEnsemble({
    directory,
    config,
    servers: Array.from({ length: serverCount }, () => ({ program })),
  });
}
