import { fileURLToPath } from 'node:url';
import { createEnsemble } from './create-ensemble.ts';
import type { ProcessEnsemble } from './process-ensemble.ts';
import type { ServerProgram } from './server-program.ts';

const SERVER_MAIN = fileURLToPath(new URL('../../server/main.js', import.meta.url));

export interface StampedeOptions {
  /** For the server's process: `--cpu-prof`, `--import …`. */
  readonly nodeFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Our own server. */
export function stampedeProgram({ nodeFlags = [], env = {} }: StampedeOptions = {}): ServerProgram {
  return {
    name: 'stampede',
    takesPreload: true,
    commandLine: ({ configFile }) => ({
      command: process.execPath,
      args: [...nodeFlags, SERVER_MAIN, configFile],
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
