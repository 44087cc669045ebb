import type { FindingLog } from '../checkers/finding-log.ts';
import { ErrorCode } from '../../server/wire/error-code.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import type { MultiOp } from '../../server/wire/records/multi-request.ts';
import type { SingleWriteOp } from '../model/write-op.ts';
import type { Exchange } from '../transcript/happening.ts';
import { fateOf } from './fate.ts';
import { knownBy } from './freshness.ts';
import { answeredNs, type Member, type Members } from './members.ts';
import { allOrNothing, partsOf } from './multi-parts.ts';
import { leftOutIn, type Numbered, numberIn } from './numbers.ts';
import type { Attempt, Participant } from './participant.ts';
import { checkVersions } from './versions.ts';

/**
 * What whoever is first in a line writes: the number of its place, which is its fencing token, and a text that nobody else
 * writes. It is accepted only as long as the place is there, and only with `ops`.
 */
export async function writeFenced(
  participant: Participant,
  { place, guard }: { readonly place: string; readonly guard: string },
  ops: readonly MultiOp[] = [],
): Promise<Attempt<unknown>> {
  const data = Buffer.from(`${numberIn(place)} ${participant.unique().toString()}`);
  return participant.attempt((client) =>
    allOrNothing(client, [
      { type: OpCode.check, request: { path: place, version: -1 } },
      ...ops,
      { type: OpCode.setData, request: { path: guard, data, version: -1 } },
    ]),
  );
}

/** As one writes who has slept through the end of its place. @returns the place for as long as it has not been told. */
export async function writeLate(
  participant: Participant,
  fenced: { readonly place: string; readonly guard: string },
): Promise<string | null> {
  const attempt = await writeFenced(participant, fenced);
  return attempt.outcome === 'refused' ? null : fenced.place;
}

/** The first value of a guarded znode: older than all. */
export function unguarded(participant: Participant): Buffer {
  return Buffer.from(`-1 ${participant.unique().toString()}`);
}

export interface Fence {
  /** Those in the line. */
  readonly members: Members;
  readonly numbered: readonly Numbered[];
  /** The znode that only the first of them may write. */
  readonly guard: string;
}

/**
 * By the order in which the servers have done it, nobody writes for an older place after somebody has for a newer one; and
 * a place for which a write is accepted is still there, while one for which it is not is not.
 */
export function checkFence({ members, numbered, guard }: Fence, log: FindingLog): void {
  const guarded = members.exchanges
    .flatMap(partsOf)
    .filter(({ op }) => op !== null && 'path' in op && op.path === guard);
  const writes = checkVersions(guarded, log).filter(({ version }) => version !== null);
  writes.sort((a, b) => (a.version ?? 0) - (b.version ?? 0));
  let newest = writes[0];
  for (const write of writes) {
    if (newest === undefined || tokenIn(write.text) >= tokenIn(newest.text)) {
      newest = write;
      continue;
    }
    const explanation = `version ${newest.version} of ${guard} is of place ${tokenIn(newest.text)} [1], and version ${write.version} is of place ${tokenIn(write.text)} [2]`;
    log.invalid('older holder accepted', explanation, [newest.exchange, write.exchange]);
  }
  const ends = endsOf(members, numbered);
  for (const exchange of members.exchanges) {
    const place = placeIn(exchange, guard);
    if (place !== null) checkPlace(exchange, place, { members, ends, log });
  }
}

/** Since when a place is known to be gone, and from whom. */
interface End {
  readonly atNs: number;
  readonly told: Exchange | null;
}

function endsOf(members: Members, numbered: readonly Numbered[]): ReadonlyMap<Member, End> {
  const ends = new Map<Member, End>();
  const end = (member: Member, atNs: number, told: Exchange | null): void => {
    if (atNs < (ends.get(member)?.atNs ?? Infinity)) ends.set(member, { atNs, told });
  };
  for (const { member } of numbered) {
    for (const removal of member.removals)
      if (fateOf(removal) === 'done') end(member, answeredNs(removal), removal);
    const expired = members.lives.knownExpired(member.add.session);
    if (expired !== null) end(member, expired.atNs, null);
  }
  for (const { numbered: each, read } of leftOutIn(members, numbered))
    end(each.member, answeredNs(read), read);
  return ends;
}

function checkPlace(
  exchange: Exchange,
  place: string,
  { members, ends, log }: { readonly members: Members; readonly ends: Ends; readonly log: FindingLog },
): void {
  const member = members.named(members.nameIn(place) ?? '');
  if (member === undefined) {
    if (fateOf(exchange) === 'done')
      log.invalid('accepted for nobody', `a write was accepted for ${place} [1], which nobody has made`, [
        exchange,
      ]);
    return;
  }
  const end = ends.get(member);
  if (fateOf(exchange) === 'done' && end !== undefined && end.atNs < exchange.sentNs) {
    const told = end.told === null ? [] : [end.told];
    const gone = `${member.key} was known to be gone${told.length === 0 ? '' : ' [1]'}`;
    const explanation = `${gone} when a write for it was asked for, which was accepted [${told.length + 1}]`;
    log.invalid('accepted after its end', explanation, [...told, exchange]);
  }
  const known = knownBy(exchange);
  const isThere = fateOf(member.add) === 'done' && answeredNs(member.add) < exchange.sentNs;
  if (known === null || !isThere || !isRefusedForPlace(exchange) || members.mayBeGone(member, known)) return;
  const explanation = `${member.key} was made [1] and is there, and a write for it was refused [2]`;
  log.invalid('holder refused', explanation, [member.add, exchange]);
}

type Ends = ReturnType<typeof endsOf>;

function isRefusedForPlace(exchange: Exchange): boolean {
  return partsOf(exchange)[0]?.reply?.err === ErrorCode.noNode;
}

/** The place for which it writes; null if it is no such write. */
function placeIn({ op }: Exchange, guard: string): string | null {
  if (op?.f !== 'multi') return null;
  const [check, ...writes] = op.ops;
  return check?.f === 'check' && writes.some((write) => writesTo(write, guard)) ? check.path : null;
}

function writesTo(op: SingleWriteOp, guard: string): boolean {
  return op.f === 'setData' && op.path === guard;
}

function tokenIn(text: string): number {
  return Number(text.split(' ')[0]);
}
