import { minorityOf } from '../victims.ts';
import { faultOf, type PlanStep } from './plan.ts';

/** How long after its end a fault is still felt: a server must come back, and a disk be brought up to date. */
export const AFTERMATH_MS = 2_000;

/** What may go wrong at the same time in a plan that is drawn. */
export interface AtOnceLimits {
  /** Faults of any kind. */
  readonly faultsMax: number;
  /** Servers with a vote, where several faults take some away; one fault alone may take more. */
  readonly serversMax: number;
}

/**
 * Why these faults must not be in force at the same time; null if they may. Faults must stay within what an ensemble
 * promises to bear, so that whatever it gets wrong is its own mistake: every datum that was acknowledged keeps a good copy
 * where a quorum finds it. While disks are damaged, they and whoever else is away are at most a minority, whomever the
 * faults will hit.
 */
export function whyNotAtOnce(
  steps: readonly Pick<PlanStep, 'fault' | 'params'>[],
  voters: number,
  limits: AtOnceLimits | null = null,
): string | null {
  const faults = steps.map((step) => ({
    ...faultOf(step),
    victims: faultOf(step).victimsMax(voters, step.params),
  }));
  const exclusive = faults.flatMap(({ exclusive }) => exclusive ?? []);
  const twice = exclusive.find((kind, index) => exclusive.indexOf(kind) !== index);
  if (twice !== undefined) return `two faults of ${twice} at the same time spoil each other's proofs`;

  const damaged = sum(faults.filter(({ toll }) => toll === 'disks'));
  const away = sum(faults.filter(({ toll }) => toll !== 'nothing'));
  const minority = minorityOf(voters);
  if (damaged > 0 && away > minority) {
    return (
      `${damaged} damaged disks with ${away} servers away in all are more than the ${minority} of ${voters} ` +
      'that can be missed: what was acknowledged could be lost'
    );
  }
  if (limits === null) return null;
  if (faults.length > limits.faultsMax) return `${faults.length} faults at the same time`;
  const takers = faults.filter(({ toll }) => toll !== 'nothing');
  if (takers.length > 1 && away > limits.serversMax) return `${away} servers away at the same time`;
  return null;
}

/**
 * The first time at which steps are in force together that must not be, and why; null if there is none.
 * `steps`: in order of time.
 */
export function firstClash(
  steps: readonly PlanStep[],
  voters: number,
  limits: AtOnceLimits | null = null,
): { readonly index: number; readonly why: string } | null {
  for (const [index, step] of steps.entries()) {
    // More are in force when another one begins than at any other time.
    const together = steps.slice(0, index + 1).filter((other) => endOf(other) > step.atMs);
    const why = whyNotAtOnce(together, voters, limits);
    if (why !== null) return { index, why };
  }
  return null;
}

/**
 * The same steps, those put off that must not be in force together with others until these are over, so that nothing
 * clashes (`firstClash`). `steps`: in order of time.
 */
export function putOff(steps: readonly PlanStep[], voters: number): PlanStep[] {
  const placed: PlanStep[] = [];
  for (const step of steps) {
    let { atMs } = step;
    for (;;) {
      const together = placed.filter((other) => endOf(other) > atMs);
      if (together.length === 0 || whyNotAtOnce([...together, step], voters) === null) break;
      atMs = Math.min(...together.map(endOf));
    }
    placed.push({ ...step, atMs });
  }
  return placed.toSorted((a, b) => a.atMs - b.atMs);
}

/** When nothing of it is felt any more. */
export function endOf({ atMs, forMs }: PlanStep): number {
  return atMs + forMs + AFTERMATH_MS;
}

function sum(faults: readonly { readonly victims: number }[]): number {
  return faults.reduce((total, { victims }) => total + victims, 0);
}
