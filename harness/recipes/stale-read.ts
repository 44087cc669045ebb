import type { FindingLog } from '../checkers/finding-log.ts';
import type { Exchange } from '../transcript/happening.ts';
import type { Freshness } from './freshness.ts';
import { answeredNs } from './members.ts';

/** A version of a znode, and who has made it or was shown it. */
interface VersionOf {
  readonly version: number | null;
  readonly exchange: Exchange;
}

/** Reports a read that had to show a later version than it does. */
export function reportStale(
  log: FindingLog,
  freshness: Freshness,
  { path, made, shown }: { readonly path: string; readonly made: VersionOf; readonly shown: VersionOf },
): void {
  const { words, evidence, next } = freshness.reasonFor(shown.exchange, answeredNs(made.exchange));
  const explanation = `version ${made.version} of ${path} had been made [1]${words}, and version ${shown.version} is shown [${next}]`;
  log.invalid('lost or stale', explanation, [made.exchange, ...evidence, shown.exchange]);
}
