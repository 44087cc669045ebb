import { putOff } from '../nemesis/plan/fault-atlas.ts';
import type { Plan, PlanStep } from '../nemesis/plan/plan.ts';

/** What of a run may be less. */
export interface Scenario {
  /** In order of time. */
  readonly steps: readonly PlanStep[];
  readonly quorumAlone: Plan['quorumAlone'];
  /** Clients. */
  readonly participants: number;
  /** How long they are at work: at least until the last step is over. */
  readonly timeMs: number;
  /** Probes are clients, too. */
  readonly isProbed: boolean;
}

/** Something that goes wrong, once. */
export type Occurrence =
  | { readonly type: 'step'; readonly step: PlanStep }
  | { readonly type: 'alone'; readonly alone: NonNullable<Plan['quorumAlone']> };

export function occurrencesIn({ steps, quorumAlone }: Scenario): Occurrence[] {
  return [
    ...steps.map((step) => ({ type: 'step', step }) as const),
    ...(quorumAlone === null ? [] : [{ type: 'alone', alone: quorumAlone } as const]),
  ];
}

/** With these faults only. */
export function withOccurrences(scenario: Scenario, occurrences: readonly Occurrence[]): Scenario {
  return {
    ...scenario,
    steps: occurrences.flatMap((one) => (one.type === 'step' ? [one.step] : [])),
    quorumAlone: occurrences.find((one) => one.type === 'alone')?.alone ?? null,
  };
}

/** Ended at that moment, or when what has begun by then is over. */
export function cutAt(scenario: Scenario, atMs: number): Scenario {
  const steps = scenario.steps.filter((step) => step.atMs < atMs);
  return { ...scenario, steps, timeMs: Math.max(endOf(steps), Math.min(scenario.timeMs, atMs)) };
}

/** How long clients go on when the last step is over. */
export function tailMs({ steps, timeMs }: Scenario): number {
  return timeMs - endOf(steps);
}

export function withTail(scenario: Scenario, ms: number): Scenario {
  return { ...scenario, timeMs: endOf(scenario.steps) + ms };
}

/** When the last step begins. */
export function lastStartMs({ steps }: Scenario): number {
  return Math.max(0, ...steps.map(({ atMs }) => atMs));
}

/** All steps earlier in proportion, as far as they may be in force together. The tail stays as it is. */
export function withLastStart(scenario: Scenario, ms: number, voters: number): Scenario {
  const factor = ms / lastStartMs(scenario);
  const sooner = scenario.steps.map((step) => ({ ...step, atMs: Math.round(step.atMs * factor) }));
  return withTail({ ...scenario, steps: putOff(sooner, voters) }, tailMs(scenario));
}

/** How long the fault lasts that lasts longest. */
export function longestMs({ steps, quorumAlone }: Scenario): number {
  return Math.max(0, quorumAlone?.forMs ?? 0, ...steps.map(({ forMs }) => forMs));
}

/** No fault lasts longer. The tail stays as it is. */
export function withLongest(scenario: Scenario, ms: number): Scenario {
  const { steps, quorumAlone } = scenario;
  const shortened = {
    ...scenario,
    steps: steps.map((step) => ({ ...step, forMs: Math.min(step.forMs, ms) })),
    quorumAlone: quorumAlone && { ...quorumAlone, forMs: Math.min(quorumAlone.forMs, ms) },
  };
  return withTail(shortened, tailMs(scenario));
}

/** Whether it has less of something, and more of nothing. */
export function isLess(one: Scenario, other: Scenario): boolean {
  const [a, b] = [sizeOf(one), sizeOf(other)];
  return a.every((size, i) => size <= (b[i] as number)) && a.some((size, i) => size < (b[i] as number));
}

function sizeOf(scenario: Scenario): number[] {
  const { participants, timeMs, isProbed } = scenario;
  const occurrences = occurrencesIn(scenario);
  const brokenMs = occurrences.reduce(
    (sum, one) => sum + (one.type === 'step' ? one.step.forMs : one.alone.forMs),
    0,
  );
  return [occurrences.length, participants, timeMs, brokenMs, Number(isProbed)];
}

/** `2 × kill-leader, slow-flush; 3 clients; 4.2 s`. */
export function describeScenario(scenario: Scenario): string {
  const { participants, timeMs, isProbed } = scenario;
  const names = occurrencesIn(scenario).map((one) =>
    one.type === 'step' ? one.step.fault : `${one.alone.fault} at the end`,
  );
  const faults = [...new Set(names)].map((name) => {
    const count = names.filter((other) => other === name).length;
    return count === 1 ? name : `${count} × ${name}`;
  });
  const clients = participants === 1 ? '1 client' : `${participants} clients`;
  return [
    faults.length === 0 ? 'no fault' : faults.join(', '),
    isProbed ? `${clients} and probes` : clients,
    `${(timeMs / 1000).toFixed(1)} s`,
  ].join('; ');
}

/** When all of them are over. */
export function endOf(steps: readonly PlanStep[]): number {
  return Math.max(0, ...steps.map(({ atMs, forMs }) => atMs + forMs));
}
