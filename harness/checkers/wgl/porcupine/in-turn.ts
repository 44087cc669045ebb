import type { Verdict } from '../../../history/verification.ts';

export interface TimedVerdict {
  readonly verdict: Verdict;
  readonly tookMs: number;
}

/** What says whether one history is linearizable, as often as it is asked. */
export interface Judge {
  readonly name: string;
  judge(): TimedVerdict | Promise<TimedVerdict>;
}

/** Of one judge on one history. */
export interface Timing {
  /** Of each round. */
  readonly tookMs: readonly number[];
  /** All that it ever said. */
  readonly verdicts: ReadonlySet<Verdict>;
}

/**
 * All judges judge once to warm up, and then in each round one after the other, so that whatever else the machine does
 * befalls all of them. By name.
 */
export async function inTurn(judges: readonly Judge[], rounds: number): Promise<ReadonlyMap<string, Timing>> {
  const said = judges.map((): TimedVerdict[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [at, judge] of judges.entries()) said[at]?.push(await judge.judge());
  }
  return new Map(
    judges.map(({ name }, at): [string, Timing] => {
      const each = said[at] ?? [];
      const tookMs = each.slice(1).map((one) => one.tookMs);
      return [name, { tookMs, verdicts: new Set(each.map(({ verdict }) => verdict)) }];
    }),
  );
}
