import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Zxid } from '../base/zxid.ts';
import type { DataDirectories } from '../storage/data-directory.ts';
import type { NamedFile } from '../storage/file-names.ts';
import type { RestorePoint } from './restore.ts';

/** What was typed cannot be carried out; the message says why and what to type. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `server:tools <command>, with the server running or not; only restore and purge change a data directory.

  log <file> [--json] [--check]        txn by txn; --check prints only what there is in all
  snapshot <file> [--json] [--check]   node by node, and the digest recomputed
  data <dataDir> --check               every file, and the state that they give together
  backup <dataDir> <to> [--from-oldest]
  restore <backup> <dataDir> [--zxid 0x… | --time 2026-01-31T12:00:00Z]
  purge <dataDir> --keep N             at least 3

  --log-dir <dataLogDir>   where dataLogDir is another directory than dataDir
  --max-txn-bytes N        twice jute.maxbuffer of the server, where that is set (2097150)

Exit code 104: what is stored is damaged; the message has file and place. See docs/EXIT-CODES.md.
`;

/** Twice the default of `jute.maxbuffer`, as the server reads logs. */
const TXN_SIZE_MAX = 2_097_150;
const VERSION_DIRECTORY = 'version-2';

const OPTIONS = {
  json: { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
  'from-oldest': { type: 'boolean', default: false },
  zxid: { type: 'string' },
  time: { type: 'string' },
  keep: { type: 'string' },
  'log-dir': { type: 'string' },
  'max-txn-bytes': { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export type Arguments = ReturnType<typeof parse>;

function parse(args: readonly string[]) {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [command = '', ...operands] = positionals;
  return { command, operands, values };
}

/** @throws UsageError */
export function parseArguments(args: readonly string[]): Arguments {
  try {
    return parse(args);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** @throws UsageError if there are not as many operands as the command has. */
export function operandsOf({ command, operands }: Arguments, names: readonly string[]): string[] {
  if (operands.length === names.length) return operands;
  throw new UsageError(
    `${command} takes ${names.map((name) => `<${name}>`).join(' ')}, and was given ${operands.length}`,
  );
}

/** `dataDir`, or the `version-2` in it. */
export function directoriesOf(dataDir: string, { values }: Arguments): DataDirectories {
  return { snapshots: versionOf(dataDir), logs: versionOf(values['log-dir'] ?? dataDir) };
}

function versionOf(directory: string): string {
  return basename(resolve(directory)) === VERSION_DIRECTORY ? directory : join(directory, VERSION_DIRECTORY);
}

/** The zxid is that of the file's name; of a file that has been renamed it is not known, and nothing compared with it. */
export function fileOf(path: string): NamedFile {
  if (!existsSync(path)) throw new UsageError(`${path} is not there`);
  const name = basename(path);
  const hex = /\.([0-9a-f]{1,16})$/.exec(name)?.[1];
  return { name, path, zxid: (hex === undefined ? Number.NaN : Number.parseInt(hex, 16)) as Zxid };
}

export function txnSizeMaxOf({ values }: Arguments): number {
  return countOf('max-txn-bytes', values['max-txn-bytes'] ?? String(TXN_SIZE_MAX), 1);
}

/** zkCleanup's minimum: with fewer, one that turns out to be damaged may be the last. */
const KEEP_MIN = 3;

export function keepOf({ values }: Arguments): number {
  if (values.keep === undefined) throw new UsageError(`purge needs --keep, at least ${KEEP_MIN}`);
  return countOf('keep', values.keep, KEEP_MIN);
}

function countOf(name: string, text: string, min: number): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= min) return count;
  throw new UsageError(`--${name} ${text}: must be a whole number, at least ${min}`);
}

export function pointOf({ values }: Arguments): RestorePoint {
  const { zxid, time } = values;
  if (zxid !== undefined && time !== undefined) throw new UsageError('either --zxid or --time, not both');
  if (zxid !== undefined) {
    if (!/^0x[0-9a-f]{1,14}$/i.test(zxid)) throw new UsageError(`--zxid ${zxid}: write it as 0x1000000a2`);
    return { type: 'zxid', zxid: Number(zxid) as Zxid };
  }
  if (time === undefined) return { type: 'end' };
  // Without a zone it would be the zone of whoever runs this.
  const timeMs = /(Z|[+-]\d\d:\d\d)$/.test(time) ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(timeMs)) {
    throw new UsageError(`--time ${time}: write it with its zone, as 2026-01-31T12:00:00Z`);
  }
  return { type: 'time', timeMs };
}
