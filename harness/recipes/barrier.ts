import { FindingLog, references } from '../checkers/finding-log.ts';
import { ErrorCode } from '../../server/wire/error-code.ts';
import { CreateMode } from '../../server/wire/records/create.ts';
import { pause } from '../ensemble/wait-until.ts';
import type { CheckerResult } from '../history/verification.ts';
import { type NoteOf, notesOf } from './exchanges.ts';
import type { Exchange } from '../transcript/happening.ts';
import { fateOf, mayBeDoneBy } from './fate.ts';
import { checkFlags } from './flags.ts';
import { knownBy } from './freshness.ts';
import { answeredNs, Members } from './members.ts';
import type { Participant } from './participant.ts';
import type { Player, Recipe, RecipeRun, Step } from './recipe.ts';
import { ZnodeWatch } from './znode-watch.ts';

/** How many have to be there before one may go in. Who is more than that looks on. */
const PARTIES = 4;
/** Steps that somebody works within, at most. */
const WORK_MAX = 3;
const VANISH_SHARE = 0.01;
const LEAVE_SHARE = 0.005;
const POLL_MS = 50;

/**
 * A double barrier, in rounds: nobody goes in before all have come, and nobody goes out before all have done their work. A
 * party is in a round as long as its ephemeral znode is there; the last to come raises a flag for the others.
 */
export const barrier: Recipe = {
  name: 'barrier',
  doc: 'a double barrier in rounds: nobody enters before all are there, nobody leaves before all are done',
  participants: PARTIES,
  rate: 30,

  async prepare(participant) {
    await participant.insist((client) => client.create(roundOf(participant, 0)));
  },

  join: (participant): Player => new Party(participant),

  async conclude(participant) {
    const { root } = participant;
    await participant.insist((client) => client.sync(root));
    const list = await participant.insist((client) => client.getChildren(root));
    for (const name of list?.outcome === 'ok' ? list.value.children : [])
      if (name.startsWith('round-'))
        await participant.insist((client) => client.getChildren(`${root}/${name}`));
  },

  check,
};

type Where = Pick<Participant, 'root'>;

/** Its children are those who are in the round, or have come for it. */
function roundOf({ root }: Where, round: number): string {
  return `${root}/round-${round}`;
}

/** The flag that all have come. */
function readyOf({ root }: Where, round: number): string {
  return `${root}/ready-${round}`;
}

/** What somebody has done on its side of the barrier. */
type BarrierNote = { readonly kind: 'barrier'; readonly round: number; readonly what: 'in' | 'done' | 'out' };

type Phase = 'coming' | 'there' | 'working' | 'leaving';

class Party implements Player {
  readonly #participant: Participant;
  readonly #watch: ZnodeWatch;
  #phase: Phase = 'coming';
  #round = 0;
  /** Of its znode in this round. */
  #session = 0;
  #workLeft = 0;

  constructor(participant: Participant) {
    this.#participant = participant;
    this.#watch = new ZnodeWatch(participant);
  }

  readonly step = async (): Promise<void> => {
    const participant = this.#participant;
    if (participant.number >= PARTIES) {
      await participant.attempt((client) => client.getChildren(participant.root));
      return;
    }
    const draw = participant.prng.next();
    if (draw < VANISH_SHARE) participant.vanish();
    else if (draw < VANISH_SHARE + LEAVE_SHARE) await participant.leave();
    else await this.#goOn();
  };

  readonly last: readonly Step[] = [() => this.#finish()];

  /** Goes through whatever round anybody has begun, and begins none. */
  async #finish(): Promise<void> {
    const participant = this.#participant;
    while (participant.number < PARTIES && !participant.signal.aborted) {
      await this.#goOn({ beginsRounds: false });
      if (this.#phase === 'coming' && !(await this.#isBegun())) return;
      await pause(POLL_MS, participant.signal);
    }
  }

  async #isBegun(): Promise<boolean> {
    const path = roundOf(this.#participant, this.#round);
    await this.#participant.insist((client) => client.sync(path));
    const round = await this.#participant.insist((client) => client.exists(path));
    return round?.outcome === 'ok' && round.value !== null;
  }

  async #goOn({ beginsRounds = true } = {}): Promise<void> {
    switch (this.#phase) {
      case 'coming':
        if (beginsRounds || (await this.#isBegun())) await this.#come();
        return;
      case 'there':
        await this.#waitForAll();
        return;
      case 'working':
        if (this.#workLeft-- > 0) await this.#work();
        else this.#turnTo('leaving', 'done');
        return;
      case 'leaving':
        await this.#leave();
    }
  }

  async #come(): Promise<void> {
    const participant = this.#participant;
    const path = roundOf(participant, this.#round);
    const round = await participant.attempt((client) => client.create(path));
    const isThere = round.outcome === 'refused' && round.code === ErrorCode.nodeExists;
    if (round.outcome === 'ok' || isThere) await this.#putZnode();
  }

  async #putZnode(): Promise<void> {
    const participant = this.#participant;
    const path = `${roundOf(participant, this.#round)}/${participant.unique().toString()}`;
    const made = await participant.attempt((client) =>
      client.create(path, null, { flags: CreateMode.ephemeral }),
    );
    this.#session = participant.sessions;
    if (made.outcome === 'ok') this.#phase = 'there';
  }

  async #waitForAll(): Promise<void> {
    const participant = this.#participant;
    if (!(await this.#watch.isOver())) return;
    const ready = readyOf(participant, this.#round);
    if ((await this.#watch.set(ready)) === true) {
      this.#goIn();
      return;
    }
    if (participant.sessions !== this.#session) {
      await this.#putZnode();
      return;
    }
    const names = await this.#look();
    if (names === null || new Set(names.map(partyIn)).size < PARTIES) return;
    const raised = await participant.attempt((client) => client.create(ready));
    if (raised.outcome === 'ok') this.#goIn();
    else this.#watch.forget();
  }

  #goIn(): void {
    this.#workLeft = this.#participant.prng.below(WORK_MAX + 1);
    this.#turnTo('working', 'in');
  }

  async #work(): Promise<void> {
    await this.#participant.attempt((client) => client.getChildren(roundOf(this.#participant, this.#round)));
  }

  /** Takes away all that is its own, whatever session it was of, and waits for one of the others. */
  async #leave(): Promise<void> {
    const participant = this.#participant;
    const path = roundOf(participant, this.#round);
    if (!(await this.#watch.isOver())) return;
    // Another session may be shown what was before the flag was raised.
    const synced = await participant.attempt((client) => client.sync(path));
    const names = synced.outcome === 'ok' ? await this.#look() : null;
    if (names === null) return;
    const own = names.filter((name) => partyIn(name) === participant.number);
    for (const name of own) await participant.attempt((client) => client.delete(`${path}/${name}`));
    if (own.length > 0) return;
    const [other] = names;
    if (other !== undefined) {
      if ((await this.#watch.set(`${path}/${other}`)) !== true) this.#watch.forget();
      return;
    }
    this.#turnTo('coming', 'out');
    this.#round++;
  }

  async #look(): Promise<readonly string[] | null> {
    const path = roundOf(this.#participant, this.#round);
    const list = await this.#participant.attempt((client) => client.getChildren(path));
    return list.outcome === 'ok' ? list.value.children : null;
  }

  #turnTo(phase: Phase, what: BarrierNote['what']): void {
    this.#phase = phase;
    this.#watch.forget();
    this.#participant.note({ kind: 'barrier', round: this.#round, what } satisfies BarrierNote);
  }
}

/** `3.17` is participant 3's. */
function partyIn(name: string): number {
  return Number(name.split('.')[0]);
}

/**
 * Whoever is in has been told so after all have come; whoever is out, after nobody was in any more who had come before
 * the flag and was not done and certainly alive; the flags are raised once and stay; and in the end all are out of the
 * same round.
 */
function check({ happenings, root }: RecipeRun): CheckerResult {
  const startedMs = performance.now();
  const log = new FindingLog();
  const notes = notesOf<BarrierNote>('barrier', happenings);
  const rounds = 1 + Math.max(0, ...notes.map(({ note }) => note.round));
  let opsChecked = 0;
  for (let round = 0; round < rounds; round++) {
    const [parent, ready] = [roundOf({ root }, round), readyOf({ root }, round)];
    const members = new Members({ parent, happenings, isSequential: false }, log);
    members.check();
    members.lastList();
    const flags = members.exchanges.filter(({ op }) => {
      return (op?.f === 'create2' || op?.f === 'exists') && (op.path === parent || op.path === ready);
    });
    checkFlags(flags, log);
    const ofRound = notes.filter(({ note }) => note.round === round);
    checkIn(members, ofRound, log);
    checkOut(members, ofRound, { ready, log });
    opsChecked = members.exchanges.length;
  }
  checkFinished(notes, log);
  return log.result({ name: 'barrier', opsChecked, durationMs: performance.now() - startedMs });
}

function checkIn(members: Members, notes: readonly NoteOf<BarrierNote>[], log: FindingLog): void {
  for (const { client, atNs, note } of notes) {
    if (note.what !== 'in') continue;
    const come = new Map<number, Exchange>();
    for (const { add } of members.all()) if (mayBeDoneBy(add, atNs)) come.set(add.client, add);
    if (come.size >= PARTIES) continue;
    const only =
      come.size === 0
        ? 'nobody had come'
        : `only ${[...come.keys()].join(', ')} had come: ${references(come.size, 2)}`;
    const explanation = `${client} is in round ${note.round} [1], for which ${only}`;
    log.invalid('in before all had come', explanation, [
      { type: 'note', client, atNs, note },
      ...come.values(),
    ]);
  }
}

/** Who comes once more, for its first session has ended, may do so when the others have gone out. */
function checkOut(
  members: Members,
  notes: readonly NoteOf<BarrierNote>[],
  { ready, log }: { readonly ready: string; readonly log: FindingLog },
): void {
  const raised = members.exchanges.find(({ op, ...rest }) => {
    return op?.f === 'create2' && op.path === ready && fateOf({ op, ...rest }) !== 'refused';
  });
  for (const { client, atNs, note } of notes) {
    if (note.what !== 'out') continue;
    const look = members.sightings.findLast(({ read, only }) => {
      return only === null && read.client === client && answeredNs(read) <= atNs;
    });
    const known = look && knownBy(look.read);
    if (look === undefined || known == null) {
      log.unknown(
        'out without a look',
        `${client} is out of round ${note.round} [1], and has not seen who is in`,
        [{ type: 'note', client, atNs, note }],
      );
      continue;
    }
    for (const member of members.all()) {
      const { add, key } = member;
      if (raised === undefined || answeredNs(add) >= raised.sentNs) continue;
      if (!members.freshness.mustShowWrite(look.read, add)) continue;
      if (members.mayBeGone(member, { ...known, atNs })) continue;
      const seen = `${key} has come [1], ${client} has looked who is in [2]`;
      const explanation = `${seen} and is out of round ${note.round} [3] while ${key} still is in`;
      const out = { type: 'note', client, atNs, note } as const;
      log.invalid('out before all were done', explanation, [add, look.read, out]);
    }
  }
}

function checkFinished(notes: readonly NoteOf<BarrierNote>[], log: FindingLog): void {
  const last = new Map<number, BarrierNote>();
  for (const { client, note } of notes) last.set(client, note);
  const rounds = new Set([...last.values()].map(({ round }) => round));
  const isFinished = last.size >= PARTIES && rounds.size === 1;
  if (isFinished && [...last.values()].every(({ what }) => what === 'out')) return;
  log.unknown('not finished', 'in the end not all are out of the same round');
}
