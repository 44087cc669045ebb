import { FindingLog } from '../checkers/finding-log.ts';
import type { CheckerResult } from '../history/verification.ts';
import type { Exchange } from '../transcript/happening.ts';
import { exchangesBelow } from './exchanges.ts';
import { fateOf } from './fate.ts';
import { epochOf, Freshness } from './freshness.ts';
import { answeredNs } from './members.ts';
import type { Participant } from './participant.ts';
import { dataIn, setStatIn } from './read-reply.ts';
import type { Recipe, RecipeRun, Step } from './recipe.ts';
import { countUpTo } from './session-lives.ts';

/** Counts in its data: read, and set as one more if nobody has set it meanwhile. */
const COMPARED = 'compared';
/** Counts in its version: any write is an increment. */
const VERSIONED = 'versioned';

const NO_NODE = -101;

/** Two counters: ids, tickets, statistics. */
export const counter: Recipe = {
  name: 'counter',
  doc: 'a number that is incremented by compare-and-set, and one that is a version',
  participants: 6,
  rate: 30,

  async prepare(participant) {
    for (const name of [COMPARED, VERSIONED])
      await participant.insist((client) => client.create(pathOf(participant, name), Buffer.from('0')));
  },

  join: (participant): Step => {
    const { prng } = participant;
    return async () => {
      const draw = prng.next();
      const path = pathOf(participant, draw < 0.6 ? COMPARED : VERSIONED);
      if (draw >= 0.6 && draw < 0.8) {
        await participant.attempt((client) => client.setData(path, participant.unique()));
        return;
      }
      if (prng.next() < 0.4) await participant.attempt((client) => client.sync(path));
      const read = await participant.attempt((client) => client.getData(path));
      if (draw >= 0.4 || read.outcome !== 'ok') return;
      const { data, stat } = read.value;
      const next = String(Number(Buffer.from(data ?? []).toString('utf8')) + 1);
      await participant.attempt((client) => client.setData(path, Buffer.from(next), stat.version));
    };
  },

  async conclude(participant) {
    for (const name of [COMPARED, VERSIONED]) {
      const path = pathOf(participant, name);
      await participant.insist((client) => client.sync(path));
      await participant.insist((client) => client.getData(path));
    }
  },

  check,
};

function pathOf({ root }: Pick<Participant, 'root'>, name: string): string {
  return `${root}/${name}`;
}

/**
 * No increment is lost or counted twice: whatever is read is not less than what must have been counted when the read's
 * session last asked for the newest, and not more than what may have been; each value is one increment's; no session
 * sees a counter go back.
 */
function check({ happenings, root }: RecipeRun): CheckerResult {
  const startedMs = performance.now();
  const log = new FindingLog();
  const exchanges = exchangesBelow(root, happenings);
  const freshness = new Freshness(exchanges);
  for (const name of [COMPARED, VERSIONED])
    new CounterCheck(pathOf({ root }, name), name === COMPARED, freshness, log).check(exchanges);
  return log.result({
    name: 'counter',
    opsChecked: exchanges.length,
    durationMs: performance.now() - startedMs,
  });
}

/** A value of the counter that somebody was told, by reading it or by making it. */
interface Told {
  readonly exchange: Exchange;
  readonly value: number;
}

class CounterCheck {
  readonly #path: string;
  readonly #isCompared: boolean;
  readonly #freshness: Freshness;
  readonly #log: FindingLog;
  /** When increments were sent that may have been done, in order. */
  readonly #sentNs: number[] = [];
  /** When those were acknowledged that have been done, by epoch, in order. */
  readonly #ackedNs = new Map<number, number[]>();
  /** Those that were done, by the value that they made. */
  readonly #madeBy = new Map<number, Exchange>();
  /** Since when somebody may have made a value, of the compared one. */
  readonly #possibleNs = new Map<number, number>();

  constructor(path: string, isCompared: boolean, freshness: Freshness, log: FindingLog) {
    this.#path = path;
    this.#isCompared = isCompared;
    this.#freshness = freshness;
    this.#log = log;
  }

  check(exchanges: readonly Exchange[]): void {
    const mine = exchanges.filter(({ op }) => op !== null && 'path' in op && op.path === this.#path);
    for (const exchange of mine) if (exchange.op?.f === 'setData') this.#gather(exchange);
    for (const times of this.#ackedNs.values()) times.sort((a, b) => a - b);
    const told = new Map<bigint, Told>();
    for (const exchange of mine) {
      if (exchange.reply?.err === NO_NODE)
        this.#log.invalid('lost counter', `${this.#path} is not there [1]`, [exchange]);
      const value = this.#valueIn(exchange);
      if (value === null) continue;
      this.#checkBounds({ exchange, value });
      const before = told.get(exchange.session);
      if (before !== undefined && value < before.value)
        this.#log.invalid(
          'time went back',
          `${this.#path} was ${before.value} to a session [1], and after that ${value} [2]`,
          [before.exchange, exchange],
        );
      told.set(exchange.session, { exchange, value });
    }
    this.#checkEnd(mine);
  }

  #gather(exchange: Exchange): void {
    const fate = fateOf(exchange);
    const { op } = exchange;
    if (fate === 'refused' || op?.f !== 'setData') return;
    this.#sentNs.push(exchange.sentNs);
    const aimed = this.#isCompared ? Number(Buffer.from(op.data ?? []).toString('utf8')) : null;
    if (aimed !== null && !this.#possibleNs.has(aimed)) this.#possibleNs.set(aimed, exchange.sentNs);
    if (fate !== 'done') return;
    const epoch = epochOf(exchange);
    const times = this.#ackedNs.get(epoch);
    if (times === undefined) this.#ackedNs.set(epoch, [answeredNs(exchange)]);
    else times.push(answeredNs(exchange));
    const value = setStatIn(exchange)?.version ?? NaN;
    const other = this.#madeBy.get(value);
    if (other !== undefined)
      this.#log.invalid(
        'increment lost',
        `two increments of ${this.#path} were told that they made ${value}: one [1] and another [2]`,
        [other, exchange],
      );
    this.#madeBy.set(value, exchange);
    if (aimed !== null && aimed !== value)
      this.#log.invalid(
        'compared with another version',
        `${aimed} was to be made of ${this.#path}, and ${value} was [1]`,
        [exchange],
      );
  }

  /** Null for what tells nothing. Each increment makes a version, so that both are the same. */
  #valueIn(exchange: Exchange): number | null {
    const read = dataIn(exchange);
    if (read === null) return setStatIn(exchange)?.version ?? null;
    const { text, stat } = read;
    if (this.#isCompared && Number(text) !== stat.version)
      this.#log.invalid(
        'value in another version',
        `${this.#path} is "${text}" in version ${stat.version} [1]`,
        [exchange],
      );
    return this.#isCompared ? Number(text) : stat.version;
  }

  #checkBounds({ exchange, value }: Told): void {
    const atMost = countUpTo(this.#sentNs, answeredNs(exchange));
    if (value > atMost)
      this.#log.invalid(
        'too much',
        `${this.#path} is ${value} [1], and ${atMost} increments had been asked for`,
        [exchange],
      );
    const possibleNs = this.#possibleNs.get(value) ?? Infinity;
    if (this.#isCompared && value > 0 && possibleNs > answeredNs(exchange))
      this.#log.invalid(
        'nobody counted',
        `${this.#path} is ${value} [1], and nobody had asked to make it that`,
        [exchange],
      );
    const atLeast = this.#atLeast(exchange);
    if (value < atLeast) this.#reportTooLittle({ exchange, value }, atLeast);
    const maker = this.#madeBy.get(value);
    if (maker !== undefined && maker.sentNs > answeredNs(exchange))
      this.#log.invalid(
        'seen before it was asked for',
        `${this.#path} is ${value} [1] before that was asked for [2]`,
        [exchange, maker],
      );
  }

  #reportTooLittle({ exchange, value }: Told, atLeast: number): void {
    const sync = exchange.op?.f === 'setData' ? null : this.#freshness.syncBefore(exchange);
    const before = sync === null ? 'before it was asked for' : 'before the sync of its reader [1]';
    const counted = `${atLeast} increments had been acknowledged ${before}`;
    const evidence = sync === null ? [exchange] : [sync, exchange];
    this.#log.invalid(
      'too little',
      `${counted}, and ${this.#path} is ${value} [${evidence.length}]`,
      evidence,
    );
  }

  /** How much must have been counted: for a write by the time it was sent, for a read by the sync before it. */
  #atLeast(exchange: Exchange): number {
    if (exchange.op?.f === 'setData') {
      let others = 0;
      for (const times of this.#ackedNs.values()) others += countBefore(times, exchange.sentNs);
      return others + 1;
    }
    const sync = this.#freshness.syncBefore(exchange);
    if (sync === null) return 0;
    let done = 0;
    for (const [epoch, times] of this.#ackedNs)
      if (epoch <= epochOf(sync)) done += countBefore(times, sync.sentNs);
    return done;
  }

  #checkEnd(mine: readonly Exchange[]): void {
    const last = mine.findLast((exchange) => dataIn(exchange) !== null);
    if (last !== undefined && this.#freshness.syncBefore(last) !== null) return;
    this.#log.unknown('not read in the end', `${this.#path} was not read in the end`);
  }
}

function countBefore(sorted: readonly number[], bound: number): number {
  let count = countUpTo(sorted, bound);
  while (count > 0 && sorted[count - 1] === bound) count--;
  return count;
}
