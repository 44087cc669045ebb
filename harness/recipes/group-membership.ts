import { FindingLog, references } from '../checkers/finding-log.ts';
import { CreateMode } from '../../server/wire/records/create.ts';
import { pause } from '../ensemble/wait-until.ts';
import type { CheckerResult } from '../history/verification.ts';
import type { Exchange } from '../transcript/happening.ts';
import { notesOf } from './exchanges.ts';
import { fateOf } from './fate.ts';
import { isKnownTo, type Known, knownBy } from './freshness.ts';
import { answeredNs, type Member, Members, type Sighting } from './members.ts';
import { checkNumbers, numberedIn } from './numbers.ts';
import type { Participant } from './participant.ts';
import type { Player, Recipe, RecipeRun, Step } from './recipe.ts';
import { waitForExpiry } from './wait-for-expiry.ts';
import { checkWatches } from './watch-rules.ts';

const POLL_MS = 50;

/** A group whose members know each other: each keeps the list of all, and hears of changes. */
export const groupMembership: Recipe = {
  name: 'group-membership',
  doc: 'ephemeral sequential znodes; every member keeps a view of all by watching',
  participants: 6,
  rate: 20,

  async prepare(participant) {
    await participant.insist((client) => client.create(parentOf(participant)));
  },

  join: (participant): Player => new GroupMember(participant),

  conclude: (participant) => waitForExpiry(participant, parentOf(participant)),

  check,
};

function parentOf({ root }: Pick<Participant, 'root'>): string {
  return `${root}/group`;
}

/** That what was last listed is this client's view, when all was quiet. */
type ViewNote = { readonly kind: 'view' };

class GroupMember implements Player {
  readonly #participant: Participant;
  readonly #parent: string;
  /** Its znode, if it is a member. */
  #path: string | null = null;
  /** Of the session that this belongs to. */
  #session = 0;
  /** What it has ever asked for, and the session that this belonged to. */
  readonly #asked: { readonly name: string; readonly session: number }[] = [];
  #view: readonly string[] = [];
  /** The session whose watch tells of changes of the view. */
  #watching = 0;
  #hasChanged = true;

  constructor(participant: Participant) {
    this.#participant = participant;
    this.#parent = parentOf(participant);
  }

  readonly step = async (): Promise<void> => {
    const participant = this.#participant;
    if (this.#path === null || participant.sessions !== this.#session) await this.#enter();
    const draw = participant.prng.next();
    if (draw < 0.06) await this.#quit(draw);
    else if (draw < 0.2) await participant.attempt((client) => client.sync(this.#parent));
    await this.#look();
  };

  readonly last: readonly Step[] = [() => this.#becomeQuiet(), () => this.#lookAtLast()];

  async #enter(): Promise<void> {
    const participant = this.#participant;
    const name = `${participant.unique().toString()}-`;
    const attempt = await participant.attempt((client) =>
      client.create(`${this.#parent}/${name}`, null, { flags: CreateMode.ephemeralSequential }),
    );
    this.#path = attempt.outcome === 'ok' ? attempt.value.path : null;
    this.#session = participant.sessions;
    this.#asked.push({ name, session: participant.sessions });
  }

  async #quit(draw: number): Promise<void> {
    const participant = this.#participant;
    const path = this.#path;
    this.#path = null;
    if (draw < 0.01) participant.vanish();
    else if (draw < 0.03) await participant.leave();
    else if (path !== null) await participant.attempt((client) => client.delete(path));
  }

  /** Lists if something may have changed since. */
  async #look(): Promise<void> {
    const participant = this.#participant;
    if (!this.#hasChanged && participant.sessions === this.#watching) return;
    this.#hasChanged = false;
    const list = await participant.attempt((client) =>
      client.getChildren(this.#parent, () => (this.#hasChanged = true)),
    );
    this.#watching = participant.sessions;
    if (list.outcome === 'ok') this.#view = list.value.children;
    else this.#hasChanged = true;
  }

  /** Is a member, and waits until those are gone that it was before. */
  async #becomeQuiet(): Promise<void> {
    const participant = this.#participant;
    while (!participant.signal.aborted) {
      await participant.insist((client) => client.sync(this.#parent));
      await this.#look();
      if (this.#path === null || participant.sessions !== this.#session) {
        await this.#enter();
        continue;
      }
      const left = this.#leftovers();
      if (!this.#hasChanged && left.length === 0) return;
      // What it was not told that it had made is its session's, and stays as long as this.
      for (const { path, session } of left)
        if (session === participant.sessions) await participant.attempt((client) => client.delete(path));
      await pause(POLL_MS, participant.signal);
    }
  }

  /** Those of its view that it was before. */
  #leftovers(): { readonly path: string; readonly session: number }[] {
    return this.#view.flatMap((name) => {
      const path = `${this.#parent}/${name}`;
      const asked = this.#asked.find((each) => name.startsWith(each.name));
      return asked === undefined || path === this.#path ? [] : [{ path, session: asked.session }];
    });
  }

  async #lookAtLast(): Promise<void> {
    const participant = this.#participant;
    do {
      await participant.insist((client) => client.sync(this.#parent));
      await this.#look();
    } while (this.#hasChanged && !participant.signal.aborted);
    if (!participant.signal.aborted) participant.note({ kind: 'view' } satisfies ViewNote);
  }
}

/**
 * Members are listed from their joining to their leaving or the end of their session; no view goes back; every view's
 * event comes before what it tells of; and when all is quiet all have the same view, of those who are there.
 */
function check({ happenings, root }: RecipeRun): CheckerResult {
  const startedMs = performance.now();
  const log = new FindingLog();
  const members = new Members({ parent: parentOf({ root }), happenings, isSequential: true }, log);
  members.check();
  checkNumbers(members, numberedIn(members), { happenings, log });
  members.checkExpired();
  checkWatches(happenings, log);
  checkViews(members, happenings, log);
  return log.result({
    name: 'group-membership',
    opsChecked: members.exchanges.length,
    durationMs: performance.now() - startedMs,
  });
}

/** The view that a client had in the end: a list, and the sync since which it would have heard of any change. */
interface LastView {
  readonly list: Sighting;
  readonly sync: Exchange;
}

/**
 * What somebody lacks whom another has must have gone between, for nobody joins any more; and what somebody has was not
 * known to be gone.
 */
function checkViews(members: Members, happenings: RecipeRun['happenings'], log: FindingLog): void {
  const notes = notesOf<ViewNote>('view', happenings);
  const views = notes.flatMap(({ client, atNs }) => lastViewOf(client, atNs, members) ?? []);
  const clients = new Set([...members.all()].map(({ add }) => add.client));
  for (const client of clients)
    if (!views.some(({ list }) => list.read.client === client))
      log.unknown('no view', `client ${client} had no view of the group in the end`);
  const all = new Set(views.flatMap(({ list }) => list.names));
  for (const name of all) {
    const member = members.named(name);
    if (member === undefined) continue;
    const having = views.filter(({ list }) => list.names.includes(name));
    for (const { list, sync } of having) {
      if (!isGoneFor(member, sync)) continue;
      log.invalid(
        'outdated view',
        `${name} is in a view in the end [1], and was known to be gone when that client did its sync [2]`,
        [list.read, sync],
      );
    }
    for (const { list, sync } of views) {
      if (list.names.includes(name) || members.mayBeGone(member, knownBy(sync) as Known)) continue;
      // What nobody was told of may be done between.
      if (member.there === null || !isKnownTo(sync, member.there)) continue;
      const others = references(having.length);
      const explanation = `${name} is in the views of some in the end, ${others}, and not in that of another [${having.length + 1}]`;
      log.invalid('views differ', explanation, [...having.map((view) => view.list.read), list.read]);
    }
  }
}

function isGoneFor({ gone, removals }: Member, sync: Exchange): boolean {
  const ends = removals.filter((removal) => fateOf(removal) === 'done').map(knownBy);
  return [gone, ...ends].some((known) => known !== null && isKnownTo(sync, known));
}

function lastViewOf(client: number, atNs: number, members: Members): LastView | null {
  const list = members.sightings.findLast(({ read, only }) => {
    return read.client === client && only === null && answeredNs(read) <= atNs;
  });
  const sync = members.exchanges.findLast(({ op, session, reply }) => {
    const receivedNs = reply?.receivedNs ?? Infinity;
    return op?.f === 'sync' && session === list?.read.session && reply?.err === 0 && receivedNs <= atNs;
  });
  return list === undefined || sync === undefined ? null : { list, sync };
}
