import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readServerConfig } from './config-file.ts';
import { parseServerConfig } from './config.ts';
import { prepareDataDirectory } from './data-directory.ts';

function prepare(cwd: string, lines: string) {
  return prepareDataDirectory(parseServerConfig(`${lines}\nclientPort=0`, { file: 'zoo.cfg', cwd }));
}

await t.test('both directories are created where they do not exist', async (t) => {
  const home = t.testdir();
  t.same(prepare(home, 'dataDir=a/b\ndataLogDir=c'), {
    snapDir: join(home, 'a/b/version-2'),
    logDir: join(home, 'c/version-2'),
  });
  t.doesNotThrow(() => prepare(home, 'dataDir=a/b\ndataLogDir=c'), 'and found the next time');
});

await t.test('datadir.autocreate=false wants them to exist', async (t) => {
  t.throws(() => prepare(t.testdir(), 'dataDir=a\ndatadir.autocreate=false'), {
    code: 'DATA_DIRECTORY',
    message: /does not exist/,
  });
});

await t.test('a file in the place of a directory is refused, and so is a path below it', async (t) => {
  const home = t.testdir({ file: '' });
  for (const path of ['file', 'file/below']) {
    t.throws(() => prepare(home, `dataDir=${path}`), { code: 'DATA_DIRECTORY', problem: { key: 'dataDir' } });
  }
});

await t.test('logs among snapshots, or snapshots among logs, are refused', async (t) => {
  for (const [directory, name] of [
    ['snap', 'log.1'],
    ['log', 'snapshot.0'],
  ] as const) {
    const home = t.testdir();
    mkdirSync(join(home, directory, 'version-2'), { recursive: true });
    writeFileSync(join(home, directory, 'version-2', name), '');
    t.throws(() => prepare(home, 'dataDir=snap\ndataLogDir=log'), new RegExp(`holds ${name}`));
    t.doesNotThrow(() => prepare(home, `dataDir=${directory}`), 'one directory may hold both');
  }
});

await t.test('a configuration file that cannot be read is a ConfigError', async (t) => {
  t.throws(() => readServerConfig(join(t.testdir(), 'zoo.cfg'), { cwd: '/' }), {
    code: 'UNREADABLE',
    message: /ENOENT/,
  });
  const home = t.testdir({ 'zoo.cfg': Buffer.from('dataDir=/d\xe9\nclientPort=1', 'latin1') });
  const config = readServerConfig(join(home, 'zoo.cfg'), { cwd: '/' });
  t.equal(config.dataDir, '/dé');
});
