import { JuteReader } from '../../server/wire/jute-reader.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import { readTxnEntry } from '../../server/wire/txns/txn-entry.ts';
import type { CommittedTxn } from '../model/committed-effect.ts';
import { zx } from '../model/ghost-tree.ts';
import { sameBytes } from '../model/same-bytes.ts';
import type { LoggedTxn, ServerLog } from './server-log.ts';

/** What an ensemble has committed, as far as its logs tell. */
export interface CommittedHistory {
  /** In order, from the first there was. */
  readonly txns: readonly CommittedTxn[];
  /** What no right ensemble can have in its logs. */
  readonly contradictions: readonly string[];
  /** Txns that must have been, and are in no log any more. */
  readonly gaps: readonly string[];
}

/** A zxid that somebody has logged. */
interface Candidate {
  readonly zxid: number;
  entry: Uint8Array;
  readonly server: number;
  /** Servers that have it, and went on from it, txn by txn, to a later epoch. */
  builtOn: number;
  /** Servers that went past it, to a later epoch. */
  skipped: number;
}

const EPOCH_SPAN = 2 ** 32;

/**
 * Puts together what the servers' logs say. No single one need have all of it: a server whose disk was replaced, or that
 * was sent a snapshot, has a hole; and one that was never healed may have more than was ever committed. So a txn counts
 * unless others went from the one before it to a later epoch. Where some did and some did not, more servers are right: a
 * learner of Apache's that is sent a snapshot does not log what comes with it, and begins no new file either.
 *
 * The logs are those of servers that have come to rest together, after a last committed write.
 */
export function committedHistory(logs: readonly ServerLog[]): CommittedHistory {
  const contradictions: string[] = [];
  const byZxid = new Map<number, Candidate>();
  const inOrder = logs.map((log) => ({ ...log, txns: withoutRepeats(log, contradictions) }));
  for (const log of inOrder) gather(log, byZxid, contradictions);
  const candidates = [...byZxid.values()].sort((a, b) => a.zxid - b.zxid);
  for (const { txns } of inOrder) markSkipped(txns, candidates);

  const kept = candidates.filter(({ builtOn, skipped }) => skipped === 0 || builtOn > skipped);
  const reader = new JuteReader();
  return {
    txns: kept.map(({ entry }) => readEntry(reader, entry)),
    contradictions,
    gaps: gapsIn(kept),
  };
}

/** A learner of Apache's may log once more what it has logged already. */
function withoutRepeats({ server, txns }: ServerLog, contradictions: string[]): LoggedTxn[] {
  const byZxid = new Map<number, LoggedTxn>();
  let previous: LoggedTxn | null = null;
  for (const txn of txns) {
    const known = byZxid.get(txn.zxid);
    if (known === undefined) {
      if (previous?.file === txn.file && previous.zxid > txn.zxid)
        contradictions.push(`server ${server} logs ${zx(txn.zxid)} behind ${zx(previous.zxid)}`);
      byZxid.set(txn.zxid, txn);
    } else if (!isSameTxn(known.entry, txn.entry)) {
      contradictions.push(`server ${server} has logged two different txns as ${zx(txn.zxid)}`);
    }
    previous = txn;
  }
  return [...byZxid.values()].sort((a, b) => a.zxid - b.zxid);
}

function gather(
  { server, txns }: ServerLog,
  candidates: Map<number, Candidate>,
  contradictions: string[],
): void {
  const isBuiltOn = builtOn(txns);
  for (const [i, { zxid, entry }] of txns.entries()) {
    const known = candidates.get(zxid);
    if (known === undefined) {
      candidates.set(zxid, {
        zxid,
        entry,
        server,
        builtOn: isBuiltOn[i] === true ? 1 : 0,
        skipped: 0,
      });
      continue;
    }
    if (isBuiltOn[i] === true) known.builtOn++;
    if (!isSameTxn(known.entry, entry))
      contradictions.push(`servers ${known.server} and ${server} have different txns as ${zx(zxid)}`);
    if (!sameBytes(known.entry, entry) && errorsIn(entry) < errorsIn(known.entry)) known.entry = entry;
  }
}

function builtOn(txns: readonly LoggedTxn[]): boolean[] {
  const result: boolean[] = [];
  for (let i = txns.length - 2; i >= 0; i--) {
    const [zxid, next] = [txns[i]?.zxid ?? 0, txns[i + 1]?.zxid ?? 0];
    result[i] = isNext(zxid, next) && (epochOf(next) > epochOf(zxid) || result[i + 1] === true);
  }
  return result;
}

/** All that lies between two neighbours of a log that may be neighbours. `candidates`: in order. */
function markSkipped(txns: readonly LoggedTxn[], candidates: readonly Candidate[]): void {
  let at = 0;
  let previous: LoggedTxn | null = null;
  for (const txn of txns) {
    const begin = at;
    while ((candidates[at]?.zxid ?? Infinity) < txn.zxid) at++;
    // What comes before the first may have been in a snapshot.
    if (previous !== null && isNext(previous.zxid, txn.zxid)) {
      for (const candidate of candidates.slice(begin, at)) candidate.skipped++;
    }
    at++;
    previous = txn;
  }
}

/** Whether one may stand right behind the other: the next of its epoch, or the first of a later one. */
function isNext(previous: number, zxid: number): boolean {
  return epochOf(previous) === epochOf(zxid)
    ? zxid === previous + 1
    : zxid > previous && zxid % EPOCH_SPAN === 1;
}

function epochOf(zxid: number): number {
  return Math.floor(zxid / EPOCH_SPAN);
}

function gapsIn(kept: readonly Candidate[]): string[] {
  const gaps: string[] = [];
  let previous = 0;
  for (const { zxid } of kept) {
    if (!isNext(previous, zxid))
      gaps.push(`there is no log with what came between ${zx(previous)} and ${zx(zxid)}`);
    previous = zxid;
  }
  return gaps;
}

/**
 * Of a multi that failed, Apache's servers log the parts before the error as what they were, or as errors, depending on
 * whether they have applied it before. None of it is done either way.
 */
function isSameTxn(x: Uint8Array, y: Uint8Array): boolean {
  if (sameBytes(x, y)) return true;
  const reader = new JuteReader();
  const [one, other] = [readEntry(reader, x), readEntry(reader, y)];
  const areForOne =
    one.header.clientId === other.header.clientId &&
    one.header.cxid === other.header.cxid &&
    one.header.time === other.header.time;
  return areForOne && errorsIn(x) > 0 && errorsIn(y) > 0;
}

/** Of the parts of a multi; what a part was before it was made an error can no longer be read. */
function errorsIn(entry: Uint8Array): number {
  const { txn } = readEntry(new JuteReader(), entry);
  return txn.type === OpCode.multi ? txn.txns.filter(({ type }) => type === OpCode.error).length : 0;
}

function readEntry(reader: JuteReader, entry: Uint8Array): CommittedTxn {
  reader.reset(entry, new DataView(entry.buffer, entry.byteOffset, entry.length), 0, entry.length);
  const { header, txn } = readTxnEntry(reader);
  return { header, txn };
}
