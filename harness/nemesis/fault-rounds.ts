import type { Prng } from '../../server/base/prng.ts';
import {
  type Ensemble,
  EnsembleError,
  type EnsembleServer,
  leaderOf,
  type Roles,
} from '../ensemble/ensemble.ts';
import { roleOf } from '../ensemble/server-role.ts';
import { pause, type WaitEnd, waitUntil } from '../ensemble/wait-until.ts';
import type { LoadControl } from '../load/run-load.ts';
import type { ServerControls } from './control/server-controls.ts';
import { aimAt } from './aim-at.ts';
import type { Aim, Fault, FaultParams, FaultRound } from './fault.ts';
import type { ProxiedNetwork } from '../toxiproxy/proxied-network.ts';
import { createField, type Field, votersOf } from './field.ts';
import { NoEffectError } from './no-effect.ts';

/** What a round of any fault needs. */
export interface RoundPlan {
  readonly ensemble: Ensemble;
  /** Into the servers' processes; null unless told. */
  /** See `Field`. */
  readonly network?: ProxiedNetwork | null;
  readonly controls?: ServerControls | null;
  /** After how long a silence servers give each other up: `syncLimit` ticks. */
  readonly silenceLimitMs: number;
  /** How long the ensemble may take to serve again, besides noticing a silence; 60 000 unless told. */
  readonly serveTimeoutMs?: number;
  readonly prng: Prng;
  readonly note: (line: string) => void;
  /** As soon as a round begins; it is filled in after that. What a run that ends early has seen is not lost. */
  readonly onRound: (round: FaultRound) => void;
}

export interface RoundsPlan extends RoundPlan {
  readonly fault: Fault;
  readonly rounds: number;
  /** A victim may be hit once more before it is back; in several rounds it may, unless told. */
  readonly mayHitAgain?: boolean;
  /** How long the measurement lasts; the one fault of an ordinary run comes after 60 % of it. */
  readonly durationMs: number;
}

/** With several rounds, how long the servers are left alone between them: they may not even have recovered. */
const PAUSE_MIN_MS = 20;
const PAUSE_MAX_MS = { alone: 400, ensemble: 1000 } as const;
const ONE_ROUND_AT = 0.6;
/** How long the load goes on at least once the last victim serves: clients must be seen to come back. */
const SEEN_RECOVERED_MS = 1000;
/** How often a paused server goes on before the others have given it up, or just then. */
const WOKEN_EARLY_SHARE = 0.25;
const SERVE_TIMEOUT_MS = 60_000;
/** Between two questions to a server whether it leads. */
export const ELECTION_POLL_MS = 10;
const WHOLE_POLL_MS = 50;
const LOGS_SHOWN_MAX = 3;

/**
 * Breaks servers under load and mends them again, round by round. One round in an ordinary run; as many as told, at
 * random moments, in a run that looks for what a fault can lose or how long it costs. Between two rounds all servers
 * serve, with one leader.
 *
 * @throws EnsembleError when the ensemble does not come to serve again.
 */
export async function runFaultRounds(load: LoadControl, plan: RoundsPlan): Promise<void> {
  const { fault, rounds, note, mayHitAgain = rounds > 1 } = plan;
  for (let number = 1; number <= rounds; number++) {
    await pause(pauseBefore(plan), load.signal);
    if (load.signal.aborted) break;
    if (rounds === 1) await load.enterPhase('crash');
    const onRound = (round: FaultRound): void => {
      plan.onRound(round);
      if (rounds === 1) note(`${round.label}, under load`);
    };
    const round = await runRound(load, { ...plan, onRound }, { fault, mayHitAgain });
    if (round === null) break;
    if (rounds === 1) await load.enterPhase('recovery');
    if (rounds === 1) note(describeRound(round));
    else if (plan.ensemble.servers.length > 1) note(`${number} of ${rounds}: ${describeRound(round)}`);
    else if (number % 10 === 0 || number === rounds) note(`${number} of ${rounds} kills`);
  }
  await pause(SEEN_RECOVERED_MS, load.signal);
}

export interface RoundChoice {
  readonly fault: Fault;
  readonly mayHitAgain: boolean;
}

/**
 * Breaks and mends once.
 * @returns null if the run ended first, or nobody was there to be hit.
 */
export function runRound(
  load: LoadControl,
  plan: RoundPlan,
  choice: RoundChoice,
): Promise<FaultRound | null> {
  return new Round(load, plan, choice).run();
}

class Round {
  readonly #load: LoadControl;
  readonly #plan: RoundPlan;
  readonly #fault: Fault;
  readonly #mayHitAgain: boolean;
  readonly #field: Field;
  readonly #toldOfWaiting = new Set<number>();
  #leaderBefore: number | null = null;

  constructor(load: LoadControl, plan: RoundPlan, { fault, mayHitAgain }: RoundChoice) {
    this.#load = load;
    this.#plan = plan;
    this.#fault = fault;
    this.#mayHitAgain = mayHitAgain;
    this.#field = createField({
      ensemble: plan.ensemble,
      controls: plan.controls ?? null,
      network: plan.network ?? null,
      silenceLimitMs: plan.silenceLimitMs,
      nowMs: () => load.nowMs(),
      hasAcknowledged: (sinceMs) => load.hasAcknowledged(sinceMs),
      signal: load.signal,
      note: plan.note,
    });
  }

  async run(): Promise<FaultRound | null> {
    const { ensemble, prng, onRound } = this.#plan;
    const roles = await this.#untilWhole(null);
    if (roles === null) return null;
    this.#leaderBefore = leaderOf(roles);
    const shape = { voters: votersOf(ensemble), mayHitAgain: this.#mayHitAgain };
    const params = this.#fault.params.parse(this.#fault.draw(prng, shape));
    const aim = await aimAt(this.#fault, this.#field, params);
    if (aim === null) return null;

    const round = this.#begin(aim, params);
    onRound(round);
    try {
      await aim.inject();
      await this.#prove(round, () => aim.proveActive());
      const others = ensemble.servers.filter(({ id }) => !aim.serverIds.includes(id));
      // Nobody notices what took no effect.
      const isServingWithout = round.noEffect !== null || (await this.#hold(round, others));
      if (this.#load.signal.aborted) return null;
      return (await this.#heal(round, aim, isServingWithout)) ? round : null;
    } finally {
      // Whatever has happened; of a round that went well there is nothing left to heal.
      await aim.heal(AbortSignal.abort());
    }
  }

  /** What a fault says of itself is no failure of the run, and makes its verdict unknown. */
  async #prove(round: FaultRound, prove: () => Promise<string>): Promise<void> {
    try {
      round.evidence.push(await prove());
    } catch (error) {
      if (!(error instanceof NoEffectError)) throw error;
      if (this.#load.signal.aborted) return;
      round.noEffect ??= error.message;
      this.#plan.note(`${round.label}: ${error.message}`);
    }
  }

  /** @returns whether the run still goes on. */
  async #heal(round: FaultRound, aim: Aim, isServingWithout: boolean): Promise<boolean> {
    const { ensemble } = this.#plan;
    const { signal } = this.#load;
    const { effect } = this.#fault;
    const beganAtMs = this.#load.nowMs();
    const healing = aim.heal(signal);
    if (ensemble.servers.length === 1) {
      await healing;
      await this.#prove(round, () => aim.proveHealed());
      round.mendedAtMs = round.servedAtMs = this.#load.nowMs();
      return !signal.aborted;
    }
    round.mendedAtMs = beganAtMs;
    if (effect === 'paused') this.#tellPause(round, beganAtMs);
    // A paused leader says that it leads for a moment after it goes on, so that alone is no proof.
    const isSoonSeen = isServingWithout || effect === 'paused';
    await Promise.all([healing, ...(isSoonSeen ? [] : [this.#untilServing(round, ensemble.servers)])]);
    if ((await this.#untilWhole(round)) === null) return false;
    round.rejoinedAtMs = this.#load.nowMs();
    await this.#prove(round, () => aim.proveHealed());
    if (round.servedAtMs === null) await this.#untilServing(round, ensemble.servers);
    return !signal.aborted;
  }

  get #timeoutMs(): number {
    const { serveTimeoutMs = SERVE_TIMEOUT_MS, silenceLimitMs } = this.#plan;
    return serveTimeoutMs + 2 * silenceLimitMs;
  }

  #begin({ serverIds, label }: Aim, params: FaultParams): FaultRound {
    const { name: fault, effect } = this.#fault;
    return {
      fault,
      step: { fault, params },
      effect,
      label,
      serverIds,
      injectedAtMs: this.#load.nowMs(),
      evidence: [],
      noEffect: null,
      electedAtMs: null,
      leaderId: null,
      servedAtMs: null,
      mendedAtMs: null,
      rejoinedAtMs: null,
    };
  }

  /** The time between injecting and healing. @returns whether the others served in it. */
  async #hold(round: FaultRound, others: readonly EnsembleServer[]): Promise<boolean> {
    const { ensemble, prng, silenceLimitMs } = this.#plan;
    const { effect, lasts } = this.#fault;
    const canServe = hasMajority(others, ensemble.servers);
    if (effect === 'paused' && (!canServe || prng.next() < WOKEN_EARLY_SHARE)) {
      // Also a little longer than the limit: to go on while the others elect is the worst moment there is.
      await pause(prng.next() * 1.2 * silenceLimitMs, this.#load.signal);
      return false;
    }
    if (effect === 'disturbed') {
      await pause(lasts.minMs + prng.next() * (lasts.maxMs - lasts.minMs), this.#load.signal);
      return false;
    }
    if (effect === 'replaced' || !canServe) return false;
    await this.#untilServing(round, others);
    return true;
  }

  #tellPause(round: FaultRound, untilMs: number): void {
    const ms = Math.round(untilMs - round.injectedAtMs);
    round.label = round.label.replace('paused', `paused for ${ms} ms`);
    if (round.servedAtMs === null) round.fault += ', woken early';
  }

  /** Waits for one of these to lead, and then for a write that is acknowledged. */
  async #untilServing(round: FaultRound, servers: readonly EnsembleServer[]): Promise<void> {
    const timeoutMs = this.#timeoutMs;
    const leader = await this.#untilLeader(round, servers, timeoutMs);
    if (leader === null) return;
    // A leader that was ended may be elected again; one that was paused or disturbed may simply go on.
    const hasEnded = round.effect === 'killed' || round.effect === 'replaced';
    const mayBeAgain = hasEnded && round.serverIds.includes(leader.id);
    if (leader.id !== this.#leaderBefore || mayBeAgain) {
      round.leaderId = leader.id;
      round.electedAtMs = leader.atMs;
    }
    const end = await waitUntil(async () => this.#load.hasAcknowledged(leader.atMs), {
      timeoutMs,
      signal: this.#load.signal,
    });
    if (end === 'timeout')
      throw this.#failure(round, `no operation has succeeded for ${timeoutMs} ms`, servers);
    if (end === 'met') round.servedAtMs = this.#load.nowMs();
  }

  /** Null if the run ended first. */
  async #untilLeader(
    round: FaultRound,
    servers: readonly EnsembleServer[],
    timeoutMs: number,
  ): Promise<{ readonly id: number; readonly atMs: number } | null> {
    let leader: { readonly id: number; readonly atMs: number } | null = null;
    const isFound = async ({ id, clientAddress }: EnsembleServer): Promise<boolean> => {
      const role = leader === null ? await roleOf(clientAddress) : null;
      if (role === 'leader' || role === 'standalone') leader ??= { id, atMs: this.#load.nowMs() };
      return leader !== null;
    };
    // Each at its own pace: the slow answer of one must not hold up the others.
    const ends = await Promise.all(
      servers.map((server) =>
        waitUntil(() => isFound(server), {
          timeoutMs,
          everyMs: ELECTION_POLL_MS,
          signal: this.#load.signal,
          onWaiting: (waitedMs) => this.#waiting('a leader', waitedMs),
        }),
      ),
    );
    if (ends.includes('timeout')) throw this.#failure(round, `nobody has led for ${timeoutMs} ms`, servers);
    return leader;
  }

  /** Who is what, once everybody is something and one leads. Null if the run ended first. */
  async #untilWhole(round: FaultRound | null): Promise<Roles | null> {
    const { ensemble } = this.#plan;
    const timeoutMs = this.#timeoutMs;
    let roles: Roles = new Map();
    const end: WaitEnd = await waitUntil(
      async () => {
        roles = await ensemble.roles();
        return isWhole(roles);
      },
      {
        timeoutMs,
        everyMs: WHOLE_POLL_MS,
        signal: this.#load.signal,
        onWaiting: (waitedMs) => this.#waiting('all servers to serve', waitedMs),
      },
    );
    if (end === 'met') return roles;
    if (end === 'aborted') return null;
    const missing = ensemble.servers.filter(({ id }) => (roles.get(id) ?? null) === null);
    throw this.#failure(round, `not all servers serve after ${timeoutMs} ms`, missing);
  }

  #waiting(what: string, waitedMs: number): void {
    // Several wait for the same at the same time.
    if (!this.#toldOfWaiting.has(Math.round(waitedMs / 1000))) {
      this.#plan.note(`still waiting for ${what}, after ${Math.round(waitedMs / 1000)} s`);
    }
    this.#toldOfWaiting.add(Math.round(waitedMs / 1000));
  }

  #failure(round: FaultRound | null, what: string, servers: readonly EnsembleServer[]): EnsembleError {
    const logs = servers
      .slice(0, LOGS_SHOWN_MAX)
      .map(({ id, logFile }) => `the end of ${logFile}:\n${this.#plan.ensemble.logTail(id)}`);
    const after = round === null ? '' : `${round.label}: `;
    return new EnsembleError([`${after}${what}`, ...logs].join('; '));
  }
}

/** Of those with a vote. */
function hasMajority(some: readonly EnsembleServer[], all: readonly EnsembleServer[]): boolean {
  return votersOf({ servers: some }).length > votersOf({ servers: all }).length / 2;
}

function isWhole(roles: Roles): boolean {
  const all = [...roles.values()];
  return !all.includes(null) && all.filter((role) => role === 'leader' || role === 'standalone').length === 1;
}

export function describeRound({ label, injectedAtMs, ...round }: FaultRound): string {
  const after = (atMs: number): string => `${((atMs - injectedAtMs) / 1000).toFixed(2)} s later`;
  return [
    label,
    ...(round.electedAtMs === null ? [] : [`server ${round.leaderId} leads ${after(round.electedAtMs)}`]),
    ...(round.rejoinedAtMs === null ? [] : [`all serve ${after(round.rejoinedAtMs)}`]),
    ...(round.rejoinedAtMs === null && round.servedAtMs !== null
      ? [`serves ${after(round.servedAtMs)}`]
      : []),
  ].join(', ');
}

function pauseBefore({ rounds, durationMs, prng, ensemble }: RoundsPlan): number {
  if (rounds === 1) return durationMs * ONE_ROUND_AT;
  const max = ensemble.servers.length === 1 ? PAUSE_MAX_MS.alone : PAUSE_MAX_MS.ensemble;
  return PAUSE_MIN_MS + prng.next() * (max - PAUSE_MIN_MS);
}
