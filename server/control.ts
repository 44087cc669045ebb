import { connect } from 'node:net';
import { ConfigError } from './config-error.ts';
import { readServerConfig } from './config-file.ts';
import type { ServerConfig } from './config.ts';
import { DEFAULT_VERSION_LINE } from './version.ts';

const ExitCode = { done: 0, notServing: 1, usage: 2 } as const;
const ANSWER_TIMEOUT_MS = 5000;
const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** What bin/zkServer.sh asks about a server, in the words of Apache's script, which others parse. */
async function main([command, file]: readonly string[]): Promise<number> {
  if (command === 'version') {
    console.log(`Apache ZooKeeper, version ${DEFAULT_VERSION_LINE}`);
    return ExitCode.done;
  }
  if (file === undefined) return usage();
  const config = readServerConfig(file, { cwd: process.cwd() });
  switch (command) {
    case 'data-dir':
      console.log(config.dataDir);
      return ExitCode.done;
    case 'status':
      return status(config);
    default:
      return usage();
  }
}

function usage(): number {
  console.error('usage: node dist/server/control.js version | {status|data-dir} zoo.cfg');
  return ExitCode.usage;
}

async function status({ clientPort: port, clientPortAddress }: ServerConfig): Promise<number> {
  const host = EVERY_ADDRESS.has(clientPortAddress) ? 'localhost' : clientPortAddress;
  console.log(`Client port found: ${port}. Client address: ${host}. Client SSL: false.`);
  const mode = /^Mode: .*/m.exec(await ask(host, port))?.[0];
  console.log(mode ?? 'Error contacting service. It is probably not running.');
  return mode === undefined ? ExitCode.notServing : ExitCode.done;
}

/** All that `srvr` answers; nothing when nobody does. */
function ask(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ host, port });
    socket.setEncoding('latin1').setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy());
    socket.on('connect', () => socket.write('srvr'));
    socket.on('data', (text: string) => (answer += text));
    // What went wrong is told by what was not answered.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = ExitCode.usage;
}
