import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEnsemble } from './create-ensemble.ts';
import type { NullServerOptions } from './null-server.ts';
import type { ProcessEnsemble } from './process-ensemble.ts';
import type { ServerProgram } from './server-program.ts';

const MAIN = fileURLToPath(new URL('./null-main.js', import.meta.url));

/** Where a null server that flushes writes to, beside its zoo.cfg. */
export const NULL_LOG = 'null.log';

/**
 * A null server in a process of its own: what the load generator and this machine can do at most. Several that flush
 * forward and replicate their writes; several that do not know nothing of each other.
 */
export function nullProgram({ flushes }: { readonly flushes: boolean }): ServerProgram {
  return {
    name: flushes ? 'null, with flushes' : 'null',
    commandLine({ member, directory }, members) {
      const leader = members.at(-1) ?? member;
      const options: NullServerOptions = {
        port: member.clientPort,
        logFile: flushes ? join(directory, NULL_LOG) : null,
        quorum:
          flushes && members.length > 1
            ? { leaderPort: leader.quorumPort, isLeader: leader.id === member.id, members: members.length }
            : null,
      };
      return { command: process.execPath, args: [MAIN, JSON.stringify(options)] };
    },
  };
}

export interface NullOptions {
  /** Gets a directory for each server. */
  readonly directory: string;
  /** Writes are flushed to a file before they are answered, of several servers to those of a majority. */
  readonly flushes?: boolean;
  readonly serverCount?: number;
}

export function createNull({
  directory,
  flushes = false,
  serverCount = 1,
}: NullOptions): Promise<ProcessEnsemble> {
  const program = nullProgram({ flushes });
  return createEnsemble({ directory, servers: Array.from({ length: serverCount }, () => ({ program })) });
}
