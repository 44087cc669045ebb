import { join } from 'node:path';
import { parseServerConfig } from '../../config.ts';
import { LineLog } from '../../log.ts';
import { type RunningServer, startServer } from '../../server.ts';

export type OperatorComponent = 'AdminServer' | 'MetricsProvider';

export interface LoggedServerOptions {
  /** What stands in the files that zoo.cfg names; `myid` says 1 unless told. */
  readonly readFile?: (path: string) => string;
  /** As soon as it is logged. */
  readonly onLine?: (line: string) => void;
  /** It can't go on; thrown unless told. */
  readonly onFailure?: (error: Error) => void;
}

export interface LoggedServer {
  readonly server: RunningServer;
  readonly log: readonly string[];
  /** Where a port for operators listens, as the log says it; empty if it says nothing. */
  readonly urlOf: (component: OperatorComponent) => string;
}

/**
 * A real server in this process. `lines`: of zoo.cfg, behind those of a server that stands alone at a free port.
 */
export async function startLogged(
  directory: string,
  lines: readonly string[],
  { readFile = () => '1\n', onLine = () => undefined, onFailure = fail }: LoggedServerOptions = {},
): Promise<LoggedServer> {
  const log: string[] = [];
  const write = (line: string): void => {
    log.push(line);
    onLine(line);
  };
  const text = [`dataDir=${join(directory, 'data')}`, 'clientPort=0', ...lines].join('\n');
  const server = await startServer(parseServerConfig(text, { file: 'zoo.cfg', cwd: '/', readFile }), {
    log: new LineLog({ myid: '', out: write, err: write }),
    onFailure,
  });
  return { server, log, urlOf: (component) => log.map((line) => urlIn(line, component)).join('') };
}

/** Where a line of the log says that a port for operators listens; empty if it says nothing of it. */
export function urlIn(line: string, component: OperatorComponent): string {
  return line.includes(`:${component}]`) ? (/listening on (http:\/\/\S+)/.exec(line)?.[1] ?? '') : '';
}

function fail(error: Error): never {
  throw error;
}
