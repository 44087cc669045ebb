import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { environmentOf } from './environment.ts';
import {
  createRunDirectory,
  historyFile,
  historyFiles,
  readRunFile,
  runDirectoryAt,
  serverDirectory,
  writeRunFile,
} from './run-directory.ts';
import type { RunFile } from './run-file.ts';

const parent = mkdtempSync(join(tmpdir(), 'stampede-runs-'));
t.teardown(() => rmSync(parent, { recursive: true }));
const now = new Date('2026-03-01T12:34:56.789Z');

async function runFile(): Promise<RunFile> {
  return {
    schema: 'stampede.run/1',
    toolVersion: '0.1.0',
    command: ['bench', '--workload', 'mixed'],
    workload: 'mixed',
    config: { rate: 1000, nested: { list: [1, 2] } },
    seed: 7,
    environment: await environmentOf({ runDirectory: parent, projectDirectory: parent }),
    started: { wall: now.toISOString(), monotonicNs: '123456789012345678' },
  };
}

await t.test(
  'a fresh run has a name of its own, however often and whatever the workload is called',
  async (t) => {
    const runs = Array.from({ length: 20 }, () =>
      createRunDirectory({ parent, workload: '../my load.yaml', now }),
    );
    t.equal(new Set(runs.map(({ path }) => path)).size, 20);
    for (const { id, path } of runs) {
      t.match(id, /^20260301T123456Z--my-load-yaml-[0-9a-f]{6}$/);
      t.equal(path, join(parent, id));
    }
  },
);

await t.test('what is written to run.json is read back', async (t) => {
  const run = createRunDirectory({ parent, workload: 'mixed', now });
  const contents = await runFile();
  writeRunFile(run, contents);
  t.same(readRunFile(runDirectoryAt(run.path)), contents);
  const finished = { wall: now.toISOString(), elapsedNs: 5e9, how: 'interrupted' } as const;
  writeRunFile(run, { ...contents, finished });
  t.same(readRunFile(run).finished, finished);
  t.notOk(existsSync(`${run.runFile}.draft`));
});

await t.test('what is no run, or a broken one, is refused by name', async (t) => {
  const run = createRunDirectory({ parent, workload: 'mixed', now });
  t.throws(() => readRunFile(run), { code: 'NOT_A_RUN' });
  for (const text of ['', '{"schema":', '{"schema":"stampede.run/2"}']) {
    writeFileSync(run.runFile, text);
    t.throws(() => readRunFile(run), { code: 'BAD_RUN_FILE' }, text);
  }
});

await t.test('histories are found in the order of the generators', async (t) => {
  const run = createRunDirectory({ parent, workload: 'mixed', now });
  t.same(historyFiles(run), []);
  t.same(historyFiles(runDirectoryAt(join(parent, 'nothing-here'))), []);
  for (const generator of [10, 2, 0]) writeFileSync(historyFile(run, generator), '');
  writeFileSync(join(run.historyDirectory, 'notes.txt'), '');
  t.same(historyFiles(run), [historyFile(run, 0), historyFile(run, 2), historyFile(run, 10)]);
  t.equal(serverDirectory(run, 3).config, join(run.path, 'servers', '3', 'zoo.cfg'));
});

await t.test(
  'the machine is described without a working copy, and without the directory being there',
  async (t) => {
    const nowhere = join(parent, 'nothing-here');
    const environment = await environmentOf({ runDirectory: nowhere, projectDirectory: nowhere });
    t.match(environment, { node: process.version, git: null, disk: null });
    t.ok(environment.cpu.logical >= 1);
    t.ok(environment.memoryBytes > 0);
  },
);
