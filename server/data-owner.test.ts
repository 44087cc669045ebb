import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { ServerId } from './base/server-id.ts';
import { readServerConfig } from './config-file.ts';
import { prepareDataDirectory } from './data-directory.ts';
import { claimData, OWNER_FILE } from './data-owner.ts';

const ONE = 1 as ServerId;

/** As server `myid` of three starts: it looks at its directories. */
function prepare(home: string, myid: number) {
  mkdirSync(join(home, 'data'), { recursive: true });
  writeFileSync(join(home, 'data/myid'), `${myid}\n`);
  const servers = [1, 2, 3].map((n) => `server.${n}=zoo${n}:2888:3888`);
  const lines = ['dataDir=data', 'dataLogDir=log', 'clientPort=0', 'initLimit=10', 'syncLimit=5', ...servers];
  writeFileSync(join(home, 'zoo.cfg'), lines.join('\n'));
  return prepareDataDirectory(readServerConfig(join(home, 'zoo.cfg'), { cwd: home }));
}

await t.test('data belong to the server that began with them, in both directories', async (t) => {
  const home = t.testdir();
  const directory = prepare(home, 1);
  claimData(directory, ONE);
  t.same(prepare(home, 1), directory, 'which finds them again');
  claimData(directory, ONE);
  for (const path of [directory.snapDir, directory.logDir]) {
    t.same(readdirSync(path), [OWNER_FILE]);
    t.equal(readFileSync(join(path, OWNER_FILE), 'latin1'), '1\n');
  }
});

await t.test('another server refuses them, and names the file', async (t) => {
  const home = t.testdir();
  claimData(prepare(home, 1), ONE);
  const file = join(home, 'data/version-2', OWNER_FILE);
  t.throws(() => prepare(home, 2), {
    code: 'DATA_DIRECTORY',
    message:
      `${file}:1: stampede.myid=1: the files in this directory are of that server, and myid says that this is ` +
      'server 2; were myid, volumes or directories exchanged? Give each server its own back, or remove this file ' +
      'if the data are to be server 2’s from now on',
  });
});

await t.test('so it does when only the disk with the logs was exchanged', async (t) => {
  const home = t.testdir();
  const { logDir } = prepare(home, 1);
  claimData({ snapDir: logDir, logDir }, 3 as ServerId);
  t.throws(() => prepare(home, 1), {
    code: 'DATA_DIRECTORY',
    problem: { file: join(logDir, OWNER_FILE), value: '3' },
  });
});

await t.test('data without a mark are anybody’s, and a mark that cannot be read is nobody’s', async (t) => {
  const home = t.testdir();
  const { snapDir } = prepare(home, 1);
  writeFileSync(join(snapDir, 'snapshot.0'), '');
  t.doesNotThrow(() => prepare(home, 2), 'as Apache leaves them');
  mkdirSync(join(snapDir, OWNER_FILE));
  t.throws(() => prepare(home, 2), {
    code: 'DATA_DIRECTORY',
    message: /stampede\.myid: cannot be read \(EISDIR\)/,
  });
});
