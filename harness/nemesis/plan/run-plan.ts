import { aimAt } from '../aim-at.ts';
import type { Aim } from '../fault.ts';
import { type Field, votersOf } from '../field.ts';
import { NoEffectError } from '../no-effect.ts';
import { converge, untilMs, untilTheyServe } from './converge.ts';
import { whyNotAtOnce } from './fault-atlas.ts';
import { faultOf, type Plan, type PlanStep } from './plan.ts';
import { planHash } from './plan-hash.ts';
import type { PlanRecord, StepRecord } from './step-record.ts';
import { pause } from '../../ensemble/wait-until.ts';

/** How long a step waits for somebody to hit, besides for a leader to be elected after a silence. */
const AIM_TIMEOUT_MS = 30_000;
const AIM_EVERY_MS = 50;

/**
 * Plays a plan: each step when its time has come, there is somebody to hit, and the faults that are in force leave room
 * for it (`whyNotAtOnce`); then heals everything, waits until all serve and have the same, and, if the plan says so,
 * takes a minority away, sees the others serve, and heals again. `onStep`: whenever a step has come further.
 *
 * Whatever ends it, the end of the run or an error, no process stays stopped and nothing stays imposed.
 *
 * @throws EnsembleError when the servers do not come to serve again.
 */
export function runPlan(
  plan: Plan,
  field: Field,
  onStep: (step: StepRecord) => void = () => {},
): Promise<PlanRecord> {
  return new PlanRun(plan, field, onStep).run();
}

class PlanRun {
  readonly #plan: Plan;
  readonly #field: Field;
  readonly #voters: number;
  readonly #onStep: (step: StepRecord) => void;
  readonly #startedAtMs: number;
  readonly #abort = new AbortController();
  /** In force, from before they are injected until it is seen that they are over. */
  readonly #active = new Map<StepRecord, Aim | null>();
  readonly #aims: Aim[] = [];
  readonly #idle = new Set<() => void>();

  constructor(plan: Plan, field: Field, onStep: (step: StepRecord) => void) {
    const signal = AbortSignal.any([field.signal, this.#abort.signal]);
    this.#plan = plan;
    this.#field = { ...field, signal };
    this.#voters = votersOf(field.ensemble).length;
    this.#onStep = onStep;
    this.#startedAtMs = field.nowMs();
  }

  async run(): Promise<PlanRecord> {
    const { steps, quorumAlone } = this.#plan;
    const records = steps.map((step, index) => this.#recordOf(step, index));
    let quorumServedAfterMs: number | null = null;
    let convergence: string | null = null;
    try {
      await this.#all(records.map((record, index) => this.#play(record, (steps[index] as PlanStep).forMs)));
      convergence = await this.#converge();
      if (quorumAlone !== null && convergence !== null) {
        const record = this.#recordOf({ ...quorumAlone, atMs: this.#sinceStartMs }, null);
        records.push(record);
        quorumServedAfterMs = await this.#leaveAlone(record, quorumAlone);
        convergence = await this.#converge();
      }
    } finally {
      await Promise.allSettled(this.#aims.map((aim) => aim.heal(AbortSignal.abort())));
      for (const record of records) if (record.outcome === 'pending') this.#end(record, 'not-reached', null);
    }
    return {
      planHash: planHash(this.#plan),
      startedAtMs: this.#startedAtMs,
      steps: records,
      quorumServedAfterMs,
      convergence,
    };
  }

  get #sinceStartMs(): number {
    return this.#field.nowMs() - this.#startedAtMs;
  }

  /** The first error ends all of them, and is thrown when they have ended. */
  async #all(works: readonly Promise<void>[]): Promise<void> {
    const ends = await Promise.allSettled(
      works.map((work) =>
        work.catch((error: unknown) => {
          this.#abort.abort();
          throw error;
        }),
      ),
    );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async #play(record: StepRecord, forMs: number): Promise<void> {
    await untilMs(this.#field, record.dueAtMs);
    const aim = await this.#aim(record);
    if (aim === null) return;
    try {
      if (!(await this.#inject(record, aim))) return;
      await untilMs(this.#field, (record.injectedAtMs ?? 0) + forMs);
      await this.#heal(record, aim);
    } finally {
      this.#leave(record);
    }
  }

  /** The others must serve without them, and then are left alone for a while. */
  async #leaveAlone(record: StepRecord, phase: NonNullable<Plan['quorumAlone']>): Promise<number | null> {
    const aim = await this.#aim(record);
    if (aim === null || !(await this.#inject(record, aim))) return null;
    const others = this.#field.ensemble.servers
      .map(({ id }) => id)
      .filter((id) => !aim.serverIds.includes(id));
    const tookMs = await untilTheyServe(this.#field, others, phase.serveWithinMs);
    if (tookMs !== null) {
      record.evidence.push(`servers ${others.join(', ')} served without them after ${Math.round(tookMs)} ms`);
      await pause(phase.forMs, this.#field.signal);
    }
    await this.#heal(record, aim);
    this.#leave(record);
    return tookMs;
  }

  /** Null: the run has ended, or there was nobody to hit all the time. */
  async #aim(record: StepRecord): Promise<Aim | null> {
    const { signal, silenceLimitMs, ensemble } = this.#field;
    const fault = faultOf(record);
    const untilMs = this.#field.nowMs() + AIM_TIMEOUT_MS + 2 * silenceLimitMs;
    for (;;) {
      await this.#untilThereIsRoom(record);
      if (signal.aborted) return null;
      this.#active.set(record, null);
      // A disk is damaged only where all others are there with what they had: they may be all that is left of it.
      const mayAim = fault.toll !== 'disks' || ![...(await ensemble.roles()).values()].includes(null);
      const aim = mayAim ? await aimAt(fault, this.#field, record.params) : null;
      if (aim !== null) return aim;
      this.#leave(record);
      if (this.#field.nowMs() > untilMs) {
        this.#end(record, 'no-effect', 'took no effect: there was nobody to hit all the time');
        return null;
      }
      await pause(AIM_EVERY_MS, signal);
    }
  }

  /** @returns whether it may be held; what took no effect is healed here. */
  async #inject(record: StepRecord, aim: Aim): Promise<boolean> {
    this.#aims.push(aim);
    this.#active.set(record, aim);
    record.serverIds = aim.serverIds;
    record.label = aim.label;
    record.injectedAtMs = this.#field.nowMs();
    this.#onStep(record);
    try {
      await aim.inject();
      record.evidence.push(await aim.proveActive());
    } catch (error) {
      if (!(error instanceof NoEffectError)) throw error;
      // What the end of the run has cut short has shown nothing, and is to be blamed for nothing.
      if (!this.#field.signal.aborted) this.#end(record, 'no-effect', error.message);
      await aim.heal(this.#field.signal);
      return false;
    }
    record.provenAtMs = this.#field.nowMs();
    this.#onStep(record);
    return true;
  }

  async #heal(record: StepRecord, aim: Aim): Promise<void> {
    const { signal } = this.#field;
    record.healingAtMs = this.#field.nowMs();
    await aim.heal(signal);
    record.healedAtMs = this.#field.nowMs();
    try {
      record.evidence.push(await aim.proveHealed());
      record.healProvenAtMs = this.#field.nowMs();
      this.#end(record, 'proven', null);
    } catch (error) {
      if (!(error instanceof NoEffectError)) throw error;
      if (!signal.aborted) this.#end(record, 'not-healed', error.message);
    }
  }

  /** Together with those that are in force. */
  async #untilThereIsRoom(record: StepRecord): Promise<void> {
    const { signal } = this.#field;
    while (!signal.aborted && whyNotAtOnce([...this.#active.keys(), record], this.#voters) !== null) {
      if (this.#active.size === 0) return;
      await new Promise<void>((resolve) => {
        this.#idle.add(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  #leave(record: StepRecord): void {
    this.#active.delete(record);
    for (const wake of this.#idle) wake();
    this.#idle.clear();
  }

  #converge(): Promise<string | null> {
    return this.#field.signal.aborted ? Promise.resolve(null) : converge(this.#field);
  }

  #end(record: StepRecord, outcome: StepRecord['outcome'], why: string | null): void {
    record.outcome = outcome;
    record.why = why;
    if (why !== null) this.#field.note(`${record.label}: ${why}`);
    this.#onStep(record);
  }

  #recordOf({ atMs, fault, params }: Omit<PlanStep, 'forMs'>, index: number | null): StepRecord {
    return {
      index,
      fault,
      effect: faultOf({ fault }).effect,
      params,
      dueAtMs: this.#startedAtMs + atMs,
      serverIds: [],
      label: fault,
      injectedAtMs: null,
      provenAtMs: null,
      healingAtMs: null,
      healedAtMs: null,
      healProvenAtMs: null,
      evidence: [],
      outcome: 'pending',
      why: null,
    };
  }
}
