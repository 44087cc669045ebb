import { whyUnavailable } from '../nemesis/availability.ts';
import { FAULTS } from '../nemesis/faults.ts';
import type { Fault } from '../nemesis/fault.ts';
import { UsageError } from './exit-code.ts';
import type { TargetPlan } from './target.ts';

/** As given on the command line. */
export interface FaultFlags {
  readonly fault?: string | undefined;
  readonly rounds?: number | undefined;
  /** `--kills N`: so many rounds of kill-any. */
  readonly kills?: number | undefined;
}

export interface FaultChoice {
  readonly fault: Fault;
  readonly rounds: number;
}

/**
 * What is to be done to the servers under load; null for nothing. Where nobody says, one round of what hurts most: the
 * leader of an ensemble is killed, or the one server that there is.
 *
 * @throws UsageError for a fault there is not, or that this target can't have.
 */
export function chooseFault(flags: FaultFlags, plan: TargetPlan): FaultChoice | null {
  const { fault: name, rounds, kills } = flags;
  const given = wordsOf(flags);
  if (kills !== undefined && (name !== undefined || rounds !== undefined)) {
    throw new UsageError(
      `${given}: --kills ${kills} is --fault kill-any --rounds ${kills}; give one or the other`,
    );
  }
  const usual = plan.serverCount > 1 ? 'kill-leader' : 'kill-any';
  const fault = faultNamed(name ?? (kills === undefined ? usual : 'kill-any'));
  const count = kills ?? rounds ?? (plan.canCrash || name !== undefined ? 1 : 0);
  if (count === 0) return null;
  if (!plan.canCrash) {
    throw new UsageError(
      `${given}: the servers of --target ${plan.name} are not this run's to break; leave it out`,
    );
  }
  const why = whyUnavailable(fault, plan.field);
  if (why !== null) throw new UsageError(`--fault ${fault.name}: ${why}`);
  return { fault, rounds: count };
}

/** What SIGSTOP does is called both, to pause and to freeze. */
function faultNamed(name: string): Fault {
  const fault = FAULTS.get(name.replace(/^freeze-/, 'pause-'));
  if (fault !== undefined) return fault;
  throw new UsageError(
    `--fault ${name}: there is no such fault; give one of ${[...FAULTS.keys()].join(', ')}`,
  );
}

function wordsOf({ fault, rounds, kills }: FaultFlags): string {
  return [
    ...(kills === undefined ? [] : [`--kills ${kills}`]),
    ...(fault === undefined ? [] : [`--fault ${fault}`]),
    ...(rounds === undefined ? [] : [`--rounds ${rounds}`]),
  ].join(' ');
}
