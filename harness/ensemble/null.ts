import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEnsemble } from './create-ensemble.ts';
import type { NullServerOptions } from './null-server.ts';
import type { ProcessEnsemble } from './process-ensemble.ts';
import type { ServerProgram } from './server-program.ts';

const MAIN = fileURLToPath(new URL('./null-main.js', import.meta.url));

/** Where a null server that flushes writes to, beside its zoo.cfg. */
export const NULL_LOG = 'null.log';

/** A null server in a process of its own: what the load generator and this machine can do at most. */
export function nullProgram({ flushes }: { readonly flushes: boolean }): ServerProgram {
  return {
    name: flushes ? 'null, with flushes' : 'null',
    commandLine({ member, directory }) {
      const options: NullServerOptions = {
        port: member.clientPort,
        logFile: flushes ? join(directory, NULL_LOG) : null,
      };
      return { command: process.execPath, args: [MAIN, JSON.stringify(options)] };
    },
  };
}

export interface NullOptions {
  /** Gets a directory for each server. */
  readonly directory: string;
  /** Writes are flushed to a file before they are answered. */
  readonly flushes?: boolean;
}

export function createNull({ directory, flushes = false }: NullOptions): Promise<ProcessEnsemble> {
  return createEnsemble({ directory, servers: [{ program: nullProgram({ flushes }) }] });
}
