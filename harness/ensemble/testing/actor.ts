import type { ServerRole } from '../ensemble.ts';
import type { ServerProgram } from '../server-program.ts';

const ANSWERS_ROLE = `
  const [port, role] = process.argv.slice(1);
  require('node:net').createServer((socket) => socket.on('error', () => {}).end('Mode: ' + role + '\\n'))
    .listen(Number(port), '127.0.0.1', () => console.log('listening as ' + role));`;

/** A program that says it is what it is told to be, server by server from the first on, and does nothing else. */
export function actor(name: string, ...roles: readonly ServerRole[]): ServerProgram {
  return {
    name,
    commandLine: ({ member }) => ({
      command: process.execPath,
      args: ['-e', ANSWERS_ROLE, String(member.clientPort), roles[member.id - 1] ?? roles[0] ?? 'standalone'],
    }),
  };
}
