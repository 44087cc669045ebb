import { type FindingLog, references } from '../checkers/finding-log.ts';
import { CreateMode } from '../../server/wire/records/create.ts';
import type { Exchange, Happening } from '../transcript/happening.ts';
import { fateOf, mayBeDoneBy } from './fate.ts';
import { epochOf, Freshness, type Known, knownBy } from './freshness.ts';
import { childrenIn, createdIn } from './read-reply.ts';
import { SessionLives } from './session-lives.ts';

/** One that was added below a parent under a name that no other ever has, and perhaps taken away. */
export interface Member {
  /** Its name, of a sequential znode without its number. */
  readonly key: string;
  readonly add: Exchange;
  readonly isEphemeral: boolean;
  /** What may have taken it away: deletes of it, and of an ephemeral its session's close. */
  readonly removals: readonly Exchange[];
  /** Since when it is known to have been added. */
  there: Known | null;
  /** Since when it is known to be gone. */
  gone: Known | null;
  /** The last time that anybody was shown it. */
  lastSeenNs: number;
  /** The first answer that did not show it any more, though nobody had asked for its end: its session has expired. */
  expiredBy: Exchange | null;
}

/** What an answer told of those below the parent. */
export interface Sighting {
  readonly read: Exchange;
  readonly names: readonly string[];
  /** The only one of which it told; null for all. */
  readonly only: string | null;
}

export interface MembersOptions {
  readonly parent: string;
  readonly happenings: readonly Happening[];
  /** Whether their names end in a number that the server gives. */
  readonly isSequential: boolean;
}

const NO_NODE = -101;
const NODE_EXISTS = -110;
const NUMBER_LENGTH = 10;
/** Session time-outs after which one that has not expired never will. */
export const EXPIRY_GRACE = 10;

/** What one session was shown so far. */
interface View {
  readonly shown: Set<string>;
  readonly gone: Set<string>;
}

/**
 * Those who were added below one parent and removed again, each under a name of its own, and what lists may show of
 * them: everybody from its adding to its removal and nobody else. A list may be old, but not older than its session's
 * last sync, and no session sees anybody come back.
 */
export class Members {
  readonly lives: SessionLives;
  readonly freshness: Freshness;
  /** In the order of time. */
  readonly exchanges: readonly Exchange[];
  /** Lists in the order in which they were answered. */
  readonly sightings: Sighting[] = [];
  readonly #byKey = new Map<string, Member>();
  readonly #parent: string;
  readonly #isSequential: boolean;
  readonly #log: FindingLog;
  readonly #views = new Map<bigint, View>();
  readonly #deletes = new Map<string, Exchange[]>();
  /** Those whom a fresh list may have to show. */
  readonly #expected = new Set<Member>();

  constructor({ parent, happenings, isSequential }: MembersOptions, log: FindingLog) {
    this.#parent = parent;
    this.#isSequential = isSequential;
    this.#log = log;
    this.exchanges = happenings.flatMap((each) => (each.type === 'request' ? [each.exchange] : []));
    this.lives = new SessionLives(happenings);
    this.freshness = new Freshness(this.exchanges);
    for (const exchange of this.exchanges) this.#gatherDelete(exchange);
    for (const exchange of this.exchanges) this.#gather(exchange);
    this.sightings.sort((a, b) => answeredNs(a.read) - answeredNs(b.read));
  }

  all(): Iterable<Member> {
    return this.#byKey.values();
  }

  /** By the name in a list. */
  named(name: string): Member | undefined {
    return this.#byKey.get(this.#keyOf(name));
  }

  /** The name if this is the path of one of them. */
  nameIn(path: string): string | null {
    const prefix = `${this.#parent}/`;
    return path.startsWith(prefix) ? path.slice(prefix.length) : null;
  }

  /** Whether it may be gone by then, in the eyes of that epoch's leader. */
  mayBeGone({ add, isEphemeral, removals }: Member, known: Known): boolean {
    if (removals.some((removal) => mayBeDoneBy(removal, known.atNs))) return true;
    return isEphemeral && !this.lives.wasAlive(add.session, known);
  }

  check(): void {
    for (const member of this.all()) this.#checkRequests(member);
    if (this.#isSequential) this.#checkNumbers();
    this.#checkSightings();
    for (const member of this.all()) this.#checkExpiry(member);
  }

  /** The last list that shows all, if whoever made it had asked for the newest; otherwise nobody knows what is left. */
  lastList(): Sighting | null {
    const last = this.sightings.findLast(({ only }) => only === null);
    if (last !== undefined && this.freshness.syncBefore(last.read) !== null) return last;
    this.#log.unknown('not read in the end', `${this.#parent} was not read in the end`);
    return null;
  }

  /** Whoever has lost its session is gone some time after; only a list that is much later accuses. */
  checkExpired(): void {
    const last = this.lastList();
    for (const name of last?.names ?? []) {
      const member = this.named(name);
      if (last === null || member === undefined) continue;
      const { add, key } = member;
      const overdueNs =
        last.read.sentNs - this.lives.lastContactNs(add.session) - this.lives.timeoutNs(add.session);
      if (overdueNs <= 0) continue;
      if (overdueNs > EXPIRY_GRACE * this.lives.timeoutNs(add.session)) {
        const explanation = `${key}, added by a session [1] of which nothing was heard, is there [2] ${Math.round(overdueNs / 1e6)} ms after that should have expired`;
        this.#log.invalid('never expired', explanation, [add, last.read]);
      } else {
        this.#log.unknown('not waited for', `${key} [1] is left [2], and its session has just ended`, [
          add,
          last.read,
        ]);
      }
    }
  }

  // ---- what was asked for ---------------------------------------------------------------------------------

  #gather(exchange: Exchange): void {
    const { op } = exchange;
    if (op?.f === 'create2') {
      const name = this.nameIn(op.path);
      if (name !== null) this.#add(name, exchange, (op.flags & CreateMode.ephemeral) !== 0);
    }
    if (op?.f === 'getChildren' && op.path === this.#parent) {
      const names = childrenIn(exchange)?.children;
      if (names !== undefined) this.sightings.push({ read: exchange, names, only: null });
    }
    if (op?.f === 'getData') {
      const name = this.nameIn(op.path);
      const err = exchange.reply?.err;
      if (name !== null && (err === 0 || err === NO_NODE))
        this.sightings.push({ read: exchange, names: err === 0 ? [name] : [], only: name });
    }
  }

  #add(key: string, add: Exchange, isEphemeral: boolean): void {
    if (this.#byKey.has(key)) {
      this.#log.unknown(
        'name used twice',
        `${key} was to be added twice [1], and nobody can tell them apart`,
        [add],
      );
      return;
    }
    const deletes = this.#deletes.get(`${this.#parent}/${key}`) ?? [];
    this.#byKey.set(key, {
      key,
      add,
      isEphemeral,
      removals: isEphemeral ? [...deletes, ...this.lives.closesOf(add.session)] : deletes,
      there: fateOf(add) === 'done' ? knownBy(add) : null,
      gone: isEphemeral ? this.lives.knownExpired(add.session) : null,
      lastSeenNs: -Infinity,
      expiredBy: null,
    });
  }

  #gatherDelete(exchange: Exchange): void {
    if (exchange.op?.f !== 'delete') return;
    const path = this.#keyOf(exchange.op.path);
    const deletes = this.#deletes.get(path);
    if (deletes === undefined) this.#deletes.set(path, [exchange]);
    else deletes.push(exchange);
  }

  #keyOf(name: string): string {
    return this.#isSequential ? name.slice(0, -NUMBER_LENGTH) : name;
  }

  #checkRequests(member: Member): void {
    const { key, add, removals } = member;
    if (add.reply?.err === NODE_EXISTS)
      this.#log.invalid(
        'there before it was added',
        `${key} was to be added [1] and was there already, and nobody adds it twice`,
        [add],
      );
    const done = removals.filter((removal) => fateOf(removal) === 'done');
    const deletes = done.filter(({ op }) => op?.f === 'delete');
    if (deletes.length > 1)
      this.#log.invalid(
        'removed twice',
        `${key} was added once and removed more than once: ${references(deletes.length)}`,
        deletes,
      );
    for (const removal of deletes) {
      if (fateOf(add) === 'refused' || answeredNs(removal) < add.sentNs)
        this.#log.invalid(
          'removed and never added',
          `${key} had not been added [1] when it was removed [2]`,
          [add, removal],
        );
      const close = done.find(({ op, reply }) => {
        return op?.f === 'closeSession' && (reply?.receivedNs ?? Infinity) < removal.sentNs;
      });
      if (close !== undefined)
        this.#log.invalid(
          'outlived its session',
          `${key} ended with its session when that was closed [1], and was removed after that [2]`,
          [close, removal],
        );
    }
    for (const removal of removals) this.#checkRefusal(member, removal);
  }

  /** Who finds nothing to remove says that it is gone; writes see all that was acknowledged before. */
  #checkRefusal(member: Member, removal: Exchange): void {
    const { key, add, isEphemeral, removals } = member;
    if (removal.reply?.err !== NO_NODE || fateOf(add) !== 'done' || answeredNs(add) >= removal.sentNs) return;
    const { receivedNs } = removal.reply;
    const others = removals.filter((other) => other !== removal && mayBeDoneBy(other, receivedNs));
    if (others.length > 0) return;
    if (isEphemeral && !this.lives.wasAlive(add.session, { atNs: receivedNs, epoch: epochOf(removal) }))
      return;
    this.#log.invalid('lost', `${key} was added [1], and who was to remove it did not find it [2]`, [
      add,
      removal,
    ]);
  }

  /** Numbers are given out in the order of creates, each once. */
  #checkNumbers(): void {
    const made = [...this.all()].flatMap(({ key, add }) => {
      const name = this.nameIn(createdIn(add)?.path ?? '');
      if (name === null) return [];
      if (this.#keyOf(name) !== key)
        this.#log.invalid('other name', `${key} was asked for, and ${name} was made [1]`, [add]);
      return [{ key, add, number: Number(name.slice(-NUMBER_LENGTH)) }];
    });
    const byNumber = new Map<number, Exchange>();
    for (const { add, number } of made) {
      const other = byNumber.get(number);
      if (other !== undefined)
        this.#log.invalid(
          'number given twice',
          `two were told that they have the number ${number}: one [1] and another [2]`,
          [other, add],
        );
      byNumber.set(number, add);
    }
    const inOrder = [...made].sort((a, b) => answeredNs(a.add) - answeredNs(b.add));
    let [at, highest, highestAdd] = [0, -1, null as Exchange | null];
    for (const { add, number, key } of made) {
      for (; at < inOrder.length; at++) {
        const earlier = inOrder[at] as (typeof made)[number];
        if (answeredNs(earlier.add) >= add.sentNs) break;
        if (earlier.number > highest) [highest, highestAdd] = [earlier.number, earlier.add];
      }
      if (highestAdd !== null && number < highest)
        this.#log.invalid(
          'number out of order',
          `number ${highest} had been given [1] when ${key} was asked for, which has number ${number} [2]`,
          [highestAdd, add],
        );
    }
  }

  // ---- what was shown -------------------------------------------------------------------------------------

  #checkSightings(): void {
    for (const { read, names } of this.sightings) {
      for (const name of names) {
        const member = this.named(name);
        if (member !== undefined) member.lastSeenNs = answeredNs(read);
      }
    }
    const added = [...this.all()].filter(({ there }) => there !== null);
    added.sort((a, b) => answeredNs(a.add) - answeredNs(b.add));
    let at = 0;
    for (const sighting of this.sightings) {
      for (; at < added.length; at++) {
        const member = added[at] as Member;
        if (answeredNs(member.add) >= answeredNs(sighting.read)) break;
        this.#expected.add(member);
      }
      this.#checkSighting(sighting);
    }
  }

  #checkSighting({ read, names, only }: Sighting): void {
    const view = this.#viewOf(read.session);
    const shown = new Set<string>();
    for (const name of names) {
      const key = this.#keyOf(name);
      const member = this.#byKey.get(key);
      if (shown.has(key)) this.#log.invalid('listed twice', `${key} is in one list twice [1]`, [read]);
      shown.add(key);
      if (member === undefined)
        this.#log.invalid('never added', `${name} is shown [1], and nobody added it`, [read]);
      else this.#checkShown(member, name, read, view);
    }
    const candidates =
      only === null ? [...view.shown] : [this.#keyOf(only)].filter((key) => view.shown.has(key));
    for (const key of candidates) {
      if (shown.has(key)) continue;
      const member = this.#byKey.get(key) as Member;
      view.shown.delete(key);
      view.gone.add(key);
      if (!this.#foundGone(member, read)) {
        const explanation = `${key} was added [1] and shown to a session, and then not any more [2], and nobody had removed it`;
        this.#log.invalid('vanished', explanation, [member.add, read]);
      }
    }
    const single = only === null ? null : this.#byKey.get(this.#keyOf(only));
    if (single === undefined) return;
    for (const member of single === null ? [...this.#expected] : [single])
      if (!shown.has(member.key)) this.#checkMissing(member, read);
  }

  #checkShown(member: Member, name: string, read: Exchange, view: View): void {
    const { key, add, removals } = member;
    const made = createdIn(add)?.path;
    if (fateOf(add) === 'refused')
      this.#log.invalid('never added', `the adding of ${key} was refused [1], and it is shown [2]`, [
        add,
        read,
      ]);
    else if (add.sentNs > answeredNs(read))
      this.#log.invalid('never added', `${key} is shown [1] before it was added [2]`, [read, add]);
    else if (made !== undefined && this.nameIn(made) !== name)
      this.#log.invalid('other name', `${made} was made [1], and it is shown as ${name} [2]`, [add, read]);
    const removal = removals.find((each) => this.freshness.mustShowWrite(read, each));
    if (removal !== undefined) {
      const { words, evidence, next } = this.freshness.reasonFor(read, answeredNs(removal));
      const explanation = `the end of ${key} had been acknowledged [1]${words}, and it is shown [${next}]`;
      this.#log.invalid('shown after its end', explanation, [removal, ...evidence, read]);
    } else if (this.freshness.mustShow(read, member.gone)) {
      const { words, evidence, next } = this.freshness.reasonFor(read, member.gone?.atNs ?? 0);
      const explanation = `${key} was added [1] and was known to be gone${words}, and it is shown [${next}]`;
      this.#log.invalid('shown after its end', explanation, [add, ...evidence, read]);
    }
    if (view.gone.has(key))
      this.#log.invalid(
        'came back',
        `${key} was added [1], was gone for a session, and is shown to it again [2]`,
        [add, read],
      );
    view.shown.add(key);
    if (member.there !== null) return;
    member.there = knownBy(read);
    this.#expected.add(member);
  }

  #checkMissing(member: Member, read: Exchange): void {
    const { key, add } = member;
    const isOwed = this.freshness.mustShowWrite(read, add) || this.freshness.mustShow(read, member.there);
    if (!isOwed) return;
    if (this.#foundGone(member, read)) return;
    const isLost = member.lastSeenNs < answeredNs(read);
    const { words, evidence, next } = this.freshness.reasonFor(read, member.there?.atNs ?? answeredNs(add));
    const explanation = `${key} had been added [1]${words}, and it is not shown [${next}]${isLost ? ', nor ever after' : ''}`;
    this.#log.invalid(isLost ? 'lost' : 'stale', explanation, [add, ...evidence, read]);
  }

  /** A read that had to show it did not. @returns whether that can be. */
  #foundGone(member: Member, read: Exchange): boolean {
    const known = knownBy(read) as Known;
    if (!this.mayBeGone(member, known)) return false;
    this.#expected.delete(member);
    member.gone ??= known;
    if (!member.removals.some((removal) => mayBeDoneBy(removal, known.atNs))) member.expiredBy ??= read;
    return true;
  }

  #checkExpiry({ key, add, expiredBy }: Member): void {
    if (expiredBy === null) return;
    const goneNs = answeredNs(expiredBy);
    const earliestNs = this.lives.earliestExpiryNs(add.session, goneNs);
    if (goneNs >= earliestNs) return;
    const earlyMs = Math.ceil((earliestNs - goneNs) / 1e6);
    this.#log.invalid(
      'expired early',
      `${key} was added [1] and was gone [2] ${earlyMs} ms before its session could be given up`,
      [add, expiredBy],
    );
  }

  #viewOf(session: bigint): View {
    let view = this.#views.get(session);
    if (view === undefined) this.#views.set(session, (view = { shown: new Set(), gone: new Set() }));
    return view;
  }
}

export function answeredNs({ reply }: Exchange): number {
  return reply?.receivedNs ?? Infinity;
}
