import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { HTTP_WORKLOADS, WORKLOADS } from '../workloads/index.ts';
import { CommandRun, isRunning } from './commands/testing/command-run.ts';
import { freePorts } from './ensemble/free-ports.ts';

interface Refusal {
  readonly args: readonly string[];
  readonly exitCode: 2 | 3;
  /** What the one message says: what is wrong, where, and what to do. */
  readonly says: readonly RegExp[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs it in a place of its own, and asks of every refusal what none may lack. */
async function refused(t: Test, { args, exitCode, says, env = {} }: Refusal): Promise<void> {
  const out = join(t.testdir(), 'not', 'there', 'yet');
  const command = new CommandRun([...args, ...(args.includes('--out') ? [] : ['--out', out])], { env });
  t.equal(await command.exitCode(), exitCode);
  for (const pattern of says) t.match(command.stderr, pattern);
  t.notMatch(command.stderr, /^\s+at /m, 'no stack trace');
  t.equal(command.stdout, '', 'nothing was begun');
  t.notOk(existsSync(join(t.testdirName, 'not')), 'and nothing was made');
}

const WORDS: Readonly<Record<string, Refusal>> = {
  'an unknown workload': {
    args: ['bench', '--workload', 'nope'],
    exitCode: 2,
    says: [/no workload "nope"/, /write-heavy, read-heavy/],
  },
  'a workload file that is not there': {
    args: ['bench', '--workload', 'not/there.yaml'],
    exitCode: 2,
    says: [/not\/there\.yaml: ENOENT/, /Check the path/],
  },
  'an unknown flag': {
    args: ['bench', '--durration', '3'],
    exitCode: 2,
    says: [/'--durration'/, /--duration/],
  },
  'an unknown command': { args: ['benhc'], exitCode: 2, says: [/unknown command 'benhc'/, /--help/] },
  'a directory that is no run, to be shrunk': {
    args: ['shrink', 'not/there'],
    exitCode: 2,
    says: [/not\/there is not a run directory: no run\.json\n$/],
  },
  'an argument too many': {
    args: ['bench', 'write-heavy'],
    exitCode: 2,
    says: [/too many arguments/, /--help/],
  },
  'a number that is none': {
    args: ['bench', '--duration', 'long'],
    exitCode: 2,
    says: [/--duration <seconds>/, /'long'/, /Give a number/],
  },
  'no generator at all': { args: ['bench', '--generators', '0'], exitCode: 2, says: [/'0'/, /at least 1/] },
  'a setting that is none': {
    args: ['bench', '--with', 'nonsense'],
    exitCode: 2,
    says: [/"nonsense" is not a setting/, /path=value/],
  },
  'an unknown setting of the workload': {
    args: ['bench', '--with', 'mix.raed=3'],
    exitCode: 2,
    says: [/unknown raed/, /known here: read, write/],
  },
  'a setting without its value': { args: ['bench', '--set', 'tickTime'], exitCode: 2, says: [/key=value/] },
  'a zoo.cfg for a server that runs already': {
    args: ['bench', '--target', '127.0.0.1:2181', '--set', 'tickTime=500'],
    exitCode: 2,
    says: [/--set tickTime/, /127\.0\.0\.1:2181 is not this run's to set/, /leave it out/],
  },
  'kills of a server that is not ours': {
    args: ['bench', '--target', '127.0.0.1:2181', '--kills', '1'],
    exitCode: 2,
    says: [/--kills 1/, /not this run's to break/, /leave it out/],
  },
  'no server at all': {
    args: ['bench', '--servers', '0'],
    exitCode: 2,
    says: [/--servers 0: give at least 1/],
  },
  'a kind of server that is none': {
    args: ['bench', '--servers', 'ours,zookeeper'],
    exitCode: 2,
    says: [/"zookeeper" is no kind of server/, /ours, apache, or apache@/],
  },
  'two targets': {
    args: ['bench', '--target', 'apache', '--target', 'null'],
    exitCode: 2,
    says: [/'null'/, /Give it once; apache was given before/],
  },
  'a target beside a list of kinds': {
    args: ['bench', '--target', 'null', '--servers', 'ours,ours'],
    exitCode: 2,
    says: [/--target null --servers ours,ours/, /leave --target out/],
  },
  'servers of a target that has its own': {
    args: ['bench', '--target', '127.0.0.1:2181', '--servers', '3'],
    exitCode: 2,
    says: [/--servers 3/, /those that it names/],
  },
  'a fault there is not': {
    args: ['bench', '--fault', 'kill-laeder'],
    exitCode: 2,
    says: [/--fault kill-laeder/, /kill-any, kill-leader/],
  },
  'a fault that takes several servers, on one': {
    args: ['bench', '--servers', '1', '--fault', 'pause-leader'],
    exitCode: 2,
    says: [/pause-leader needs at least 2 servers/, /--servers 3/],
  },
  'clients at a server there is not': {
    args: ['bench', '--clients', 'pinned:4'],
    exitCode: 2,
    says: [/--clients pinned:4/, /no server 4/],
  },
  'a peer there is not': {
    args: ['peers', '--peers', 'embedded,etcd'],
    exitCode: 2,
    says: [/--peers embedded,etcd: "etcd" is no peer/, /embedded, apache/],
  },
  'a migration of too few servers': {
    args: ['migrate', '--from', 'ours', '--servers', '2'],
    exitCode: 2,
    says: [/--servers 2/, /at least 3/],
  },
  'a migration to what is no server': {
    args: ['migrate', '--from', 'ours', '--to', 'etcd'],
    exitCode: 2,
    says: [/"etcd" is no kind of server/],
  },
  'a target that is none': {
    args: ['bench', '--target', 'apachee'],
    exitCode: 2,
    says: [
      /--target apachee/,
      /embedded, apache, compose, compose-apache, null, null-flush or a connect string/,
    ],
  },
  'a connect string that is none': {
    args: ['bench', '--target', '127.0.0.1:99999'],
    exitCode: 2,
    says: [/"127\.0\.0\.1:99999"/, /between 1 and 65535/],
  },
  'Apache where there is no java': {
    args: ['bench', '--target', 'apache'],
    exitCode: 2,
    says: [/no java in JAVA_HOME or PATH/, /apt-get install/],
    env: { PATH: '/nonexistent', JAVA_HOME: '' },
  },
  'a directory below a file': {
    args: ['bench', '--out', '/dev/null/runs'],
    exitCode: 2,
    says: [/--out \/dev\/null\/runs/, /ENOTDIR/, /can be written to/],
  },
  'a directory where none can be made': {
    args: ['bench', '--out', '/proc/nope/runs'],
    exitCode: 2,
    says: [/--out \/proc\/nope\/runs/, /ENOENT/],
  },
};

// At the same time: each is a process that does little but start.
t.jobs = 3;
await Promise.all(
  Object.entries(WORDS).map(([what, refusal]) =>
    t.test(`${what} is refused`, { buffered: true }, (t) => refused(t, refusal)),
  ),
);

await t.test('a workload that is not YAML is refused with line and column', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'stampede-workload-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const workload = join(directory, 'broken.yaml');
  writeFileSync(workload, 'mix:\n  read: 1\n bad: [\n');
  await refused(t, {
    args: ['bench', '--workload', workload],
    exitCode: 2,
    says: [/broken\.yaml:3:1 is not YAML: .*same column; correct it there\n$/],
  });
});

await t.test('a plan that says it is a run of chaos is refused by bench', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'stampede-plan-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const plan = join(directory, 'plan.yaml');
  writeFileSync(plan, 'schema: stampede.plan/1\nrun: { workload: lock }\nsteps: []\n');
  await refused(t, {
    args: ['bench', '--plan', plan],
    exitCode: 2,
    says: [
      /plan\.yaml: it says under what it is played/,
      /say npm run chaos -- --plan .*, or take "run" out/,
    ],
  });
});

await t.test('a server that is not there is told at once, and by name', async (t) => {
  const [port = 0] = await freePorts(1);
  await refused(t, {
    args: ['bench', '--target', `127.0.0.1:${port}`],
    exitCode: 3,
    says: [
      new RegExp(`nobody answers at 127\\.0\\.0\\.1:${port} \\(ECONNREFUSED\\)`),
      /start a ZooKeeper there/,
    ],
  });
});

await t.test('a server that refuses its configuration is heard in its own words', async (t) => {
  const out = t.testdir();
  const command = new CommandRun(['bench', '--servers', '1', '--set', 'snapCount=few', '--out', out]);
  t.equal(await command.exitCode(), 3);
  const [run = ''] = readdirSync(out);
  const log = readFileSync(join(out, run, 'servers', '1', 'server.log'), 'utf8').trim();
  t.match(log, /zoo\.cfg:\d+: snapCount=few: /);
  t.ok(command.stderr.endsWith(`${log}\n`), 'line, key, value and advice are what the server said');
  t.notMatch(command.stderr, /^\s+at /m);
  t.same([...command.descendants].filter(isRunning), [], 'and nothing is left of it');
});

await t.test('what there is, is told', async (t) => {
  const list = new CommandRun(['bench', '--list']);
  t.equal(await list.exitCode(), 0);
  t.same(
    list.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0]),
    [...WORKLOADS.keys(), ...HTTP_WORKLOADS.keys()],
  );
  const help = new CommandRun(['bench', '--help']);
  t.equal(await help.exitCode(), 0);
  for (const flag of ['--workload', '--target', '--set', '--rate', '--fault', '--out'])
    t.match(help.stdout, flag);
  t.equal(list.stderr + help.stderr, '');
});

await t.test('every exit code is in the table that users read', async (t) => {
  const { ExitCode } = await import('./commands/exit-code.ts');
  const table = readFileSync(new URL('../../docs/EXIT-CODES.md', import.meta.url), 'utf8');
  const listed = [...table.matchAll(/^\| ([\d, ]+?) +\|/gm)].flatMap(([, codes = '']) =>
    codes.split(', ').map(Number),
  );
  t.same(new Set(listed), new Set<number>(Object.values(ExitCode)));
});
