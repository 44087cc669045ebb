import { existsSync } from 'node:fs';
import { type Printed, compareWithRecording } from './recorded.ts';
import { runProgram } from './run-program.ts';
import type { ClientSuite } from './suite.ts';

const CLI = '/usr/lib/zookeeper/bin/cli_mt';
const TIMEOUT_MS = 20_000;

/** Those that end by themselves in batch mode; `exists` and `addauth` wait for ever. */
const COMMANDS = [
  'create /cc',
  'create /cc',
  'set /cc hello',
  'get /cc',
  'create +e /cc/ephemeral',
  'create +s /cc/s-',
  'create2 +s /cc/s-',
  'create2 /cc/two',
  'ls /cc',
  'ls2 /cc',
  'sync /cc',
  'config',
  'get /nope',
  'ls /nope',
  'set /nope x',
  'delete /nope',
  'delete /cc',
  'delete /cc/s-0000000001',
  'delete /cc/s-0000000002',
  'delete /cc/two',
  'delete /cc',
  'create +t=600000 /ttl',
  'create +c /box',
];

/** Apache's C client, whose every command is a session of its own. It prints to stderr and always exits with 0. */
export const cClient: ClientSuite = {
  name: 'c',
  whyUnavailable: () =>
    existsSync(CLI) ? false : `${CLI} does not exist (Debian: apt-get install zookeeper-bin)`,
  run: async (address) => {
    const printed: Printed[] = [];
    for (const command of COMMANDS) {
      const { stderr } = await runProgram(CLI, ['-h', address, '-c', command], { timeoutMs: TIMEOUT_MS });
      printed.push({ command, lines: normalize(stderr) });
    }
    return compareWithRecording(printed, 'c-client.txt');
  },
};

function normalize(stderr: string): string[] {
  const lines = stderr
    .split('\n')
    .filter((line) => !/^\s*$|ZOO_INFO|^time = |^Batch mode|session id/.test(line));
  const names = lines.filter(isChild).sort();
  // Another thread of the client says that it is connected, before or after the command says what it does.
  const connected = lines.filter(isConnected);
  const other = [...lines.filter((line) => !isConnected(line)), ...connected]
    .filter((line) => !isChild(line))
    .map((line) => line.replace(/([cm]time ?= ?).*/, '$1...').replace(/([cm]zxid=).*/, '$1...'));
  return [...other, ...names];
}

function isConnected(line: string): boolean {
  return line.startsWith('Watcher SESSION_EVENT');
}

/** Children come one a line, indented, in the server's order; fields of a stat have an equals sign. */
function isChild(line: string): boolean {
  return line.startsWith('\t') && !line.includes('=');
}
