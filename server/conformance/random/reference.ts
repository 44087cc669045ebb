import { compare, type Comparison } from '../sequence/compare.ts';
import { SEQUENCE_CONFIG } from '../sequence/run-sequence.ts';
import { Transcript, type Step } from '../sequence/transcript.ts';
import { playRandom, type RandomPlan } from './play-random.ts';

const NO_REAPER = { 'znode.container.checkIntervalMs': '1000000000' };

/** Nothing goes away by itself, which Apache must be told in another way than ours. */
export const RANDOM_TARGET = {
  config: { ...SEQUENCE_CONFIG, ...NO_REAPER },
  jvmFlags: Object.entries(NO_REAPER).map(([key, value]) => `-D${key}=${value}`),
} as const;

/** Asks both servers the same. */
export async function compareSeed(reference: string, address: string, plan: RandomPlan): Promise<Comparison> {
  const expected = await transcriptOf(reference, plan);
  const actual = await transcriptOf(address, plan);
  return compare(expected, actual, []);
}

/** What a server makes of a seed's requests, as far as clients can rely on it. */
async function transcriptOf(address: string, plan: RandomPlan): Promise<readonly Step[]> {
  const transcript = new Transcript();
  transcript.beginScenario(`seed-${plan.seed}`);
  await playRandom({ address, transcript }, plan);
  return transcript.steps.map(({ observed, ...step }) => {
    const told = plan.isBefore39 ? observed.map(withoutEventZxid) : observed;
    return { ...step, observed: withDeletionsSorted(told) };
  });
}

/** Before 3.9 it was always −1 (trap 28). */
function withoutEventZxid(line: string): string {
  return line.replace(/^(event .*) zxid=\S+$/, '$1');
}

const DELETION = /^event Node(?:Deleted|ChildrenChanged) \S+ .*?(?<zxid>zxid=\S+)?$/;

/**
 * A session's ephemerals go in whatever order its server keeps them in: what is told of one zxid and is nothing but
 * deletions has no order that a client could rely on.
 */
function withDeletionsSorted(observed: readonly string[]): string[] {
  const sorted: string[] = [];
  let run: string[] = [];
  let runZxid: string | null = null;
  for (const line of observed) {
    const deletion = DELETION.exec(line);
    const zxid = deletion === null ? null : (deletion.groups?.['zxid'] ?? '');
    if (zxid !== runZxid) {
      sorted.push(...run.sort());
      run = [];
    }
    runZxid = zxid;
    if (zxid === null) sorted.push(line);
    else run.push(line);
  }
  return [...sorted, ...run.sort()];
}
