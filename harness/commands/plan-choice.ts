import { whyUnavailable } from '../nemesis/availability.ts';
import type { Fault } from '../nemesis/fault.ts';
import { FAULTS } from '../nemesis/faults.ts';
import { drawPlan } from '../nemesis/plan/draw-plan.ts';
import { faultOf, type Plan, PlanError } from '../nemesis/plan/plan.ts';
import { readPlanFile, refuseImpossible } from '../nemesis/plan/read-plan.ts';
import { isSchedule, planOfSchedule } from '../nemesis/plan/schedule.ts';
import { UsageError } from './exit-code.ts';
import type { TargetPlan } from './target.ts';

/** `--plan` with this draws one from the seed, of everything that the servers can have. */
const DRAWN = 'drawn';

/**
 * The plan that `--plan` means, if it is none already: a file, a schedule in words (`kill-leader every 5 s`), or `drawn`.
 *
 * @throws UsageError for one there is not, that is none, or that these servers can't have.
 */
export function choosePlan(
  wanted: string | Plan,
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
  const text = typeof wanted === 'string' ? wanted : 'of a case';
  if (!target.canCrash) {
    throw new UsageError(
      `--plan ${text}: the servers of --target ${target.name} are not this run's to break; leave it out`,
    );
  }
  const { field } = target;
  const voters = field.servers.flatMap(({ id, isObserver }) => (isObserver ? [] : [id]));
  const options = { seed, durationMs, voters };
  try {
    if (text === DRAWN) {
      return drawPlan({ ...options, faults: faults ?? faultsToDraw(target, seed) });
    }
    const plan =
      typeof wanted !== 'string'
        ? wanted
        : isSchedule(text)
          ? planOfSchedule(text, options)
          : readPlanFile(text);
    refuseImpossible(plan, field);
    return plan;
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
