import { FindingLog } from '../checkers/finding-log.ts';
import { CreateMode } from '../../server/wire/records/create.ts';
import type { CheckerResult } from '../history/verification.ts';
import type { Exchange } from '../transcript/happening.ts';
import { fateOf } from './fate.ts';
import { summaryOf } from './figures.ts';
import { answeredNs, type Member, Members } from './members.ts';
import type { Participant } from './participant.ts';
import { type DataRead, dataIn, setStatIn } from './read-reply.ts';
import type { Figures, Recipe, RecipeRun, Step } from './recipe.ts';
import { reportStale } from './stale-read.ts';
import { waitForExpiry } from './wait-for-expiry.ts';
import { checkWatches } from './watch-rules.ts';

/** Services that register where they can be found, and whoever looks for them: each is both here. */
export const serviceDiscovery: Recipe = {
  name: 'service-discovery',
  doc: 'ephemerals with an address in them, listed and watched; instances leave, crash and come back',
  participants: 6,
  rate: 20,

  async prepare(participant) {
    await participant.insist((client) => client.create(parentOf(participant)));
  },

  join: (participant): Step => new Instance(participant).step,

  conclude: (participant) => waitForExpiry(participant, parentOf(participant)),

  check,
  measure,
};

function parentOf({ root }: Pick<Participant, 'root'>): string {
  return `${root}/instances`;
}

class Instance {
  readonly #participant: Participant;
  readonly #parent: string;
  #name: string | null = null;
  /** Of the session that its registration belongs to. */
  #session = 0;
  #hasChanged = true;

  constructor(participant: Participant) {
    this.#participant = participant;
    this.#parent = parentOf(participant);
  }

  readonly step = async (): Promise<void> => {
    const participant = this.#participant;
    const { prng } = participant;
    if (this.#name === null || participant.sessions !== this.#session) return this.#register();
    const draw = prng.next();
    if (draw < 0.05) {
      this.#name = null;
      if (draw < 0.03) await participant.leave();
      else participant.vanish();
    } else if (draw < 0.4) {
      // As instances do that tell how they are.
      const path = `${this.#parent}/${this.#name}`;
      await participant.attempt((client) => client.setData(path, participant.unique()));
    } else {
      await this.#look(draw < 0.6);
    }
  };

  async #register(): Promise<void> {
    const participant = this.#participant;
    const name = participant.unique().toString();
    const attempt = await participant.attempt((client) =>
      client.create(`${this.#parent}/${name}`, participant.unique(), { flags: CreateMode.ephemeral }),
    );
    this.#name = attempt.outcome === 'ok' ? name : null;
    this.#session = participant.sessions;
    this.#hasChanged = true;
  }

  /** Lists when something has changed, or to be `sure`, and asks one of them where it is. */
  async #look(sure: boolean): Promise<void> {
    const participant = this.#participant;
    if (sure) await participant.attempt((client) => client.sync(this.#parent));
    else if (!this.#hasChanged) return;
    this.#hasChanged = false;
    const list = await participant.attempt((client) =>
      client.getChildren(this.#parent, () => (this.#hasChanged = true)),
    );
    if (list.outcome !== 'ok') {
      this.#hasChanged = true;
      return;
    }
    const { children } = list.value;
    const name = children[participant.prng.below(Math.max(1, children.length))];
    if (name !== undefined) await participant.attempt((client) => client.getData(`${this.#parent}/${name}`));
  }
}

/**
 * Whoever has registered is listed as long as its session lives, with what it said of itself; whoever has left is not; a
 * crashed one is gone some time after its session's time-out and not before; nobody sees one come back.
 */
function check({ happenings, root }: RecipeRun): CheckerResult {
  const startedMs = performance.now();
  const log = new FindingLog();
  const members = new Members({ parent: parentOf({ root }), happenings, isSequential: false }, log);
  members.check();
  members.checkExpired();
  checkAddresses(members, log);
  checkWatches(happenings, log);
  return log.result({
    name: 'service-discovery',
    opsChecked: members.exchanges.length,
    durationMs: performance.now() - startedMs,
  });
}

/** What is read of an instance is what it wrote, in its order, no older than it may be, and of its session. */
function checkAddresses(members: Members, log: FindingLog): void {
  const writes = new Map<string, Exchange>();
  /** Those that were acknowledged, by path. */
  const updates = new Map<string, Exchange[]>();
  /** The newest version that a session has been told of, by session and path. */
  const seen = new Map<string, { readonly version: number; readonly exchange: Exchange }>();
  for (const exchange of members.exchanges) {
    const { op } = exchange;
    if ((op?.f !== 'create2' && op?.f !== 'setData') || fateOf(exchange) === 'refused') continue;
    writes.set(Buffer.from(op.data ?? []).toString('utf8'), exchange);
    if (op.f === 'setData' && setStatIn(exchange) !== null)
      updates.set(op.path, [...(updates.get(op.path) ?? []), exchange]);
  }
  for (const exchange of members.exchanges) {
    const { op, session } = exchange;
    if (op?.f !== 'getData' && op?.f !== 'setData') continue;
    const read = dataIn(exchange);
    const version = read?.stat.version ?? setStatIn(exchange)?.version;
    if (version === undefined) continue;
    const key = `${session} ${op.path}`;
    const before = seen.get(key);
    if (before !== undefined && version < before.version) {
      const explanation = `a session was told of version ${before.version} of ${op.path} [1], and after that of version ${version} [2]`;
      log.invalid('time went back', explanation, [before.exchange, exchange]);
    } else {
      seen.set(key, { version, exchange });
    }
    if (read === null) continue;
    checkAddress(members, exchange, { path: op.path, ...read }, writes.get(read.text), log);
    const owed = updates
      .get(op.path)
      ?.findLast((update) => members.freshness.mustShowWrite(exchange, update));
    if (owed !== undefined && version < (setStatIn(owed)?.version ?? 0))
      reportStale(log, members.freshness, {
        path: op.path,
        made: { version: setStatIn(owed)?.version ?? null, exchange: owed },
        shown: { version, exchange },
      });
  }
}

function checkAddress(
  members: Members,
  exchange: Exchange,
  { path, text, stat }: DataRead & { readonly path: string },
  write: Exchange | undefined,
  log: FindingLog,
): void {
  const member = members.named(members.nameIn(path) ?? '');
  const isWrittenThere = write?.op != null && 'path' in write.op && write.op.path === path;
  if (write === undefined || !isWrittenThere || write.sentNs > answeredNs(exchange))
    log.invalid(
      'read of what was not written',
      `${path} was read as "${text}" [1], which nobody had written there`,
      [exchange],
    );
  else checkVersion(write, exchange, stat.version, log);
  if (member !== undefined && stat.ephemeralOwner !== member.add.session)
    log.invalid('other owner', `${path} was made by one session [1] and is shown as another's [2]`, [
      member.add,
      exchange,
    ]);
}

function checkVersion(write: Exchange, read: Exchange, version: number, log: FindingLog): void {
  const made = write.op?.f === 'create2' ? 0 : setStatIn(write)?.version;
  if (made === undefined || made === version) return;
  const explanation = `what was written as version ${made} [1] was read as version ${version} [2]`;
  log.invalid('value in another version', explanation, [write, read]);
}

/** How long after their time-out those were there whose session expired, as far as anybody saw. */
function measure({ happenings, root }: RecipeRun): Figures {
  const log = new FindingLog();
  const members = new Members({ parent: parentOf({ root }), happenings, isSequential: false }, log);
  members.check();
  return summaryOf(
    'expiry lateness',
    'ms',
    [...members.all()].flatMap((member) => latenessOf(member, members)),
  );
}

function latenessOf({ add, expiredBy }: Member, { lives }: Members): number[] {
  if (expiredBy === null) return [];
  const { session } = add;
  const latenessNs = answeredNs(expiredBy) - lives.lastContactNs(session) - lives.timeoutNs(session);
  return Number.isFinite(latenessNs) ? [latenessNs / 1e6] : [];
}
