import { formatZxid } from '../base/zxid.ts';
import type { DiskScript } from '../storage/disk-script.ts';
import { purge } from '../storage/purge.ts';
import type { StorageError } from '../storage/storage-error.ts';
import { directoriesOf, fileOf, keepOf, operandsOf, pointOf, txnSizeMaxOf } from './arguments.ts';
import { UsageError, type Arguments } from './arguments.ts';
import { backUp } from './backup.ts';
import { checkData } from './check-data.ts';
import { digestError } from './digest-error.ts';
import { hex64 } from './hex.ts';
import { readLog, txnJson, txnLine } from './print-log.ts';
import { nodeJson, nodeLines, readSnapshotFile } from './print-snapshot.ts';
import { restore } from './restore.ts';

/** What is found damaged beside what was thrown: the command went on after it. */
export interface Outcome {
  readonly damage: readonly StorageError[];
}

type Print = (line: string) => void;
type Command = (args: Arguments, print: Print) => DiskScript<Outcome>;

const SOUND: Outcome = { damage: [] };

export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['log', printLog],
  ['snapshot', printSnapshot],
  ['data', printData],
  ['backup', makeBackup],
  ['restore', makeRestore],
  ['purge', makePurge],
]);

function* printLog(args: Arguments, print: Print): DiskScript<Outcome> {
  const [path = ''] = operandsOf(args, ['file']);
  const { json, check } = args.values;
  const summary = yield* readLog(fileOf(path), {
    txnSizeMax: txnSizeMaxOf(args),
    onTxn: (txn) => {
      if (!check) print(json ? txnJson(txn) : txnLine(txn));
    },
  });
  const { txnCount, firstZxid, lastZxid, torn } = summary;
  if (json) {
    print(
      JSON.stringify({
        txns: txnCount,
        firstZxid: firstZxid === null ? null : formatZxid(firstZxid),
        lastZxid: lastZxid === null ? null : formatZxid(lastZxid),
        tornBytes: torn?.bytesLost ?? 0,
      }),
    );
    return SOUND;
  }
  // In TxnLogToolkit's words.
  print(`EOF reached after ${txnCount} txns.`);
  if (torn !== null) {
    print(`${torn.bytesLost} bytes behind byte ${torn.length} are of a write that was not finished.`);
  }
  return SOUND;
}

function* printSnapshot(args: Arguments, print: Print): DiskScript<Outcome> {
  const [path = ''] = operandsOf(args, ['file']);
  const { json, check } = args.values;
  const file = fileOf(path);
  const summary = yield* readSnapshotFile(file, (node) => {
    if (!check) print(json ? nodeJson(node) : nodeLines(node));
  });
  const { nodeCount, sessions, dataBytes, end, digest, isDigestRight } = summary;
  const recorded = end.digest?.treeDigest ?? null;
  const lastZxid = end.lastProcessedZxid ?? end.digest?.zxid ?? null;
  if (json) {
    print(
      JSON.stringify({
        nodes: nodeCount,
        dataBytes,
        sessions: sessions.map(([id, timeoutMs]) => ({ id: hex64(id), timeoutMs })),
        lastZxid: lastZxid === null ? null : formatZxid(lastZxid),
        digest: hex64(digest),
        recordedDigest: recorded === null ? null : hex64(recorded),
        isDigestRight,
      }),
    );
  } else {
    print('----');
    print(`ZNode Details (count=${nodeCount}): ${dataBytes} bytes of data`);
    print('Session Details (sid, timeout):');
    for (const [id, timeoutMs] of sessions) print(`${hex64(id)}, ${timeoutMs}`);
    print('----');
    if (lastZxid !== null) print(`Last zxid: ${formatZxid(lastZxid)}`);
    print(`Digest of these nodes: ${hex64(digest)}, ${DIGEST_WORDS[String(isDigestRight) as 'true']}`);
  }
  return isDigestRight === false ? { damage: [digestError(file.path, file.zxid)] } : SOUND;
}

const DIGEST_WORDS = {
  true: 'as recorded',
  false: 'not as recorded',
  null: 'nothing to compare with in this file alone (data --check replays the logs)',
} as const;

function* printData(args: Arguments, print: Print): DiskScript<Outcome> {
  const [dataDir = ''] = operandsOf(args, ['dataDir']);
  if (!args.values.check) throw new UsageError('data takes --check');
  const { lines, damage } = yield* checkData(directoriesOf(dataDir, args), txnSizeMaxOf(args));
  for (const line of lines) print(line);
  return { damage };
}

function* makeBackup(args: Arguments, print: Print): DiskScript<Outcome> {
  const [dataDir = '', to = ''] = operandsOf(args, ['dataDir', 'to']);
  const { firstZxid, lastZxid, treeDigest, snapshot, logs } = yield* backUp({
    directories: directoriesOf(dataDir, args),
    to,
    txnSizeMax: txnSizeMaxOf(args),
    fromOldest: args.values['from-oldest'],
  });
  print(
    `${to}: ${snapshot.name} and ${logs.length} logs, ${formatZxid(firstZxid)} to ${formatZxid(lastZxid)}, ` +
      `tree digest ${hex64(treeDigest)}`,
  );
  return SOUND;
}

function* makeRestore(args: Arguments, print: Print): DiskScript<Outcome> {
  const [backup = '', dataDir = ''] = operandsOf(args, ['backup', 'dataDir']);
  const { zxid, digest } = yield* restore({
    backup,
    directories: directoriesOf(dataDir, args),
    point: pointOf(args),
    txnSizeMax: txnSizeMaxOf(args),
  });
  print(`${dataDir}: restored to ${formatZxid(zxid)}, tree digest ${hex64(digest)}`);
  return SOUND;
}

function* makePurge(args: Arguments, print: Print): DiskScript<Outcome> {
  const [dataDir = ''] = operandsOf(args, ['dataDir']);
  const retainCount = keepOf(args);
  const { deleted, keptFrom } = yield* purge({ directories: directoriesOf(dataDir, args), retainCount });
  for (const path of deleted) print(`Removing file: ${path}`);
  if (keptFrom === null)
    print(`${dataDir} has fewer than ${retainCount} intact snapshots; nothing was removed`);
  return SOUND;
}
