import { whyUnavailable } from '../nemesis/availability.ts';
import type { Fault } from '../nemesis/fault.ts';
import { FAULTS } from '../nemesis/faults.ts';
import { drawPlan } from '../nemesis/plan/draw-plan.ts';
import { faultOf, type Plan, type PlanDocument, PlanError } from '../nemesis/plan/plan.ts';
import { readPlanFile, refuseImpossible } from '../nemesis/plan/read-plan.ts';
import { isSchedule, planOfSchedule } from '../nemesis/plan/schedule.ts';
import { UsageError } from './exit-code.ts';
import type { TargetPlan } from './target.ts';

/** `--plan` with this draws one from the seed, of everything that the servers can have. */
const DRAWN = 'drawn';

/** What `--plan` means. */
export type PlanSource =
  /** One is to be drawn from the seed. */
  | { readonly type: 'drawn'; readonly text: string }
  /** In words: `kill-leader every 5 s`. */
  | { readonly type: 'schedule'; readonly text: string }
  /** Of the file `text`. */
  | { readonly type: 'file'; readonly text: string; readonly document: PlanDocument };

/** @throws UsageError for a file that cannot be read, or is no plan. */
export function planSourceOf(text: string): PlanSource {
  if (text === DRAWN) return { type: 'drawn', text };
  if (isSchedule(text)) return { type: 'schedule', text };
  return { type: 'file', text, document: orUsageError(text, () => readPlanFile(text)) };
}

/**
 * The plan itself.
 *
 * @throws UsageError for one that is none, or that these servers can't have.
 */
export function choosePlan(
  source: PlanSource,
  {
    target,
    seed,
    durationMs,
    faults,
  }: {
    readonly target: TargetPlan;
    readonly seed: number;
    readonly durationMs: number;
    /** To draw from; all that these servers can have unless told. */
    readonly faults?: readonly Fault[] | undefined;
  },
): Plan {
  const { text } = source;
  const isForAll = source.type === 'file' && isOfNothing(source.document.plan);
  if (!target.canCrash && !isForAll) {
    throw new UsageError(
      `--plan ${text}: the servers of --target ${target.name} are not this run's to break; leave it out`,
    );
  }
  const { field } = target;
  const options = { seed, durationMs, voters: votersIn(target) };
  if (source.type === 'drawn') {
    return drawPlan({ ...options, faults: faults ?? faultsToDraw(target, seed) });
  }
  return orUsageError(text, () => {
    const plan = source.type === 'file' ? source.document.plan : planOfSchedule(text, options);
    refuseImpossible(plan, field);
    return plan;
  });
}

/** Ids of the servers that are known to have a vote. */
export function votersIn({ field }: Pick<TargetPlan, 'field'>): number[] {
  return field.servers.flatMap(({ id, isObserver }) => (isObserver ? [] : [id]));
}

/** Nothing goes wrong in it. */
export function isOfNothing({ steps, quorumAlone }: Plan): boolean {
  return steps.length === 0 && quorumAlone === null;
}

function orUsageError<T>(text: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    throw new UsageError(`--plan ${text}: ${error.message}`, { cause: error });
  }
}

/** Those of the network and those of the members do not go together: a seed has the ones or the others. */
function faultsToDraw({ field }: TargetPlan, seed: number): Fault[] {
  const hasNetwork = seed % 2 === 0;
  return [...FAULTS.values()].filter(
    (fault) =>
      whyUnavailable(fault, field) === null &&
      (hasNetwork ? fault.exclusive !== 'members' : fault.needs.network !== true),
  );
}

/** All that are in it. */
export function faultsIn({ steps, quorumAlone }: Plan): Fault[] {
  const named = quorumAlone === null ? steps : [...steps, quorumAlone];
  return [...new Set(named.map((step) => faultOf(step)))];
}
