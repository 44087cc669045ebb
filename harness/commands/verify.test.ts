import { mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { RandomHistory } from '../checkers/self-test/random-history.ts';
import { environmentOf } from '../history/environment.ts';
import { HistoryWriter } from '../history/history-writer.ts';
import { OpKind, Outcome } from '../history/op.ts';
import {
  createRunDirectory,
  historyFile,
  type RunDirectory,
  writeRunFile,
} from '../history/run-directory.ts';
import { runVerify } from './verify.ts';

const { ops } = new RandomHistory({ seed: 1, ops: 600, keys: 5, sessions: 4, faultRate: 0.01 });

/** A stored run, as `bench` leaves it: its history in two files, one for each generator. */
async function storedRun(t: Test, history: typeof ops): Promise<RunDirectory> {
  const parent = mkdtempSync(join(tmpdir(), 'stampede-verify-'));
  t.teardown(() => rmSync(parent, { recursive: true }));
  const run = createRunDirectory({ parent, workload: 'read heavy', now: new Date(0) });
  writeRunFile(run, {
    schema: 'stampede.run/1',
    toolVersion: '0.1.0',
    command: ['bench'],
    workload: 'read heavy',
    config: {},
    seed: 1,
    environment: await environmentOf({ runDirectory: run.path, projectDirectory: parent }),
    started: { wall: new Date(0).toISOString(), monotonicNs: '0' },
  });
  for (const generator of [0, 1]) {
    const writer = new HistoryWriter(historyFile(run, generator));
    for (const op of history) if (op.process % 2 === generator) writer.record(op);
    await writer.close();
  }
  return run;
}

async function verify(
  runDirectory: string,
  isJson = false,
): Promise<{ exitCode: number; printed: string; errors: string }> {
  const printed: string[] = [];
  const errors: string[] = [];
  const exitCode = await runVerify({
    runDirectory,
    isJson,
    print: (line) => printed.push(line),
    printError: (line) => errors.push(line),
  });
  return { exitCode, printed: printed.join('\n'), errors: errors.join('\n') };
}

await t.test('a good run is 0 and says valid', async (t) => {
  const run = await storedRun(t, ops);
  t.match(run.id, /^19700101T000000Z-read-heavy-[0-9a-f]{6}$/);
  const { exitCode, printed } = await verify(run.path);
  t.equal(exitCode, 0);
  t.match(printed, /^zxid-order +valid +\d+ ops/m);
  t.match(printed, /^verdict: valid$/m);
  const json = await verify(run.path, true);
  t.match(JSON.parse(json.printed), { verdict: 'valid', checkers: [{}, {}, { name: 'durability' }] });
});

await t.test('a run with a lie is 100, and the lie is told with its operations', async (t) => {
  const liar = ops.findIndex(({ kind, outcome, version }) => {
    return kind === OpKind.getData && outcome === Outcome.ok && version > 0;
  });
  const lies = ops.map((op, index) => (index === liar ? { ...op, valueId: op.valueId + 7000 } : op));
  const { exitCode, printed } = await verify((await storedRun(t, lies)).path);
  t.equal(exitCode, 100);
  t.match(printed, /^zxid-order: invented value$/m);
  t.match(printed, /^ {2}\[1\] #\d+ process \d+ getData k\d ok, [\d.]+–[\d.]+ ms, zxid 0x7/m);
  t.match(printed, /^verdict: invalid$/m);
});

await t.test('a run that was cut is 101', async (t) => {
  const run = await storedRun(t, ops);
  const path = historyFile(run, 1);
  truncateSync(path, readFileSync(path).length - 5);
  const { exitCode, printed } = await verify(run.path);
  t.equal(exitCode, 101);
  t.match(printed, /history cut/);
});

await t.test('what is no run is 2', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'stampede-verify-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  t.match(await verify(directory), {
    exitCode: 2,
    printed: '',
    errors: /^verify: .* is not a run directory/,
  });
  const empty = await storedRun(t, ops);
  rmSync(empty.historyDirectory, { recursive: true });
  t.match(await verify(empty.path), { exitCode: 2, printed: '', errors: /no history/ });
});
