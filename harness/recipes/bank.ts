import { FindingLog, references } from '../checkers/finding-log.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import type { MultiOp } from '../../server/wire/records/multi-request.ts';
import type { CheckerResult } from '../history/verification.ts';
import type { Exchange } from '../transcript/happening.ts';
import { fateOf } from './fate.ts';
import { Freshness } from './freshness.ts';
import { answeredNs } from './members.ts';
import { readTogether, readTogetherIn } from './multi-read.ts';
import type { Attempt, Participant } from './participant.ts';
import { dataIn, type DataRead } from './read-reply.ts';
import type { Recipe, RecipeRun, Step } from './recipe.ts';
import { reportStale } from './stale-read.ts';

const ACCOUNTS = 5;
const OPENING_BALANCE = 100;
const AMOUNT_MAX = 30;
const RULES = 'rules';

/** Accounts between which money is moved, all of it or nothing, under rules that nobody has changed meanwhile. */
export const bank: Recipe = {
  name: 'bank',
  doc: 'transfers as multis of two conditional writes and a check; the total never changes',
  participants: 6,
  rate: 20,

  async prepare(participant) {
    await participant.insist((client) => client.create(`${participant.root}/${RULES}`));
    for (const path of accountsOf(participant)) {
      const text = textOf(OPENING_BALANCE, participant);
      await participant.insist((client) => client.create(path, text));
    }
  },

  join: (participant): Step => {
    const { prng } = participant;
    return async () => {
      const draw = prng.next();
      if (draw < 0.02) await participant.attempt((client) => client.setData(rulesOf(participant), null));
      else if (draw < 0.15) await audit(participant);
      else if (draw < 0.7) await transfer(participant);
      else {
        if (draw < 0.8) await participant.attempt((client) => client.sync(participant.root));
        await participant.attempt((client) => readTogether(client, accountsOf(participant)));
      }
    };
  },

  async conclude(participant) {
    await participant.insist((client) => client.sync(participant.root));
    await participant.insist((client) => readTogether(client, accountsOf(participant)));
  },

  check,
};

function accountsOf({ root }: Pick<Participant, 'root'>): string[] {
  return Array.from({ length: ACCOUNTS }, (_, i) => `${root}/account-${i}`);
}

function rulesOf({ root }: Pick<Participant, 'root'>): string {
  return `${root}/${RULES}`;
}

/** A balance, and a name that no other write has. */
function textOf(balance: number, participant: Participant): Buffer {
  return Buffer.from(`${balance} ${participant.unique().toString()}`);
}

function balanceIn(text: string): number {
  return Number(text.split(' ')[0]);
}

async function transfer(participant: Participant): Promise<void> {
  const { prng } = participant;
  const [from, to] = prng.shuffled(accountsOf(participant)) as [string, string];
  const rules = rulesOf(participant);
  const read = await participant.attempt((client) => readTogether(client, [from, to, rules]));
  const [source, target, ruled] = read.outcome === 'ok' ? read.value : [];
  if (source == null || target == null || ruled == null) return;
  const amount = 1 + prng.below(AMOUNT_MAX);
  const left = balanceIn(source.text) - amount;
  if (left < 0) return;
  const data = (balance: number): Buffer => textOf(balance, participant);
  const gain = data(balanceIn(target.text) + amount);
  // In any order, so that what is refused is at times the first part and at times the last.
  const parts = prng.shuffled<MultiOp>([
    { type: OpCode.check, request: { path: rules, version: ruled.stat.version } },
    { type: OpCode.setData, request: { path: from, data: data(left), version: source.stat.version } },
    { type: OpCode.setData, request: { path: to, data: gain, version: target.stat.version } },
  ]);
  await participant.attempt((client) => client.multi(parts));
}

/** Reads one account after the other, and asks whether all were still so. */
async function audit(participant: Participant): Promise<void> {
  const checks: MultiOp[] = [];
  for (const path of accountsOf(participant)) {
    const read: Attempt<{ readonly stat: { readonly version: number } }> = await participant.attempt(
      (client) => client.getData(path),
    );
    if (read.outcome !== 'ok') return;
    checks.push({ type: OpCode.check, request: { path, version: read.value.stat.version } });
  }
  await participant.attempt((client) => client.multi(checks));
}

/** What a write, part of a transfer or the opening of an account, made of one account. */
interface Entry {
  readonly path: string;
  readonly text: string;
  readonly version: number;
}

/** A transfer, or what opened an account. */
interface Posting {
  readonly exchange: Exchange;
  readonly entries: readonly Entry[];
  /** Whether it is known to have been done: its client was told, or somebody has seen a part of it. */
  isDone: boolean;
}

/** The latest version of an account that a session has seen the work of, and where. */
interface Floor {
  readonly version: number;
  readonly exchange: Exchange;
}

type Floors = Map<string, Floor>;

/** Several accounts as they were at one moment. */
type Statement = ReadonlyMap<string, Entry>;

/**
 * Whoever sees all accounts at one moment, in one multiRead or under checks of all versions that were done, sees the same
 * total; none is below zero; each version of an account is one transfer's; a transfer that was acknowledged is not lost;
 * and one that anybody has seen a part of was done as a whole.
 */
function check({ happenings, root }: RecipeRun): CheckerResult {
  const startedMs = performance.now();
  const log = new FindingLog();
  const exchanges = happenings.flatMap((each) => (each.type === 'request' ? [each.exchange] : []));
  new BankCheck(accountsOf({ root }), log).check(exchanges);
  return log.result({
    name: 'bank',
    opsChecked: exchanges.length,
    durationMs: performance.now() - startedMs,
  });
}

class BankCheck {
  readonly #accounts: readonly string[];
  readonly #log: FindingLog;
  readonly #postings: Posting[] = [];
  /** By what they wrote, which nobody writes a second time. */
  readonly #byText = new Map<string, Posting>();
  #freshness = new Freshness([]);

  constructor(accounts: readonly string[], log: FindingLog) {
    this.#accounts = accounts;
    this.#log = log;
  }

  check(exchanges: readonly Exchange[]): void {
    this.#freshness = new Freshness(exchanges);
    for (const exchange of exchanges) this.#gather(exchange);
    for (const exchange of exchanges) this.#checkRead(exchange);
    this.#checkVersions();
    this.#checkWholeness(exchanges);
    this.#checkAudits(exchanges);
    this.#checkEnd(exchanges);
  }

  #gather(exchange: Exchange): void {
    const fate = fateOf(exchange);
    if (fate === 'refused') return;
    const entries = entriesOf(exchange).filter(({ path }) => this.#accounts.includes(path));
    if (entries.length === 0) return;
    const posting = { exchange, entries, isDone: fate === 'done' };
    this.#postings.push(posting);
    for (const { text } of entries) this.#byText.set(text, posting);
  }

  #checkRead(exchange: Exchange): void {
    const statement = statementIn(exchange);
    for (const entry of statement.values()) {
      if (!this.#accounts.includes(entry.path)) continue;
      if (!(balanceIn(entry.text) >= 0))
        this.#log.invalid('below zero', `${entry.path} is "${entry.text}" [1]`, [exchange]);
      this.#checkOrigin(entry, exchange);
    }
    const isMultiRead = exchange.op?.f === 'multiRead';
    if (isMultiRead && this.#isOfAll(statement)) this.#checkTotal(statement, [exchange]);
    const missing = isMultiRead && fateOf(exchange) === 'done' && statement.size < exchange.op.ops.length;
    const isNoNode = exchange.op?.f === 'getData' && exchange.reply?.err === -101;
    if (missing || isNoNode)
      this.#log.invalid('lost account', 'an account or its rules are not there [1]', [exchange]);
  }

  #checkOrigin({ path, text, version }: Entry, exchange: Exchange): void {
    const posting = this.#byText.get(text);
    const entry = posting?.entries.find((each) => each.text === text);
    if (posting === undefined || entry?.path !== path || posting.exchange.sentNs > answeredNs(exchange)) {
      const explanation = `${path} was read as "${text}" [1], which nobody had written there`;
      this.#log.invalid('read of what was not written', explanation, [exchange]);
      return;
    }
    posting.isDone = true;
    if (entry.version !== version)
      this.#log.invalid(
        'value in another version',
        `"${text}" was written as version ${entry.version} of ${path} [1], and is shown as version ${version} [2]`,
        [posting.exchange, exchange],
      );
  }

  /** Every posting that was done, or of which a part was seen, has made its version of each account, and no other has. */
  #checkVersions(): void {
    const made = new Map<string, Posting>();
    for (const posting of this.#postings) {
      if (!posting.isDone) continue;
      for (const { path, version } of posting.entries) {
        const key = `version ${version} of ${path}`;
        const other = made.get(key);
        if (other !== undefined && other !== posting)
          this.#log.invalid('split or lost transfer', `two have made ${key}, or a part of one: [1], [2]`, [
            other.exchange,
            posting.exchange,
          ]);
        made.set(key, posting);
      }
    }
  }

  /**
   * Who has seen a part of a transfer is never shown an account as it was before it, nor is who has asked for the newest
   * when somebody had been told of it.
   */
  #checkWholeness(exchanges: readonly Exchange[]): void {
    const floors = new Map<bigint, Floors>();
    const acknowledged = this.#postings
      .filter(({ exchange }) => fateOf(exchange) === 'done')
      .sort((a, b) => answeredNs(a.exchange) - answeredNs(b.exchange));
    for (const exchange of exchanges) {
      const { session } = exchange;
      const seen = floors.get(session) ?? new Map<string, Floor>();
      floors.set(session, seen);
      const statement = statementIn(exchange);
      const isAtOnce = exchange.op?.f === 'multiRead';
      // What is shown at one moment agrees with itself.
      if (isAtOnce) for (const entry of statement.values()) this.#raise(seen, entry, exchange);
      for (const entry of statement.values()) {
        const floor = seen.get(entry.path);
        if (floor !== undefined && entry.version < floor.version) this.#reportFloor(entry, floor, exchange);
        this.#raise(seen, entry, exchange);
      }
      if (fateOf(exchange) === 'done') for (const entry of entriesOf(exchange)) raise(seen, entry, exchange);
      if (statement.size === 0) continue;
      const sync = this.#freshness.syncBefore(exchange);
      if (sync === null) continue;
      const owed = this.#owedTo(exchange, sync, acknowledged);
      for (const [path, { posting, version }] of owed) {
        const shown = statement.get(path);
        if (shown !== undefined && shown.version < version)
          reportStale(this.#log, this.#freshness, {
            path,
            made: { version, exchange: posting.exchange },
            shown: { version: shown.version, exchange },
          });
      }
    }
  }

  #reportFloor({ path, version }: Entry, floor: Floor, exchange: Exchange): void {
    const came = `what came with version ${floor.version} of ${path}`;
    const isAtOnce = exchange.op?.f === 'multiRead';
    const name = isAtOnce ? 'split transfer' : 'time went back';
    if (floor.exchange === exchange)
      this.#log.invalid(name, `version ${version} of ${path} is shown together with ${came} [1]`, [exchange]);
    else
      this.#log.invalid(
        name,
        `a session has seen ${came} [1], and is shown version ${version} after that [2]`,
        [floor.exchange, exchange],
      );
  }

  /** What a session has seen when it has seen this: all of the transfer that it is a part of. */
  #raise(seen: Floors, { path, text, version }: Entry, exchange: Exchange): void {
    const whole = this.#byText.get(text)?.entries ?? [];
    for (const entry of [{ path, version }, ...whole]) raise(seen, entry, exchange);
  }

  /** The newest version of each account that a read must show. */
  #owedTo(
    read: Exchange,
    sync: Exchange,
    acknowledged: readonly Posting[],
  ): Map<string, { readonly posting: Posting; readonly version: number }> {
    const owed = new Map<string, { readonly posting: Posting; readonly version: number }>();
    // From the newest: as soon as each account has one, older ones say nothing more.
    for (let i = acknowledged.length - 1; i >= 0 && owed.size < this.#accounts.length; i--) {
      const posting = acknowledged[i] as Posting;
      if (
        answeredNs(posting.exchange) >= sync.sentNs ||
        !this.#freshness.mustShowWrite(read, posting.exchange)
      )
        continue;
      for (const { path, version } of posting.entries)
        if ((owed.get(path)?.version ?? -1) < version) owed.set(path, { posting, version });
    }
    return owed;
  }

  /** Reads one by one, then checks of all the versions that were read: if they were done, nothing had changed between. */
  #checkAudits(exchanges: readonly Exchange[]): void {
    const read = new Map<bigint, Map<string, { readonly entry: Entry; readonly exchange: Exchange }>>();
    for (const exchange of exchanges) {
      const { op, session } = exchange;
      const last =
        read.get(session) ?? new Map<string, { readonly entry: Entry; readonly exchange: Exchange }>();
      read.set(session, last);
      if (op?.f === 'getData')
        for (const entry of statementIn(exchange).values()) last.set(entry.path, { entry, exchange });
      if (op?.f !== 'multi' || fateOf(exchange) !== 'done') continue;
      if (!op.ops.every((part) => part.f === 'check') || op.ops.length < ACCOUNTS) continue;
      const parts = op.ops.flatMap((part) => last.get(part.path) ?? []);
      const statement = new Map(parts.map(({ entry }) => [entry.path, entry]));
      const isSame = op.ops.every(
        (part) => part.f === 'check' && statement.get(part.path)?.version === part.version,
      );
      if (isSame && this.#isOfAll(statement))
        this.#checkTotal(statement, [...parts.map((part) => part.exchange), exchange]);
    }
  }

  #isOfAll(statement: Statement): boolean {
    return this.#accounts.every((path) => statement.has(path));
  }

  #checkTotal(statement: Statement, exchanges: readonly Exchange[]): void {
    let total = 0;
    for (const path of this.#accounts) total += balanceIn(statement.get(path)?.text ?? '');
    if (total !== ACCOUNTS * OPENING_BALANCE)
      this.#log.invalid(
        'wrong total',
        `there are ${total} in all accounts together: ${references(exchanges.length)}`,
        exchanges,
      );
  }

  #checkEnd(exchanges: readonly Exchange[]): void {
    const last = exchanges.findLast((exchange) => this.#isOfAll(statementIn(exchange)));
    if (last === undefined || this.#freshness.syncBefore(last) === null) {
      this.#log.unknown('not read in the end', 'the accounts were not read in the end');
      return;
    }
    const possible = new Set(this.#postings.flatMap(({ entries }) => entries.map(keyOf)));
    for (const { path, version } of statementIn(last).values()) {
      for (let each = 0; each <= version; each++) {
        if (!this.#accounts.includes(path) || possible.has(keyOf({ path, version: each }))) continue;
        this.#log.invalid(
          'nobody wrote',
          `in the end there is version ${version} of ${path} [1], and nobody has made version ${each}`,
          [last],
        );
      }
    }
  }
}

function raise(seen: Floors, { path, version }: Pick<Entry, 'path' | 'version'>, exchange: Exchange): void {
  if (version > (seen.get(path)?.version ?? -1)) seen.set(path, { version, exchange });
}

function keyOf({ path, version }: { readonly path: string; readonly version: number }): string {
  return `${path} ${version}`;
}

/** What a write makes if it is done. Transfers are conditional, so that this is known before. */
function entriesOf({ op }: Exchange): Entry[] {
  const parts = op?.f === 'multi' ? op.ops : op?.f === 'create2' ? [op] : [];
  return parts.flatMap((part): Entry[] => {
    if (part.f !== 'create2' && part.f !== 'setData') return [];
    const version = part.f === 'setData' ? part.version + 1 : 0;
    return [{ path: part.path, text: Buffer.from(part.data ?? []).toString('utf8'), version }];
  });
}

/** What a read shows, by path. */
function statementIn(exchange: Exchange): Statement {
  const { op } = exchange;
  const entries: Entry[] = [];
  const add = (path: string, read: DataRead | null | undefined): void => {
    if (read != null) entries.push({ path, text: read.text, version: read.stat.version });
  };
  if (op?.f === 'getData') add(op.path, dataIn(exchange));
  if (op?.f === 'multiRead')
    for (const [i, read] of (readTogetherIn(exchange) ?? []).entries()) add(op.ops[i]?.path ?? '', read);
  return new Map(entries.map((entry) => [entry.path, entry]));
}
