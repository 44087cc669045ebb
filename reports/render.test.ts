import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { artefactsOf } from './artefacts.ts';
import { renderRun, writeReport } from './render.ts';
import { appendStepSummary } from './step-summary.ts';
import { partialInput, sampleInput } from './testdata/sample-report.ts';

function directoryFor(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'stampede-render-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  return directory;
}

await t.test('what is written is what is read back, and no draft stays behind', async (t) => {
  const directory = directoryFor(t);
  const written = await writeReport(directory, sampleInput());
  const drawn = await renderRun(directory);
  t.same(drawn.report, written.report);
  t.same(readdirSync(directory).sort(), ['report.html', 'report.json', 'report.md']);
});

await t.test('a report that names no files lists those of its directory', async (t) => {
  const directory = directoryFor(t);
  mkdirSync(join(directory, 'history'));
  writeFileSync(join(directory, 'history', '000.history'), '12345');
  const { report } = await writeReport(directory, partialInput());
  t.match(
    report.artefacts.find(({ path }) => path === 'history/000.history'),
    { bytes: 5, description: 'Every op of one generator process' },
  );
  t.match(readFileSync(join(directory, 'report.html'), 'utf8'), 'href="./history/000.history"');
});

await t.test('a data directory is one entry, and a link is not followed', async (t) => {
  const directory = directoryFor(t);
  mkdirSync(join(directory, 'servers', '1', 'data', 'version-2'), { recursive: true });
  writeFileSync(join(directory, 'servers', '1', 'zoo.cfg'), 'tickTime=2000');
  writeFileSync(join(directory, 'servers', '1', 'data', 'myid'), '1');
  writeFileSync(join(directory, 'servers', '1', 'data', 'version-2', 'log.1'), '123');
  symlinkSync('/', join(directory, 'servers', 'root'));
  t.same(
    (await artefactsOf(directory)).map(({ path, bytes }) => [path, bytes]),
    [
      ['report.json', null],
      ['report.md', null],
      ['servers/1/data', 4],
      ['servers/1/zoo.cfg', 13],
    ],
  );
});

await t.test('the summary of a step grows by the report, within its limit', async (t) => {
  const directory = directoryFor(t);
  const { markdownPath } = await writeReport(directory, sampleInput());
  const path = join(directory, 'summary.md');
  t.equal(await appendStepSummary(markdownPath, {}), false, 'no step');
  t.equal(await appendStepSummary(markdownPath, { GITHUB_STEP_SUMMARY: path }), true);
  t.equal(await appendStepSummary(markdownPath, { GITHUB_STEP_SUMMARY: path }), true);
  const text = readFileSync(markdownPath, 'utf8');
  t.equal(readFileSync(path, 'utf8'), `${text}\n${text}\n`);
  writeFileSync(path, 'x'.repeat(1024 * 1024 - 10));
  t.equal(await appendStepSummary(markdownPath, { GITHUB_STEP_SUMMARY: path }), false, 'full');
  t.equal(
    await appendStepSummary(markdownPath, { GITHUB_STEP_SUMMARY: join(directory, 'no', 'such') }),
    false,
  );
});
