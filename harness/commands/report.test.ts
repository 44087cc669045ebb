import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { writeReport } from '../../reports/render.ts';
import { invalidInput, sampleInput } from '../../reports/testdata/sample-report.ts';
import { runDirectoryAt, writeRunFile } from '../history/run-directory.ts';
import { runReport } from './report.ts';

type Outcome = { readonly exitCode: number; readonly printed: string; readonly errors: string };

async function reportOn(runDirectory: string): Promise<Outcome> {
  const printed: string[] = [];
  const errors: string[] = [];
  const exitCode = await runReport({
    runDirectory,
    print: (line) => printed.push(line),
    printError: (line) => errors.push(line),
  });
  return { exitCode, printed: printed.join('\n'), errors: errors.join('\n') };
}

function directoryFor(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'stampede-report-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  return directory;
}

await t.test('a stored run is drawn again, whatever its verdict', async (t) => {
  const directory = directoryFor(t);
  await writeReport(directory, invalidInput());
  const run = runDirectoryAt(directory);
  const before = readFileSync(run.reportHtml, 'utf8');
  rmSync(run.reportHtml);
  rmSync(run.reportMarkdown);
  const { exitCode, printed } = await reportOn(directory);
  t.equal(exitCode, 0);
  t.match(printed, run.reportHtml);
  t.equal(readFileSync(run.reportHtml, 'utf8'), before);
  t.match(readFileSync(run.reportMarkdown, 'utf8'), 'history invalid');
});

await t.test('a run that was killed before it wrote a report is drawn from its run.json', async (t) => {
  const directory = directoryFor(t);
  const environment = sampleInput().environment;
  if (!environment) throw new Error('the sample has an environment');
  writeRunFile(runDirectoryAt(directory), {
    schema: 'stampede.run/1',
    toolVersion: '0.1.0',
    command: ['bench', '--workload', 'mixed'],
    workload: 'mixed',
    config: {},
    seed: 7,
    environment,
    started: { wall: '2026-03-01T12:00:00.000Z', monotonicNs: '0' },
  });
  t.equal((await reportOn(directory)).exitCode, 0);
  t.match(readFileSync(runDirectoryAt(directory).reportMarkdown, 'utf8'), 'mixed: interrupted');
});

await t.test('what cannot be drawn is exit code 2 and a sentence that says why', async (t) => {
  const refused = async (reportJson: string): Promise<string> => {
    const directory = directoryFor(t);
    writeFileSync(join(directory, 'report.json'), reportJson);
    const { exitCode, errors } = await reportOn(directory);
    t.equal(exitCode, 2, reportJson);
    return errors;
  };
  t.match(await refused('{"schema": "stamp'), /report\.json: not JSON/);
  t.match(await refused('{"schema": "stampede.report/2"}'), /newer Stampede/);
  t.match(await refused('{"name": "somebody-else"}'), /not a Stampede report/);
  const missing = await reportOn(join(directoryFor(t), 'nothing-here'));
  t.equal(missing.exitCode, 2);
  t.match(missing.errors, /not a run directory/);
});
