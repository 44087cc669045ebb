import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ProbeFileError, ProbeFileWriter, readProbeFile } from './probe-file.ts';
import { PROBE_CLASSES, type ProbeRecord, type RoleObservation } from './probe-record.ts';
import { probeTargets } from './probe-rates.ts';

const HEADER = { targets: probeTargets([1, 7], 50), deadlineMs: 1000, dialPauseMs: 5 };
const RECORD_BYTES = 32;
const RECORDS: readonly ProbeRecord[] = PROBE_CLASSES.map((probeClass, index) => ({
  probeClass,
  target: index % 3,
  intendedNs: 1e9 + index,
  sentNs: index === 2 ? NaN : 1e9 + 5,
  completedNs: 2e9 + index,
  outcome: [0, 1, 2, -4, -112][index] ?? 0,
}));
const ROLES: readonly RoleObservation[] = [
  { serverId: 7, askedNs: 3e9, answeredNs: 3e9 + 1, role: 'leader' },
  { serverId: 1, askedNs: 3e9, answeredNs: 4e9, role: null },
];

async function written(path: string, times = 1): Promise<void> {
  const writer = new ProbeFileWriter(path, HEADER);
  for (let i = 0; i < times; i++) {
    for (const record of RECORDS) writer.probe(record);
    for (const seen of ROLES) writer.role(seen);
    writer.flush();
  }
  await writer.close();
}

await t.test('what is recorded is read back, more of it than a buffer holds as well', async (t) => {
  const path = join(t.testdir(), 'probes.bin');
  await written(path);
  t.same(readProbeFile(path), { ...HEADER, records: RECORDS, roles: ROLES, isComplete: true });
  const long = join(t.testdir(), 'long.bin');
  await written(long, 500);
  const log = readProbeFile(long);
  t.equal(log.records.length, 500 * RECORDS.length);
  t.same(log.records.slice(-RECORDS.length), RECORDS);
  t.equal(log.isComplete, true);
});

await t.test('cut anywhere behind its header it has every whole record before that', async (t) => {
  const path = join(t.testdir(), 'probes.bin');
  await written(path);
  const bytes = readFileSync(path);
  const whole = RECORDS.length + ROLES.length;
  const headerBytes = bytes.length - (whole + 1) * RECORD_BYTES;
  const cut = join(t.testdir(), 'cut.bin');
  for (let length = headerBytes; length < bytes.length; length++) {
    writeFileSync(cut, bytes.subarray(0, length));
    const { records, roles, isComplete } = readProbeFile(cut);
    t.equal(records.length + roles.length, Math.floor((length - headerBytes) / RECORD_BYTES));
    t.equal(isComplete, false);
  }
  for (const length of [0, 8, headerBytes - 1]) {
    writeFileSync(cut, bytes.subarray(0, length));
    t.throws(() => readProbeFile(cut), { code: 'NOT_A_PROBE_FILE' });
  }
});

await t.test('what is no probe file, or a newer one, is refused', async (t) => {
  const path = join(t.testdir(), 'probes.bin');
  await written(path);
  const bytes = readFileSync(path);
  const changed = (at: number, to: number): string => {
    const copy = Buffer.from(bytes);
    copy[at] = to;
    const file = join(t.testdir(), 'changed.bin');
    writeFileSync(file, copy);
    return file;
  };
  t.throws(() => readProbeFile(changed(0, 0)), { code: 'NOT_A_PROBE_FILE' });
  t.throws(() => readProbeFile(changed(8, 2)), { code: 'UNKNOWN_VERSION' });
  const firstRecord = bytes.length - (RECORDS.length + ROLES.length + 1) * RECORD_BYTES;
  t.throws(() => readProbeFile(changed(firstRecord, 9)), ProbeFileError, 'a type there is not');
  t.throws(() => readProbeFile(changed(firstRecord + 2, 9)), ProbeFileError, 'a target there is not');
});
