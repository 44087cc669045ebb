import { readFileSync } from 'node:fs';
import { PlanError } from '../nemesis/plan/plan.ts';
import { type ChaosCase, parseCase } from '../shrink/chaos-case.ts';
import type { ChaosOptions } from './chaos.ts';
import { UsageError } from './exit-code.ts';

/** What `--case` replaces, by the flag that would say it. */
const BY_FLAG = {
  workload: ({ workload }: ChaosCase) => ({ workload }),
  plan: ({ plan }: ChaosCase) => ({ plan }),
  time: ({ timeS }: ChaosCase) => ({ timeS }),
  seed: ({ seed }: ChaosCase) => ({ seed }),
  participants: ({ participants }: ChaosCase) => ({ participants }),
  rate: ({ rate }: ChaosCase) => ({ rate }),
  sessionTimeout: ({ sessionTimeoutMs }: ChaosCase) => ({ sessionTimeoutMs }),
  target: ({ target }: ChaosCase) => ({ target }),
  servers: ({ servers }: ChaosCase) => ({ servers }),
} as const;

/**
 * The options with what the case in `file` says in the place of everything that was not typed. Lines of zoo.cfg are put
 * together, of which those typed count.
 *
 * @throws UsageError for a file that cannot be read or is no case, and beside `--faults`, which a case has no use for.
 */
export function withCase(
  options: ChaosOptions,
  file: string,
  isTyped: (flag: string) => boolean,
): ChaosOptions {
  if (isTyped('faults')) throw new UsageError(`--case ${file}: it has its faults; leave --faults out`);
  const wanted = readCase(file);
  const parts = Object.entries(BY_FLAG).filter(([flag]) => !isTyped(flag));
  const config = { ...wanted.set, ...options.config };
  return parts.reduce<ChaosOptions>((all, [, part]) => ({ ...all, ...part(wanted) }), { ...options, config });
}

function readCase(file: string): ChaosCase {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`--case ${file}: it cannot be read; name a file that shrink has written`, { cause });
  }
  try {
    return parseCase(text, file);
  } catch (error) {
    if (error instanceof PlanError) throw new UsageError(`--case ${error.message}`, { cause: error });
    throw error;
  }
}
