import { FindingLog } from '../checkers/finding-log.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import type { MultiOp } from '../../server/wire/records/multi-request.ts';
import { EventType } from '../../server/wire/records/watcher-event.ts';
import type { CheckerResult } from '../history/verification.ts';
import type { Exchange, Happening } from '../transcript/happening.ts';
import { notesOf } from './exchanges.ts';
import { fateOf } from './fate.ts';
import { summaryOf } from './figures.ts';
import { Freshness, isKnownTo, type Known, knownBy } from './freshness.ts';
import { answeredNs } from './members.ts';
import type { Participant } from './participant.ts';
import { dataIn, multiResultsIn, setStatIn } from './read-reply.ts';
import type { Figures, Player, Recipe, RecipeRun, Step } from './recipe.ts';
import { reportStale } from './stale-read.ts';
import { checkWatches } from './watch-rules.ts';

const SETTINGS = 4;

/** One who changes settings, and many who must hear of every change: the first participant writes, the others watch. */
export const configFanout: Recipe = {
  name: 'config-fanout',
  doc: 'one writer changes settings, several at once at times; many watch them, and read again when told',
  participants: 8,
  rate: 20,

  async prepare(participant) {
    for (const path of settingsOf(participant))
      await participant.insist((client) => client.create(path, participant.unique()));
  },

  join: (participant): Step | Player =>
    participant.number === 0 ? writer(participant) : new Watcher(participant),

  async conclude(participant) {
    for (const path of settingsOf(participant)) {
      await participant.insist((client) => client.sync(path));
      await participant.insist((client) => client.getData(path));
    }
  },

  check,
  measure,
};

function settingsOf({ root }: Pick<Participant, 'root'>): string[] {
  return Array.from({ length: SETTINGS }, (_, i) => `${root}/setting-${i}`);
}

function writer(participant: Participant): Step {
  const { prng } = participant;
  return async () => {
    const settings = prng.shuffled(settingsOf(participant));
    const data = participant.unique();
    if (prng.next() < 0.6) {
      await participant.attempt((client) => client.setData(settings[0] as string, data));
      return;
    }
    const parts = settings.slice(0, 2 + prng.below(SETTINGS - 1)).map((path): MultiOp => {
      return { type: OpCode.setData, request: { path, data, version: -1 } };
    });
    await participant.attempt((client) => client.multi(parts));
  };
}

/** That this client has heard of everything, when all was quiet. */
type QuietNote = { readonly kind: 'quiet' };

class Watcher implements Player {
  readonly #participant: Participant;
  readonly #settings: readonly string[];
  /** Those that were not read, with a watch, since the last event. */
  readonly #changed: Set<string>;
  #session = 0;
  /** Reads on their way. */
  #reading: Promise<unknown> = Promise.resolve();

  constructor(participant: Participant) {
    this.#participant = participant;
    this.#settings = settingsOf(participant);
    this.#changed = new Set(this.#settings);
  }

  readonly step = async (): Promise<void> => {
    const participant = this.#participant;
    const { prng } = participant;
    if (prng.next() < 0.005) participant.vanish();
    await this.#catchUp();
    if (prng.next() < 0.9) return;
    // As those do who ask from time to time, and need all settings to fit together.
    await participant.attempt((client) => client.sync(this.#settings[0] as string));
    for (const path of prng.shuffled(this.#settings))
      await participant.attempt((client) => client.getData(path));
  };

  readonly last: readonly Step[] = [
    async (): Promise<void> => {
      const participant = this.#participant;
      do {
        await participant.insist((client) => client.sync(this.#settings[0] as string));
        await this.#catchUp();
      } while (this.#isBehind() && !participant.signal.aborted);
      if (!participant.signal.aborted) participant.note({ kind: 'quiet' } satisfies QuietNote);
    },
  ];

  #isBehind(): boolean {
    return this.#changed.size > 0 || this.#participant.sessions !== this.#session;
  }

  /** Reads what has changed, all of it in a new session, whose watches are not set. */
  async #catchUp(): Promise<void> {
    await this.#reading;
    const participant = this.#participant;
    if (participant.sessions !== this.#session) for (const path of this.#settings) this.#changed.add(path);
    // What fails is added again, for the next time.
    const changed = [...this.#changed];
    for (const path of changed) await this.#read(path);
    this.#session = participant.sessions;
  }

  async #read(path: string): Promise<void> {
    const participant = this.#participant;
    const before = participant.sessions;
    this.#changed.delete(path);
    const read = await participant.attempt((client) => client.getData(path, () => this.#onEvent(path)));
    // In a session that begins with this read no other watch is set.
    const isFirst = participant.sessions !== before;
    if (read.outcome !== 'ok') this.#changed.add(path);
    if (isFirst) for (const each of this.#settings) if (each !== path) this.#changed.add(each);
  }

  /** Reads at once, without waiting for the next step. */
  #onEvent(path: string): void {
    this.#changed.add(path);
    this.#reading = this.#reading.then(() => (this.#changed.has(path) ? this.#read(path) : undefined));
  }
}

/** What a write made of one setting. */
interface Change {
  readonly write: Exchange;
  readonly path: string;
  readonly text: string;
  /** Null as long as nobody knows it. */
  version: number | null;
}

/**
 * Every watch fires once for each time that it was set, and before anything else shows the change; no session sees a
 * setting go back; who has seen a part of a change of several settings is never again shown one from before it; a read
 * after a sync is not older than that; and when all is quiet every watcher has read the newest because it was told to.
 */
function check({ happenings, root }: RecipeRun): CheckerResult {
  const startedMs = performance.now();
  const log = new FindingLog();
  const exchanges = happenings.flatMap((each) => (each.type === 'request' ? [each.exchange] : []));
  const changes = changesIn(exchanges, settingsOf({ root }));
  checkReads(exchanges, changes, log);
  checkWholeness(exchanges, changes, log);
  checkWatches(happenings, log);
  checkQuiet(happenings, changes, log);
  return log.result({
    name: 'config-fanout',
    opsChecked: exchanges.length,
    durationMs: performance.now() - startedMs,
  });
}

/** By path and what was written, which is no other write's. */
type Changes = ReadonlyMap<string, Change>;

function changesIn(exchanges: readonly Exchange[], settings: readonly string[]): Changes {
  const changes = new Map<string, Change>();
  for (const write of exchanges) {
    const { op } = write;
    if (fateOf(write) === 'refused' || op === null) continue;
    const results = multiResultsIn(write);
    const parts = op.f === 'multi' ? op.ops : op.f === 'setData' || op.f === 'create2' ? [op] : [];
    for (const [i, part] of parts.entries()) {
      if (part.f !== 'setData' && part.f !== 'create2') continue;
      if (!settings.includes(part.path)) continue;
      const result = results?.[i];
      const inMulti = result?.type === OpCode.setData ? result.response.stat.version : null;
      const isMade = part.f === 'create2' && fateOf(write) === 'done';
      const version = isMade ? 0 : (setStatIn(write)?.version ?? inMulti);
      const text = Buffer.from(part.data ?? []).toString('utf8');
      changes.set(`${part.path} ${text}`, { write, path: part.path, text, version });
    }
  }
  return changes;
}

function checkReads(exchanges: readonly Exchange[], changes: Changes, log: FindingLog): void {
  const byVersion = new Map<string, Change>();
  const claim = (change: Change): void => {
    const key = `version ${change.version} of ${change.path}`;
    const other = byVersion.get(key);
    if (other !== undefined && other !== change)
      log.invalid('version given twice', `two writes have made ${key}: one [1] and another [2]`, [
        other.write,
        change.write,
      ]);
    byVersion.set(key, change);
  };
  for (const change of changes.values()) if (change.version !== null) claim(change);
  for (const exchange of exchanges) {
    const { op } = exchange;
    const read = dataIn(exchange);
    if (op?.f === 'getData' && exchange.reply?.err === -101)
      log.invalid('lost setting', `${op.path} is not there [1]`, [exchange]);
    if (op?.f !== 'getData' || read === null) continue;
    const { text, stat } = read;
    const change = changes.get(`${op.path} ${text}`);
    if (change === undefined || change.write.sentNs > answeredNs(exchange)) {
      const explanation = `${op.path} was read as "${text}" [1], which nobody had written there`;
      log.invalid('read of what was not written', explanation, [exchange]);
    } else if (change.version === null) {
      change.version = stat.version;
      claim(change);
    } else if (change.version !== stat.version) {
      const explanation = `"${text}" is version ${change.version} of ${op.path} [1], and was read as version ${stat.version} [2]`;
      log.invalid('value in another version', explanation, [change.write, exchange]);
    }
  }
}

/** What each session has seen, of all that was changed together with it, bounds what it may be shown. */
function checkWholeness(exchanges: readonly Exchange[], changes: Changes, log: FindingLog): void {
  const freshness = new Freshness(exchanges);
  const together = new Map<Exchange, Change[]>();
  for (const change of changes.values())
    together.set(change.write, [...(together.get(change.write) ?? []), change]);
  const done = [...changes.values()].filter(
    ({ write, version }) => fateOf(write) === 'done' && version !== null,
  );
  done.sort((a, b) => answeredNs(b.write) - answeredNs(a.write));
  const newestFirst = new Map<string, Change[]>();
  for (const change of done) {
    const changesOfPath = newestFirst.get(change.path);
    if (changesOfPath === undefined) newestFirst.set(change.path, [change]);
    else changesOfPath.push(change);
  }
  const seen = new Map<string, { readonly version: number; readonly exchange: Exchange }>();
  for (const exchange of exchanges) {
    const { op, session } = exchange;
    const read = dataIn(exchange);
    if (op?.f !== 'getData' || read === null) continue;
    const { version } = read.stat;
    const floor = seen.get(`${session} ${op.path}`);
    if (floor !== undefined && version < floor.version) {
      const explanation = `a session has seen what came with version ${floor.version} of ${op.path} [1], and is shown version ${version} after that [2]`;
      log.invalid(isRead(floor.exchange, op.path) ? 'time went back' : 'split change', explanation, [
        floor.exchange,
        exchange,
      ]);
    }
    const change = changes.get(`${op.path} ${read.text}`);
    const whole = change === undefined ? [] : (together.get(change.write) ?? []);
    for (const each of [{ path: op.path, version }, ...whole]) {
      const key = `${session} ${each.path}`;
      const before = seen.get(key)?.version ?? -1;
      if (each.version !== null && each.version > before) seen.set(key, { version: each.version, exchange });
    }
    const owed = newestFirst.get(op.path)?.find(({ write }) => freshness.mustShowWrite(exchange, write));
    if (owed !== undefined && version < (owed.version as number)) {
      const made = { version: owed.version, exchange: owed.write };
      reportStale(log, freshness, { path: op.path, made, shown: { version, exchange } });
    }
  }
}

function isRead({ op }: Exchange, path: string): boolean {
  return op?.f === 'getData' && op.path === path;
}

/** Watchers read for events alone, and to see that all fits together; so only reads that set a watch count. */
function checkQuiet(happenings: readonly Happening[], changes: Changes, log: FindingLog): void {
  const exchanges = happenings.flatMap((each) => (each.type === 'request' ? [each.exchange] : []));
  const quiet = notesOf<QuietNote>('quiet', happenings);
  const watchers = new Set<number>();
  for (const { op, client } of exchanges) if (op?.f === 'getData' && op.watch) watchers.add(client);
  const settings = new Set([...changes.values()].map(({ path }) => path));
  for (const client of watchers) {
    const note = quiet.find((each) => each.client === client);
    const before = exchanges.filter((exchange) => {
      return exchange.client === client && answeredNs(exchange) <= (note?.atNs ?? -1);
    });
    const sync = before.findLast((exchange) => exchange.op?.f === 'sync' && fateOf(exchange) === 'done');
    if (sync === undefined) {
      log.unknown('not quiet', `watcher ${client} did not come to rest in the end`);
      continue;
    }
    for (const path of settings) {
      const last = before.findLast(({ op, session }) => {
        return op?.f === 'getData' && op.path === path && op.watch && session === sync.session;
      });
      const version = last === undefined ? -1 : (dataIn(last)?.stat.version ?? -1);
      const missed = [...changes.values()].find((change) => {
        const known = fateOf(change.write) === 'done' ? knownBy(change.write) : null;
        return change.path === path && (change.version ?? -1) > version && isOwed(sync, known);
      });
      if (missed === undefined) continue;
      const known = last === undefined ? 'has never read it' : `has last read version ${version} [2]`;
      const read = last === undefined ? [] : [last];
      const explanation = `version ${missed.version} of ${path} was made [1]; watcher ${client} ${known}, has done a sync [${read.length + 2}] and was not told of it`;
      log.invalid('missed change', explanation, [missed.write, ...read, sync]);
    }
  }
}

function isOwed(sync: Exchange, known: Known | null): boolean {
  return known !== null && isKnownTo(sync, known);
}

/**
 * How long after a change was acknowledged each watcher's event of it came, below zero where it came first; and how many
 * later changes had been acknowledged by then.
 */
function measure({ happenings, root }: RecipeRun): Figures {
  const exchanges = happenings.flatMap((each) => (each.type === 'request' ? [each.exchange] : []));
  const changes = changesIn(exchanges, settingsOf({ root }));
  const byVersion = new Map<string, Change>();
  for (const change of changes.values()) byVersion.set(`${change.path} ${change.version}`, change);
  const acknowledged = new Set([...changes.values()].map(({ write }) => write));
  const ackedNs = [...acknowledged].map(answeredNs).filter(Number.isFinite);
  /** The version with which a watch was set, by session and path. */
  const armed = new Map<string, number>();
  const delaysMs: number[] = [];
  const staleness: number[] = [];
  for (const happening of happenings) {
    if (happening.type === 'reply') {
      const { op, session } = happening.exchange;
      const read = dataIn(happening.exchange);
      if (op?.f === 'getData' && op.watch && read !== null && !armed.has(`${session} ${op.path}`))
        armed.set(`${session} ${op.path}`, read.stat.version);
    }
    if (happening.type !== 'event' || happening.eventType !== EventType.nodeDataChanged) continue;
    const key = `${happening.session} ${happening.path}`;
    const version = armed.get(key);
    armed.delete(key);
    const change = byVersion.get(`${happening.path} ${(version ?? NaN) + 1}`);
    if (change === undefined || fateOf(change.write) !== 'done') continue;
    const changedNs = answeredNs(change.write);
    delaysMs.push((happening.atNs - changedNs) / 1e6);
    staleness.push(ackedNs.filter((each) => each > changedNs && each <= happening.atNs).length);
  }
  return { ...summaryOf('event delay', 'ms', delaysMs), ...summaryOf('event staleness', 'txns', staleness) };
}
