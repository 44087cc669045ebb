import type { ObservedRole } from '../../../server/base/observer.ts';

/** A history as a server's disk holds it: a snapshot up to `base`, and the entries above it. */
export interface GhostLog {
  readonly base: number;
  /** Zxids, rising. */
  readonly zxids: number[];
}

/** What the simulation knows of one server, over all its lives. Servers know nothing of it. */
export class GhostServer {
  readonly id: number;

  log: GhostLog = { base: 0, zxids: [] };
  /** A snapshot has come from the leader, and until it is durable the disk holds the other one. */
  pending: GhostLog | null = null;
  /** Its leader has told it to take something back, or to take over a snapshot, and it has not come to the end of it. */
  isCutting = false;
  /** Reported durable, or found on the disk after a start. */
  durable = 0;
  /** Durable epochs. */
  accepted = 0;
  current = 0;
  /** To whom it promised each epoch. */
  readonly promises = new Map<number, number>();

  /** What stood on disks that it has no more. */
  readonly #thrownAway: { readonly log: GhostLog; readonly durable: number }[] = [];

  role: ObservedRole = 'looking';
  isServing = false;
  /** The last txn in its tree. */
  applied = 0;

  constructor(id: number) {
    this.id = id;
  }

  /** Its disk has a history up to there from the beginning. */
  beginAt(zxid: number): void {
    this.log = { base: zxid, zxids: [] };
    this.durable = zxid;
    this.applied = zxid;
    this.accepted = epochIn(zxid);
    this.current = epochIn(zxid);
  }

  /** The history this server works with. */
  get working(): GhostLog {
    return this.pending ?? this.log;
  }

  /** Its log, or one that was on a disk it has no more, that has this txn. */
  logWith(zxid: number): GhostLog | undefined {
    return [this.log, ...this.#thrownAway.map(({ log }) => log)].find((log) => contains(log, zxid));
  }

  /** Whether its disk holds this txn, or held it when it was acknowledged. */
  hasHad(zxid: number): boolean {
    return [this, ...this.#thrownAway].some(({ log, durable }) => durable >= zxid && contains(log, zxid));
  }

  /** A snapshot takes the place of everything, as soon as it is durable. */
  receiveSnapshot(base: number, zxids: number[]): void {
    this.pending = { base, zxids };
  }

  onDurable(upTo: number): void {
    if (this.pending !== null && upTo >= lastOf(this.pending)) {
      this.log = this.pending;
      this.pending = null;
      this.durable = upTo;
    } else this.durable = Math.max(this.durable, upTo);
  }

  cut(to: number): void {
    const { zxids } = this.log;
    zxids.length = countUpTo(zxids, to);
    this.durable = Math.min(this.durable, to);
    this.applied = Math.min(this.applied, to);
  }

  /** What the disk was found to hold; the rest is gone. */
  onRecovered(lastLogged: number): void {
    if (this.pending !== null && !endsWith(this.log, lastLogged) && endsWith(this.pending, lastLogged)) {
      this.log = this.pending;
    }
    this.pending = null;
    this.isCutting = false;
    this.log.zxids.length = countUpTo(this.log.zxids, lastLogged);
    this.durable = lastLogged;
    this.applied = lastLogged;
  }

  onProcessEnded(): void {
    this.role = 'looking';
    this.isServing = false;
  }

  /** Its disk was thrown away: it has no promises to keep any more, and no memory. */
  forget(): void {
    this.#thrownAway.push({ log: this.log, durable: this.durable });
    this.log = { base: 0, zxids: [] };
    this.pending = null;
    this.durable = 0;
    this.accepted = 0;
    this.current = 0;
    this.promises.clear();
    this.applied = 0;
  }
}

export function lastOf({ base, zxids }: GhostLog): number {
  return zxids.at(-1) ?? base;
}

export function contains({ base, zxids }: GhostLog, zxid: number): boolean {
  return zxid <= base || indexIn(zxids, zxid) >= 0;
}

/** Whether it has this zxid, or would end there: e<<32 is no txn, and stands behind all earlier epochs. */
export function endsWith(log: GhostLog, zxid: number): boolean {
  return contains(log, zxid) || (isEpochStart(zxid) && zxid > lastOf(log));
}

/** Where it stands in a rising list, or −1. */
export function indexIn(zxids: readonly number[], zxid: number): number {
  let low = 0;
  let high = zxids.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = zxids[middle] as number;
    if (found === zxid) return middle;
    if (found < zxid) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** How many are not above `zxid`. */
export function countUpTo(zxids: readonly number[], zxid: number): number {
  let count = zxids.length;
  while (count > 0 && (zxids[count - 1] as number) > zxid) count--;
  return count;
}

export function isEpochStart(zxid: number): boolean {
  return zxid % 2 ** 32 === 0;
}

export function epochIn(zxid: number): number {
  return Math.floor(zxid / 2 ** 32);
}

/** Whether `next` may stand right behind `previous` in a log: the next of its epoch, or the first of a later one. */
export function follows(previous: number, next: number): boolean {
  if (epochIn(next) === epochIn(previous)) return next === previous + 1;
  return epochIn(next) > epochIn(previous) && next % 2 ** 32 === 1;
}
