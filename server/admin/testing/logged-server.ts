import { join } from 'node:path';
import { parseServerConfig } from '../../config.ts';
import { LineLog } from '../../log.ts';
import { type RunningServer, startServer } from '../../server.ts';

export interface LoggedServer {
  readonly server: RunningServer;
  readonly log: readonly string[];
  /** Where a port for operators listens, as the log says it; empty if it says nothing. */
  urlOf(component: 'AdminServer' | 'MetricsProvider'): string;
}

/**
 * A real server in this process. `lines`: of zoo.cfg, behind those of a server that stands alone at a free port. `readFile`:
 * what stands in the files that these name; `myid` says 1 unless told.
 */
export async function startLogged(
  directory: string,
  lines: readonly string[],
  readFile: (path: string) => string = () => '1\n',
): Promise<LoggedServer> {
  const log: string[] = [];
  const write = (line: string): void => void log.push(line);
  const text = [`dataDir=${join(directory, 'data')}`, 'clientPort=0', ...lines].join('\n');
  const server = await startServer(parseServerConfig(text, { file: 'zoo.cfg', cwd: '/', readFile }), {
    log: new LineLog({ myid: '', out: write, err: write }),
    onFailure: (error) => {
      throw error;
    },
  });
  const urlOf = (component: string): string => {
    const line = log.find((line) => line.includes(`:${component}]`)) ?? '';
    return /http:\/\/\S+/.exec(line)?.[0] ?? '';
  };
  return { server, log, urlOf };
}
