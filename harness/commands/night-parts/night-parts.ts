import type { ApacheSearch } from '../../ensemble/find-apache.ts';
import { ExitCode } from '../exit-code.ts';
import { benchPart } from './bench-part.ts';
import { canaryPart } from './canary-part.ts';
import { knownPlansPart, matrixPart, type MatrixPartOptions } from './chaos-parts.ts';
import type { NightPart } from './part.ts';
import { knownSeedsPart, swarmPart } from './simulator-parts.ts';

/** Their names, in order. */
export const NIGHT_PARTS = [
  'known-seeds',
  'known-plans',
  'canary',
  'swarm',
  'chaos',
  'chaos-apache',
  'bench',
];

export interface NightPartsOptions {
  readonly minutes: number;
  readonly swarmFrom: number;
  readonly matrixSeed: number;
  /** The harness that plays the chaos runs of servers of ours. */
  readonly main: string;
  /** What plays one of these again, where that is not its own command. */
  readonly again: string | undefined;
  readonly apache: ApacheSearch;
}

/** In this order: what is most likely to fail soon comes first, and what takes all that is left last. */
export function nightParts({
  minutes,
  swarmFrom,
  matrixSeed,
  main,
  again,
  apache,
}: NightPartsOptions): NightPart[] {
  return [
    knownSeedsPart(),
    knownPlansPart(),
    canaryPart(),
    swarmPart(swarmFrom),
    matrixPart({
      name: 'chaos',
      title: 'Chaos: workloads under faults, servers of ours',
      weight: 30,
      seed: matrixSeed,
      main,
      ...(again !== undefined && { again }),
      target: 'ours',
      excuse: null,
    }),
    apachePart(apache, { seed: matrixSeed, main }),
    benchPart(minutes),
  ];
}

function apachePart(apache: ApacheSearch, options: Pick<MatrixPartOptions, 'seed' | 'main'>): NightPart {
  const name = 'chaos-apache';
  const title = "Chaos: workloads under faults, Apache's servers";
  if (!apache.found) {
    const play = (): ReturnType<NightPart['play']> =>
      Promise.resolve({ exitCode: ExitCode.passed, sentence: apache.why, runs: [], isSkipped: true });
    return { name, title, weight: 0, play };
  }
  return matrixPart({
    ...options,
    name,
    title,
    weight: 15,
    target: 'apache',
    excuse: excuseFor(apache.apache.version),
  });
}

/**
 * Releases before 3.8.5, and 3.9.0 and 3.9.1, lose what they have acknowledged (ZOOKEEPER-4643, -4646, -4785) or end by
 * themselves, and the judges say so: that is no fault of this night. Of later ones it would be news.
 */
function excuseFor(version: string): MatrixPartOptions['excuse'] {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const isMended = major > 3 || minor > 9 || (minor === 9 && patch >= 2) || (minor === 8 && patch >= 5);
  if (isMended || Number.isNaN(major)) return null;
  return {
    codes: [ExitCode.historyInvalid, ExitCode.noSystem, ExitCode.verdictUnknown],
    why: `Apache's ${version} is known for it`,
  };
}
