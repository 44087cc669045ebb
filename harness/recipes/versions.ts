import type { FindingLog } from '../checkers/finding-log.ts';
import { ErrorCode } from '../../server/wire/error-code.ts';
import type { Exchange } from '../transcript/happening.ts';
import { fateOf } from './fate.ts';
import { answeredNs } from './members.ts';
import { dataIn, isDone, setStatIn } from './read-reply.ts';

/** A write of what no other writes. */
export interface VersionedWrite {
  readonly exchange: Exchange;
  readonly path: string;
  readonly text: string;
  /** That it made: as its writer was told, or else as it was read. Null if nobody knows. */
  version: number | null;
}

/**
 * The writes of some znodes, each a create or a set of what no other writes: each version of a znode is one write's, and
 * what anybody read in it is what that write wrote; a write that was compared and set made the version after the one it
 * had read; one that was asked for later than another was acknowledged made a later version; nobody reads what is not yet
 * asked for, or a version older than one it has seen or made; and what is there in the end is not older than anything
 * that was seen or acknowledged.
 *
 * `exchanges`: of these znodes alone, in the order in which they were sent. The znodes are never deleted.
 */
export function checkVersions(exchanges: readonly Exchange[], log: FindingLog): readonly VersionedWrite[] {
  const byText = writesIn(exchanges);
  const writes = [...byText.values()];
  checkReads(exchanges, byText, log);
  checkUnique(writes, log);
  checkRealTime(writes, log);
  checkSessions(exchanges, log);
  checkEnd(exchanges, writes, log);
  return writes;
}

/** By what was written: no two write the same. */
function writesIn(exchanges: readonly Exchange[]): Map<string, VersionedWrite> {
  const writes = new Map<string, VersionedWrite>();
  for (const exchange of exchanges) {
    const { op } = exchange;
    const isCreate = op?.f === 'create2';
    if ((!isCreate && op?.f !== 'setData') || fateOf(exchange) === 'refused') continue;
    const text = textOf(op.data);
    writes.set(text, { exchange, path: op.path, text, version: isCreate ? 0 : versionIn(exchange) });
  }
  return writes;
}

function checkReads(
  exchanges: readonly Exchange[],
  writes: ReadonlyMap<string, VersionedWrite>,
  log: FindingLog,
): void {
  for (const exchange of exchanges) {
    const { op } = exchange;
    const read = dataIn(exchange);
    if (op?.f !== 'getData' || read === null) continue;
    const { text, stat } = read;
    const write = writes.get(text);
    if (write?.path !== op.path) {
      const explanation = `${op.path} was read as "${text}" [1], which nobody wrote there`;
      log.invalid('read of what was not written', explanation, [exchange]);
      continue;
    }
    if (write.exchange.sentNs >= (exchange.reply?.receivedNs ?? 0)) {
      const explanation = `${op.path} was read as "${text}" [1] before anybody had asked to write it [2]`;
      log.invalid('read before it was written', explanation, [exchange, write.exchange]);
    }
    if (write.version !== null && write.version !== stat.version) {
      const explanation = `"${text}" is version ${write.version} of ${op.path} [1], and was read as version ${stat.version} [2]`;
      log.invalid('value in another version', explanation, [write.exchange, exchange]);
    }
    write.version ??= stat.version;
  }
}

function checkUnique(writes: readonly VersionedWrite[], log: FindingLog): void {
  const byVersion = new Map<string, Exchange>();
  for (const { exchange, path, version } of writes) {
    if (version === null) continue;
    const key = `version ${version} of ${path}`;
    const other = byVersion.get(key);
    if (other !== undefined)
      log.invalid('version given twice', `two writes made ${key}: one [1] and another [2]`, [
        other,
        exchange,
      ]);
    byVersion.set(key, exchange);
    const { op } = exchange;
    if (op?.f === 'setData' && op.version !== -1 && version !== op.version + 1) {
      const explanation = `a write for version ${op.version} of ${path} made version ${version} [1]`;
      log.invalid('compared with another version', explanation, [exchange]);
    }
  }
}

/** Replies of one session come in the order of its requests. */
function checkSessions(exchanges: readonly Exchange[], log: FindingLog): void {
  /** By session and path. */
  const seen = new Map<string, { readonly exchange: Exchange; readonly version: number }>();
  for (const exchange of exchanges) {
    const { op, session } = exchange;
    if (op === null || !('path' in op)) continue;
    const key = `${session} ${op.path}`;
    const before = seen.get(key);
    if (before !== undefined && op.f === 'getData' && exchange.reply?.err === ErrorCode.noNode) {
      const explanation = `a session was told of version ${before.version} of ${op.path} [1], and after that that there is none [2]`;
      log.invalid('time went back', explanation, [before.exchange, exchange]);
    }
    const version = dataIn(exchange)?.stat.version ?? versionIn(exchange);
    if (version === null) continue;
    if (before !== undefined && before.version > version) {
      const explanation = `a session was told of version ${before.version} of ${op.path} [1], and after that of version ${version} [2]`;
      log.invalid('time went back', explanation, [before.exchange, exchange]);
    }
    seen.set(key, { exchange, version });
  }
}

/** Writes take effect between their sending and their acknowledgement. */
function checkRealTime(writes: readonly VersionedWrite[], log: FindingLog): void {
  const paths = new Set(writes.map(({ path }) => path));
  for (const each of paths) {
    const known = writes.filter(({ path, version }) => path === each && version !== null);
    const acknowledged = known.filter(({ exchange }) => isDone(exchange));
    acknowledged.sort((a, b) => answeredNs(a.exchange) - answeredNs(b.exchange));
    let [at, newest] = [0, null as VersionedWrite | null];
    for (const write of known) {
      for (; at < acknowledged.length; at++) {
        const earlier = acknowledged[at] as VersionedWrite;
        if (answeredNs(earlier.exchange) >= write.exchange.sentNs) break;
        if (newest === null || versionOf(earlier) > versionOf(newest)) newest = earlier;
      }
      if (newest === null || versionOf(newest) <= versionOf(write)) continue;
      const explanation = `version ${versionOf(newest)} of ${each} was acknowledged [1] before version ${versionOf(write)} was asked for [2]`;
      log.invalid('written out of order', explanation, [newest.exchange, write.exchange]);
    }
  }
}

function versionOf({ version }: VersionedWrite): number {
  return version ?? -1;
}

/** Whoever concludes has synchronised before, so its reads are no old ones. */
function checkEnd(exchanges: readonly Exchange[], writes: readonly VersionedWrite[], log: FindingLog): void {
  const last = new Map<string, Exchange>();
  for (const exchange of exchanges) {
    if (exchange.op?.f === 'getData' && isDone(exchange)) last.set(exchange.op.path, exchange);
  }
  for (const { exchange, path, version } of writes) {
    const end = last.get(path);
    const read = end === undefined ? null : dataIn(end);
    if (end === undefined || read === null || end.sentNs < exchange.sentNs) {
      log.unknown('not read in the end', `${path} was written [1], and was not read in the end`, [exchange]);
    } else if (version !== null && read.stat.version < version) {
      const explanation = `version ${version} of ${path} was made [1], and in the end there is version ${read.stat.version} [2]`;
      log.invalid('lost write', explanation, [exchange, end]);
    }
  }
}

function versionIn(exchange: Exchange): number | null {
  return setStatIn(exchange)?.version ?? null;
}

export function textOf(data: Uint8Array | null): string {
  return Buffer.from(data ?? []).toString('utf8');
}
