import type { FindingLog } from '../checkers/finding-log.ts';
import type { Exchange, Happening } from '../transcript/happening.ts';
import { knownBy } from './freshness.ts';
import { answeredNs, type Member, type Members } from './members.ts';
import { createdIn, isDone } from './read-reply.ts';

const DIGITS = 10;

/** Of a sequential znode, from its name or path. */
export function numberIn(name: string): number {
  return Number(name.slice(-DIGITS));
}

export function withoutNumber(name: string): string {
  return name.slice(0, -DIGITS);
}

/** A sequential znode of which somebody was told the number, its maker or a reader. */
export interface Numbered {
  readonly member: Member;
  readonly name: string;
  readonly number: number;
}

/** Those whose numbers are known, in the order in which they were asked for. */
export function numberedIn(members: Members): Numbered[] {
  const names = new Map<Member, string>();
  for (const sighting of members.sightings) {
    for (const name of sighting.names) {
      const member = members.named(name);
      if (member !== undefined) names.set(member, name);
    }
  }
  for (const member of members.all()) {
    const name = members.nameIn(createdIn(member.add)?.path ?? '');
    if (name !== null) names.set(member, name);
  }
  return [...members.all()].flatMap((member) => {
    const name = names.get(member);
    return name === undefined ? [] : [{ member, name, number: numberIn(name) }];
  });
}

/** One that a list does not show, though it shows a later one. */
export interface LeftOut {
  readonly numbered: Numbered;
  readonly read: Exchange;
}

/**
 * What the lists tell of those that are gone, each by the first list that does: numbers grow, so one that shows a later
 * number was made after the earlier one, and without it after its end. How old the list is does not matter.
 */
export function leftOutIn(members: Members, numbered: readonly Numbered[]): readonly LeftOut[] {
  const leftOut: LeftOut[] = [];
  let open = [...numbered].sort((a, b) => a.number - b.number);
  for (const { read, names, only } of members.sightings) {
    if (only !== null) continue;
    const shown = new Set(names);
    const highest = Math.max(-1, ...names.map(numberIn));
    open = open.filter((each) => {
      if (each.number >= highest || shown.has(each.name)) return true;
      leftOut.push({ numbered: each, read });
      return false;
    });
  }
  return leftOut;
}

/**
 * Beside what `Members` knows of acknowledged ones: numbers of those that nobody answered, and that were seen later, are
 * given once and in order, too; creates that were sent one behind the other over one connection are done in that order,
 * whether they were answered or not; and no list leaves out one that is there.
 */
export function checkNumbers(
  members: Members,
  numbered: readonly Numbered[],
  { happenings, log }: { readonly happenings: readonly Happening[]; readonly log: FindingLog },
): void {
  checkUnique(numbered, log);
  checkRealTime(numbered, log);
  checkConnections(numbered, happenings, log);
  for (const { numbered: each, read } of leftOutIn(members, numbered)) {
    const known = knownBy(read);
    if (known === null || members.mayBeGone(each.member, known)) continue;
    const explanation = `${each.name} was made [1] and is left out of a list that shows a later number [2], and nobody had removed it`;
    log.invalid('left out', explanation, [each.member.add, read]);
  }
}

function checkConnections(
  numbered: readonly Numbered[],
  happenings: readonly Happening[],
  log: FindingLog,
): void {
  const connections = connectionsOf(happenings);
  const last = new Map<string, Numbered>();
  for (const each of numbered) {
    const { add, key } = each.member;
    const connection = connections.get(add) ?? '';
    const before = last.get(connection);
    last.set(connection, each);
    if (before === undefined || before.number < each.number) continue;
    const explanation = `${before.member.key} was sent first [1] and has number ${before.number}, ${key} behind it [2] and has number ${each.number}`;
    log.invalid('order of a connection broken', explanation, [before.member.add, add]);
  }
}

function checkUnique(numbered: readonly Numbered[], log: FindingLog): void {
  const byNumber = new Map<number, Exchange>();
  for (const { member, number } of numbered) {
    const other = byNumber.get(number);
    byNumber.set(number, member.add);
    // Of two acknowledged ones others tell.
    if (other !== undefined && !(isDone(other) && isDone(member.add)))
      log.invalid('number given twice', `two have the number ${number}: one [1] and another [2]`, [
        other,
        member.add,
      ]);
  }
}

/** Whoever asks later than another was acknowledged has a greater number. */
function checkRealTime(numbered: readonly Numbered[], log: FindingLog): void {
  const acknowledged = numbered.filter(({ member }) => isDone(member.add));
  acknowledged.sort((a, b) => answeredNs(a.member.add) - answeredNs(b.member.add));
  let [at, highest] = [0, null as Numbered | null];
  for (const each of numbered) {
    for (; at < acknowledged.length; at++) {
      const earlier = acknowledged[at] as Numbered;
      if (answeredNs(earlier.member.add) >= each.member.add.sentNs) break;
      if (highest === null || earlier.number > highest.number) highest = earlier;
    }
    if (highest === null || each.number > highest.number || isDone(each.member.add)) continue;
    const explanation = `number ${highest.number} had been given [1] when ${each.member.key} was asked for, which has number ${each.number} [2]`;
    log.invalid('number out of order', explanation, [highest.member.add, each.member.add]);
  }
}

/** Of each request: its session and the how-manieth connection of it. */
function connectionsOf(happenings: readonly Happening[]): ReadonlyMap<Exchange, string> {
  const connections = new Map<Exchange, string>();
  const lost = new Map<bigint, number>();
  for (const happening of happenings) {
    if (happening.type === 'lost') lost.set(happening.session, (lost.get(happening.session) ?? 0) + 1);
    if (happening.type !== 'request') continue;
    const { exchange } = happening;
    connections.set(exchange, `${exchange.session} ${lost.get(exchange.session) ?? 0}`);
  }
  return connections;
}
