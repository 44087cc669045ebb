import { DatabaseLoader } from '../../pipeline/database.ts';
import { adler32 } from '../../storage/adler32.ts';
import { runScript } from '../../storage/disk-script.ts';
import {
  ENTRY_END,
  ENTRY_OVERHEAD_BYTES,
  ENTRY_PREFIX_BYTES,
  LOG_HEADER_BYTES,
  logHeader,
} from '../../storage/log-format.ts';
import { recover } from '../../storage/recovery.ts';
import { isSnapshotIntact } from '../../storage/snapshot-reader.ts';
import { withFile } from '../../storage/disk-script.ts';
import type { StorageError } from '../../storage/storage-error.ts';
import { MemoryDisk } from '../memory-disk.ts';
import type { Mutator } from '../mutator.ts';
import { joined, readRecording, recordedTxns } from '../recordings.ts';
import { check, type FuzzTarget } from '../target.ts';

const DIRECTORY = '/data';
const DIRECTORIES = { snapshots: DIRECTORY, logs: DIRECTORY };
const TXN_SIZE_MAX = 2 << 20;
const snapshot = new Uint8Array(readRecording('storage/testdata/apache-3.8.0/snapshot.0'));
const logs = ['log.1', 'log.11'].map(
  (name) => new Uint8Array(readRecording(`storage/testdata/apache-3.8.0/${name}`)),
);
const snapshots = ['snapshot.0', 'snapshot.10'].map(
  (name) => new Uint8Array(readRecording(`storage/testdata/apache-3.8.0/${name}`)),
);

/** Starts on these files, or refuses to; then it must not have changed them. */
function start(files: Readonly<Record<string, Uint8Array>>): void {
  const disk = new MemoryDisk();
  for (const [name, bytes] of Object.entries(files)) disk.files.set(`${DIRECTORY}/${name}`, bytes.slice());
  const sink = new DatabaseLoader({ digestEnabled: true, tickMs: 1000, nowMs: 0 });
  const outcomes: (StorageError | null)[] = [];
  runScript(
    disk,
    recover({ directories: DIRECTORIES, sink, txnSizeMax: TXN_SIZE_MAX, trustEmptySnapshot: false }),
    (error) => outcomes.push(error),
  );
  disk.settle();
  check(outcomes.length === 1, 'recovery does not come to its end');
  if (outcomes[0] === null) return;
  for (const [name, bytes] of Object.entries(files)) {
    const now = disk.files.get(`${DIRECTORY}/${name}`);
    check(now !== undefined && Buffer.compare(now, bytes) === 0, `${name} was changed and then refused`);
  }
}

/** A log that somebody has damaged. */
export const logFile: FuzzTarget = {
  name: 'log-file',
  corpus: logs,
  run: (input) => start({ 'snapshot.0': snapshot, 'log.1': input }),
};

/** A log whose entries have the right checksums, and say what no server would have written. */
export const logEntries: FuzzTarget = {
  name: 'log-entries',
  corpus: recordedTxns(),
  mutate: (mutator) => {
    const entries = Array.from({ length: 1 + mutator.random.below(3) }, () => mutator.any());
    return joined([logHeader(), ...entries.map(sealed)]);
  },
  run: (input) => {
    // What it has read it must be able to read again, having made durable what it made of it.
    start({ 'snapshot.0': snapshot, [`log.${firstZxidOf(input)}`]: input });
  },
};

function sealed(entry: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(entry.length + ENTRY_OVERHEAD_BYTES);
  bytes.set(entry, ENTRY_PREFIX_BYTES);
  bytes[bytes.length - 1] = ENTRY_END;
  const view = new DataView(bytes.buffer);
  view.setUint32(4, adler32(view, ENTRY_PREFIX_BYTES, bytes.length - 1));
  view.setInt32(8, entry.length);
  return bytes;
}

/** So that the file's name does not stand in the way. */
function firstZxidOf(log: Uint8Array): string {
  const at = LOG_HEADER_BYTES + ENTRY_PREFIX_BYTES + 12;
  if (log.length < at + 8) return '1';
  return new DataView(log.buffer, log.byteOffset).getBigUint64(at).toString(16);
}

/** A snapshot that somebody has damaged. */
export const snapshotFile: FuzzTarget = {
  name: 'snapshot-file',
  corpus: snapshots,
  run: (input) => {
    start({ 'snapshot.0': input });
    const disk = new MemoryDisk();
    disk.files.set('/snapshot', input);
    runScript(disk, withFile('/snapshot', 'read', isSnapshotIntact), () => undefined);
    disk.settle();
  },
};

/** A snapshot with the right checksum. */
export const sealedSnapshot: FuzzTarget = {
  name: 'snapshot-content',
  corpus: snapshots.map((bytes) => bytes.subarray(0, bodyLengthOf(bytes))),
  mutate: (mutator: Mutator) => resealed(mutator.any()),
  run: (input) => start({ 'snapshot.0': input }),
};

/** Where the first seal stands, which is an Adler-32 as a long and the string "/". */
function bodyLengthOf(bytes: Uint8Array): number {
  const end = [0, 0, 0, 1, 0x2f];
  for (let at = bytes.length - end.length; at > 0; at--) {
    if (!end.every((byte, i) => bytes[at + i] === byte)) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    if (at >= 8 && view.getUint32(at - 4) === adler32(view, 0, at - 8)) return at - 8;
  }
  return bytes.length;
}

function resealed(body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(body.length + 13);
  bytes.set(body);
  const view = new DataView(bytes.buffer);
  view.setUint32(body.length + 4, adler32(view, 0, body.length));
  view.setInt32(body.length + 8, 1);
  bytes[body.length + 12] = 0x2f;
  return bytes;
}
