import { findApache } from '../../../harness/ensemble/find-apache.ts';
import { type Printed, compareWithRecording } from './recorded.ts';
import type { ClientSuite } from './suite.ts';
import { runZooKeeperMain } from './zookeeper-main.ts';

const RECORDED_VERSION = '3.8.0';

/** Played in one JVM, with the separator between any two: what every ZooKeeper has been able to do. */
const COMMANDS = [
  'create /cli one',
  'create /cli one',
  'get /cli',
  'get -s /cli',
  'set /cli two',
  'set -v 0 /cli three',
  'set -s -v 1 /cli three',
  'stat /cli',
  'create -e /cli/eph x',
  'create -s /cli/seq- x',
  'create -s /cli/seq- y',
  'create -e -s /cli/es- z',
  'ls /cli',
  'ls -s /cli',
  'ls -R /cli',
  'getAcl /cli',
  'getAcl -s /cli',
  'addauth digest bob:pw',
  'create /cli/bob secret auth::cdrwa',
  'getAcl /cli/bob',
  'setAcl -v 0 /cli/bob world:anyone:r',
  'getAcl /cli/bob',
  'set /cli/bob x',
  'sync /cli',
  'config',
  'delete /cli',
  'delete -v 9 /cli/eph',
  'delete /nope',
  'get /nope',
  'ls /nope',
  'stat /nope',
  'create bad',
  'get -w /cli',
  'set /cli four',
  'deleteall /cli',
  'get /cli',
];
/** In a second JVM: what came with 3.5 and later, and quotas. */
const LATER_COMMANDS = [
  'create /later x',
  'create -c /later/box',
  'create -t 600000 /later/ttl x',
  'create -e /later/eph',
  'ls /later',
  'getAllChildrenNumber /later',
  'getEphemerals /later',
  'whoami',
  'setquota -n 3 /later/ttl',
  'listquota /later/ttl',
  'delquota -n /later/ttl',
  'removewatches /later',
  'addWatch /later',
  'create /later/watched',
  'deleteall /later',
];
/** Its answer is the same at any time, and is nobody else's. */
const SEPARATOR = 'ls /zookeeper';
const SEPARATOR_ANSWER = '[config, quota]';

/** One command, one JVM: what scripts do, and what they look at is the exit code. */
const ONE_SHOTS = [
  ['create', '/one-shot', 'x'],
  ['get', '/one-shot'],
  ['get', '/nope'],
  ['delete', '/one-shot'],
] as const;

/** Apache's command-line client. What it prints is compared with what it printed against Apache's server. */
export const zkCli: ClientSuite = {
  name: 'zkcli',
  whyUnavailable: () => {
    const search = findApache();
    if (!search.found) return search.why;
    const { version } = search.apache;
    if (version === RECORDED_VERSION) return false;
    return `the recording is of zkCli ${RECORDED_VERSION}, this one is ${version}`;
  },
  run: async (address) => {
    const printed = await playSession(address, COMMANDS);
    printed.push(...(await playSession(address, LATER_COMMANDS)));
    for (const command of ONE_SHOTS) printed.push(await playOne(address, command));
    return compareWithRecording(printed, 'zkcli-3.8.0.txt');
  },
};

async function playSession(address: string, commands: readonly string[]): Promise<Printed[]> {
  const input = `${commands.map((command) => `${SEPARATOR}\n${command}`).join('\n')}\n${SEPARATOR}\nquit\n`;
  const { stdout, stderr, code } = await runZooKeeperMain(address, { input });
  // Events come from another thread, anywhere between the commands.
  const lines = stdout.split('\n').filter((line) => line !== '' && line !== 'WATCHER::');
  // And whether the last of them is printed depends on who is faster, that thread or the exit.
  const events = lines.filter((line) => line.startsWith('WatchedEvent ') && !line.includes('state:Closed'));
  const parts: string[][] = [[]];
  for (const line of lines) {
    if (line === SEPARATOR_ANSWER) parts.push([]);
    else if (!line.startsWith('WatchedEvent ')) parts.at(-1)?.push(normalize(line));
  }
  const printed = commands.map((command, index) => ({ command, lines: parts[index + 1] ?? ['(no answer)'] }));
  return [
    ...printed,
    {
      command: `quit after ${commands[0]}`,
      lines: [`exit code ${code}`, ...events.sort(), ...errorsIn(stderr)],
    },
  ];
}

async function playOne(address: string, command: readonly string[]): Promise<Printed> {
  const { stdout, stderr, code } = await runZooKeeperMain(address, { command });
  const lines = stdout
    .split('\n')
    .filter((line) => line !== '' && !/^(Connecting to|WATCHER::|WatchedEvent )/.test(line));
  return {
    command: `${command.join(' ')}, exit code ${code}`,
    lines: [...lines.map(normalize), ...errorsIn(stderr)],
  };
}

function normalize(line: string): string {
  // Ephemerals come in the order of the server's set.
  if (line.startsWith('[/')) return `[${line.slice(1, -1).split(', ').sort().join(', ')}]`;
  return line.replace(/^([cmp]Zxid = ).*/, '$10x...').replace(/^([cm]time = ).*/, '$1...');
}

/** What the client prints as its own message there, and not what its logging library does. */
function errorsIn(stderr: string): string[] {
  return stderr.split('\n').filter((line) => line !== '' && !/log4j|SLF4J/i.test(line));
}
