import t from 'tap';
import { SimDisk } from '../../harness/sim/sim-disk.ts';
import { Prng } from '../base/prng.ts';
import { parseServerConfig } from '../config.ts';
import { ConfigurationFiles, type StoredConfiguration } from './configuration-files.ts';
import { runScript, type DiskScript } from './disk-script.ts';

const FILE = '/conf/zoo.cfg';
const MEMBERS = [1, 2, 3].map((n) => `server.${n}=zoo${n}:2888:3888:participant;0.0.0.0:2181`);
const WRITTEN = [
  '# what the operator wrote',
  'tickTime=2000',
  'dataDir=/data',
  'initLimit=10',
  'syncLimit=5',
  'reconfigEnabled=true',
  'clientPort=2181',
  'peerType=participant',
  'server.1=zoo1:2888:3888',
  'server.2=\\',
  '  zoo2:2888:3888',
  ' ! and why',
  'server.3=zoo3:2888:3888',
].join('\n');

function configuration(version: number, members = MEMBERS, hasClientAddress = true): StoredConfiguration {
  return { version, text: [...members, `version=${version.toString(16)}`].join('\n'), hasClientAddress };
}

function newDisk(text = WRITTEN): SimDisk {
  const disk = new SimDisk();
  disk.writeBytes(FILE, Buffer.from(text));
  return disk;
}

function textOf(disk: SimDisk, path: string): string {
  return Buffer.from(disk.readBytes(path)).toString();
}

function run(disk: SimDisk, script: DiskScript<void>): void {
  let isDone = false;
  runScript(disk, script, (error) => {
    if (error !== null) throw error;
    isDone = true;
  });
  disk.run();
  t.ok(isDone);
}

/** What a server that is started on these files knows: its configuration, and the one that is proposed. */
function found(disk: SimDisk): string {
  const { ensemble } = parseServerConfig(textOf(disk, FILE), {
    file: FILE,
    cwd: '/',
    readFile: (path) => {
      if (path === '/data/myid') return '1\n';
      if (disk.paths().includes(path)) return textOf(disk, path);
      throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    },
  });
  const next = ensemble?.reconfig?.lastSeen?.version ?? 0;
  return `${ensemble?.membership.version.toString(16)}, next ${next.toString(16)}`;
}

function* change(files: ConfigurationFiles): DiskScript<void> {
  yield* files.writeNext(configuration(2));
  yield* files.commit(configuration(2));
  yield* files.removeNext();
}

await t.test('what was committed is in a file of its own, which zoo.cfg names', async (t) => {
  const disk = newDisk();
  const files = new ConfigurationFiles(FILE);
  run(disk, files.writeNext(configuration(0x1_0000_0000)));
  t.equal(textOf(disk, `${FILE}.dynamic.next`), [...MEMBERS, 'version=100000000'].join('\n'));
  run(disk, files.commit(configuration(0x1_0000_0000)));
  run(disk, files.removeNext());
  t.equal(textOf(disk, `${FILE}.dynamic.100000000`), MEMBERS.join('\n'));
  t.equal(
    textOf(disk, FILE),
    [
      ...WRITTEN.split('\n').filter((line) => !/^(?:server|clientPort|peerType| {2}zoo2)/.test(line)),
      `dynamicConfigFile=${FILE}.dynamic.100000000`,
      '',
    ].join('\n'),
    'everything else, comments among it, is as it was',
  );
  t.equal(textOf(disk, `${FILE}.bak`), WRITTEN);
  t.equal(found(disk), '100000000, next 0');
  run(disk, files.commit(configuration(0x1_0000_0009, MEMBERS.toReversed())));
  t.equal(textOf(disk, `${FILE}.dynamic.100000009`), MEMBERS.join('\n'), 'in order');
  t.equal(textOf(disk, `${FILE}.bak`), WRITTEN, 'what the operator wrote is kept once');
  t.equal(found(disk), '100000009, next 0');
});

await t.test('where clients are served stays in zoo.cfg unless the member says it', async (t) => {
  const disk = newDisk();
  const members = MEMBERS.map((line) => line.replace(/;.*$/, ''));
  run(disk, new ConfigurationFiles(FILE).commit(configuration(5, members, false)));
  t.match(textOf(disk, FILE), /^clientPort=2181$/m);
  t.equal(found(disk), '5, next 0');
});

await t.test(
  'a crash between any two steps leaves the old one, or the new one, and nothing else',
  async (t) => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      for (let steps = 0; ; steps++) {
        const prng = new Prng(seed);
        const disk = newDisk();
        const files = new ConfigurationFiles(FILE);
        run(disk, files.commit(configuration(1)));
        const done: boolean[] = [];
        runScript(disk, change(files), (error) => done.push(error === null));
        for (let i = 0; i < steps; i++) disk.step();
        const after = found(disk.crash(prng));
        seen.add(after);
        t.match(after, /^(?:1, next [02]|2, next [02])$/, `seed ${seed}, ${steps} steps`);
        if (done.length === 0) continue;
        t.equal(after, '2, next 0');
        break;
      }
    }
    t.same(
      [...seen].sort(),
      ['1, next 0', '1, next 2', '2, next 0', '2, next 2'].filter((each) => seen.has(each)),
    );
    t.ok(seen.size >= 3, 'and it comes to crashes at which they differ');
  },
);
