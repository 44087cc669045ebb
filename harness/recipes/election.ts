import { FindingLog } from '../checkers/finding-log.ts';
import { ErrorCode } from '../../server/wire/error-code.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import { CreateMode } from '../../server/wire/records/create.ts';
import { OPEN_ACL } from '../client/client.ts';
import { pause } from '../ensemble/wait-until.ts';
import type { CheckerResult } from '../history/verification.ts';
import type { Exchange } from '../transcript/happening.ts';
import { measureBeliefs, noteBelief } from './beliefs.ts';
import { notesOf } from './exchanges.ts';
import { fateOf } from './fate.ts';
import { checkFence, unguarded, writeFenced, writeLate } from './fence.ts';
import { knownBy } from './freshness.ts';
import { answeredNs, Members } from './members.ts';
import { partsOf } from './multi-parts.ts';
import { checkNumbers, numberedIn, numberIn } from './numbers.ts';
import type { Participant } from './participant.ts';
import { PlaceInLine } from './place-in-line.ts';
import { childrenIn } from './read-reply.ts';
import type { Player, Recipe, RecipeRun, Step } from './recipe.ts';

const RESIGN_SHARE = 0.06;
const LEAVE_SHARE = 0.02;
const VANISH_SHARE = 0.02;
/** Of the steps of who has led, after how many it works as if it still did, until it is refused. */
const LATE_SHARE = 0.3;
const POLL_MS = 50;

/**
 * Candidates in a line of ephemeral sequential znodes, of whom the first leads. It opens an epoch under its number and
 * does its work in it, for as long as its candidature is there; and in the end all know the same leader.
 */
export const election: Recipe = {
  name: 'election',
  doc: 'candidates in a line; the first opens an epoch of its own and works in it; all agree in the end',
  participants: 5,
  rate: 30,

  async prepare(participant) {
    for (const path of [lineOf(participant), epochsOf(participant)])
      await participant.insist((client) => client.create(path));
    await participant.insist((client) => client.create(workOf(participant), unguarded(participant)));
  },

  join: (participant): Player => new Candidate(participant),

  async conclude(participant) {
    await participant.insist((client) => client.sync(participant.root));
    await participant.insist((client) => client.getData(workOf(participant)));
    await participant.insist((client) => client.getChildren(epochsOf(participant)));
    await participant.insist((client) => client.getChildren(lineOf(participant)));
  },

  check,

  measure: ({ happenings }) => measureBeliefs(happenings),
};

function lineOf({ root }: Pick<Participant, 'root'>): string {
  return `${root}/candidates`;
}

function epochsOf({ root }: Pick<Participant, 'root'>): string {
  return `${root}/epochs`;
}

function workOf({ root }: Pick<Participant, 'root'>): string {
  return `${root}/work`;
}

/** Whom somebody takes for the leader when all is quiet: its candidature's name. */
type AgreementNote = { readonly kind: 'agreement'; readonly leader: string };

class Candidate implements Player {
  readonly #participant: Participant;
  readonly #place: PlaceInLine;
  /** The place for which it believes to lead. */
  #leads: string | null = null;
  #hasOpened = false;
  /** One for which it has led; it may not know yet that it is over. */
  #former: string | null = null;

  constructor(participant: Participant) {
    this.#participant = participant;
    this.#place = new PlaceInLine(participant, lineOf(participant));
  }

  readonly step = async (): Promise<void> => {
    const isLate = this.#former !== null && this.#participant.prng.next() < LATE_SHARE;
    if (isLate) await this.#workLate(this.#former as string);
    else if (this.#leads === null) await this.#follow();
    else if (this.#place.path !== this.#leads) this.#stopLeading();
    else await this.#lead(this.#leads);
  };

  readonly last: readonly Step[] = [
    () => this.#beCandidate(),
    () => this.#settle(),
    () => this.#agree(),
    // It still has the session of its candidature.
    async () => void (await this.#participant.insist((client) => client.sync(lineOf(this.#participant)))),
  ];

  async #follow(): Promise<void> {
    if (!(await this.#place.isFirst())) return;
    this.#leads = this.#place.path;
    this.#hasOpened = false;
    if (this.#leads !== null) noteBelief(this.#participant, true);
  }

  async #lead(place: string): Promise<void> {
    const participant = this.#participant;
    const draw = participant.prng.next();
    if (draw < VANISH_SHARE) {
      participant.vanish();
      this.#stopLeading();
    } else if (draw < VANISH_SHARE + LEAVE_SHARE) {
      this.#stopLeading();
      await participant.leave();
    } else if (draw < VANISH_SHARE + LEAVE_SHARE + RESIGN_SHARE) {
      this.#former = place;
      noteBelief(participant, false);
      this.#leads = null;
      await this.#place.leave();
    } else if (this.#hasOpened) {
      const attempt = await writeFenced(participant, { place, guard: workOf(participant) });
      if (attempt.outcome === 'refused') this.#stopLeading();
    } else {
      await this.#openEpoch(place);
    }
  }

  async #openEpoch(place: string): Promise<void> {
    const participant = this.#participant;
    const path = `${epochsOf(participant)}/${numberIn(place)}`;
    const request = { path, data: null, acl: OPEN_ACL, flags: CreateMode.persistent };
    const attempt = await writeFenced(participant, { place, guard: workOf(participant) }, [
      { type: OpCode.create2, request },
    ]);
    // It may have been the one that nobody answered.
    const isThere = attempt.outcome === 'refused' && attempt.code === ErrorCode.nodeExists;
    if (attempt.outcome === 'ok' || isThere) this.#hasOpened = true;
    else if (attempt.outcome === 'refused') this.#stopLeading();
  }

  async #workLate(place: string): Promise<void> {
    this.#former = await writeLate(this.#participant, { place, guard: workOf(this.#participant) });
  }

  #stopLeading(): void {
    noteBelief(this.#participant, false);
    this.#former = this.#leads;
    this.#leads = null;
    this.#place.forget();
  }

  async #beCandidate(): Promise<void> {
    while (this.#place.path === null && !this.#participant.signal.aborted)
      if (!(await this.#place.take())) await pause(POLL_MS, this.#participant.signal);
  }

  /** Waits until nobody is in the line any more for a session that it has had before. */
  async #settle(): Promise<void> {
    const participant = this.#participant;
    while (!participant.signal.aborted) {
      await this.#beCandidate();
      const names = await this.#lookAfterSync();
      const clients = new Set(names?.map((name) => name.split('.')[0]));
      if (names !== null && names.length === clients.size && this.#place.path !== null) return;
      await pause(POLL_MS, participant.signal);
    }
  }

  async #agree(): Promise<void> {
    const names = await this.#lookAfterSync();
    const leader = names?.[0];
    if (leader !== undefined) this.#participant.note({ kind: 'agreement', leader } satisfies AgreementNote);
  }

  async #lookAfterSync(): Promise<readonly string[] | null> {
    await this.#participant.insist((client) => client.sync(lineOf(this.#participant)));
    return this.#place.look();
  }
}

/**
 * By the servers' order there is one leader at a time, and no work of an earlier one is accepted after that of a later
 * one; an epoch is opened once and stays; candidatures last as long as their sessions; and in the end all agree.
 */
function check({ happenings, root }: RecipeRun): CheckerResult {
  const startedMs = performance.now();
  const log = new FindingLog();
  const members = new Members({ parent: lineOf({ root }), happenings, isSequential: true }, log);
  members.check();
  members.lastList();
  const numbered = numberedIn(members);
  checkNumbers(members, numbered, { happenings, log });
  checkFence({ members, numbered, guard: workOf({ root }) }, log);
  checkEpochs(members.exchanges, epochsOf({ root }), log);
  checkAgreement(members, happenings, log);
  return log.result({
    name: 'election',
    opsChecked: members.exchanges.length,
    durationMs: performance.now() - startedMs,
  });
}

function checkEpochs(exchanges: readonly Exchange[], parent: string, log: FindingLog): void {
  const openings = new Map<string, Exchange[]>();
  for (const exchange of exchanges.flatMap(partsOf)) {
    const { op } = exchange;
    if (op?.f !== 'create2' || !op.path.startsWith(`${parent}/`)) continue;
    const name = op.path.slice(parent.length + 1);
    const others = openings.get(name) ?? [];
    openings.set(name, [...others, exchange]);
    checkOpening(name, exchange, { others, log });
  }
  const last = exchanges.findLast(({ op }) => op?.f === 'getChildren' && op.path === parent);
  const names = last === undefined ? undefined : childrenIn(last)?.children;
  if (last === undefined || names === undefined) {
    log.unknown('not read in the end', `${parent} was not read in the end`);
    return;
  }
  for (const name of names) {
    if (openings.get(name)?.some((each) => fateOf(each) !== 'refused') === true) continue;
    log.invalid('epoch nobody opened', `epoch ${name} is there [1], and nobody has opened it`, [last]);
  }
  for (const [name, asked] of openings) {
    const opening = asked.find((each) => fateOf(each) === 'done');
    if (opening !== undefined && !names.includes(name))
      log.invalid('lost epoch', `epoch ${name} was opened [1] and is not there [2]`, [opening, last]);
  }
}

/** `others`: that were asked for before. */
function checkOpening(
  name: string,
  opening: Exchange,
  { others, log }: { readonly others: readonly Exchange[]; readonly log: FindingLog },
): void {
  const done = others.find((other) => fateOf(other) === 'done');
  if (fateOf(opening) === 'done' && done !== undefined)
    log.invalid('opened twice', `epoch ${name} was opened [1], and opened once more [2]`, [done, opening]);
  const isTaken = others.some((other) => fateOf(other) !== 'refused');
  if (opening.reply?.err === ErrorCode.nodeExists && !isTaken)
    log.invalid(
      'epoch nobody opened',
      `epoch ${name} was there for one who was to open it [1], before anybody had`,
      [opening],
    );
}

function checkAgreement(members: Members, happenings: RecipeRun['happenings'], log: FindingLog): void {
  const notes = notesOf<AgreementNote>('agreement', happenings);
  const clients = new Set([...members.all()].map(({ add }) => add.client));
  for (const { client } of notes) clients.delete(client);
  if (clients.size > 0)
    log.unknown('no agreement', `in the end ${[...clients].join(', ')} did not say who leads`);
  const [first] = [...notes].sort((a, b) => numberIn(a.note.leader) - numberIn(b.note.leader));
  for (const { client, atNs, note } of notes) {
    if (first === undefined || note.leader === first.note.leader) continue;
    const ofBoth = [{ type: 'note', ...first } as const, { type: 'note', client, atNs, note } as const];
    const explanation = `${first.client} follows ${first.note.leader} [1], and ${client} follows ${note.leader} [2]`;
    const list = members.sightings.findLast(({ read }) => read.client === client && answeredNs(read) <= atNs);
    const known = list && knownBy(list.read);
    const leader = members.named(first.note.leader);
    if (list === undefined || known == null || leader === undefined || members.mayBeGone(leader, known))
      log.unknown('no agreement', explanation, ofBoth);
    else {
      const why = `${first.note.leader} had taken its place [3] and was in the line when ${client} looked [4]`;
      log.invalid('different leaders', `${explanation}; ${why}`, [...ofBoth, leader.add, list.read]);
    }
  }
}
