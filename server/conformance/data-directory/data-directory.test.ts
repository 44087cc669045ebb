import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { SEQUENCE_CONFIG, runSequence } from '../sequence/run-sequence.ts';
import { startTarget, whyUnavailable } from '../targets.ts';
import { readWithApacheTools } from './apache-tools.ts';
import { handOver } from './hand-over.ts';

const skip = whyUnavailable('apache') || whyUnavailable('ours');

await t.test('Apache’s own tools read our logs and snapshots', { skip }, async (t) => {
  const directory = t.testdir();
  const target = await startTarget('ours', { directory, config: { ...SEQUENCE_CONFIG, snapCount: '200' } });
  try {
    await runSequence(target.address);
  } finally {
    await target.stop();
  }
  const reports = await readWithApacheTools(target.dataDir);
  for (const { file, code, output } of reports) {
    t.equal(code, 0, `${file} is read`, { output: output.slice(-500) });
    t.notMatch(output, /CRC ERROR|Exception/, `${file} is whole`);
  }
  const all = reports.map(({ output }) => output).join('\n');
  // Something written in the sequence, in the log as well as in a snapshot.
  t.match(all, /create.*\/seq\/a-0000000000/);
  t.ok(reports.filter(({ file }) => file.startsWith('snapshot.')).length > 1, 'snapshots were taken');
  t.match(all, /\/acl\/bob\n/);

  // They do find what is wrong: one bit in the middle of the first log.
  const [log = ''] = reports.map(({ file }) => file).filter((file) => file.startsWith('log.'));
  const path = join(target.dataDir, 'version-2', log);
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
  writeFileSync(path, bytes);
  const broken = (await readWithApacheTools(target.dataDir)).find(({ file }) => file === log);
  t.match(broken?.output, /CRC ERROR/);
});

for (const [from, to] of [
  ['ours', 'apache'],
  ['apache', 'ours'],
  ['ours', 'ours'],
] as const) {
  await t.test(`${to} serves what ${from} has left when it was killed`, { skip }, async (t) => {
    const { before, after, session } = await handOver(from, to, t.testdir());
    t.ok(before.length > 100, `${before.length} nodes`);
    t.strictSame(after, before);
    // The session is known, its sequential node gets the number it has to, and its ephemeral goes with it.
    t.match(session, 'version=0 timeout=300000 session=Heir password=of-session');
    t.match(session, `create "/own" "" flags=2\n    ok 0 zxid=first /own${nextNumber(before)}\n`);
    t.match(session, 'exists "/handed-over"\n    noNode -101');
  });
}

/** Of the next sequential child of the root: how many it has ever had, which its stat tells in this way. */
function nextNumber(tree: readonly string[]): string {
  const root = tree.find((line) => line.startsWith('/ ')) ?? '';
  const [cversion, children] = [/cversion=(-?\d+)/, /children=(\d+)/].map((field) =>
    Number(field.exec(root)?.[1]),
  );
  return String(((cversion ?? 0) + (children ?? 0)) / 2).padStart(10, '0');
}
