/**
 * What a run has been through: faults that had an effect, paths of the protocol that were taken. A mark that stays
 * at 0 over many seeds means that the simulation is blind there (reliability §6.9).
 */
export class Marks {
  readonly counts = new Map<string, number>();

  hit(name: string, count = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + count);
  }
}

/** What must be seen at least once in a thousand seeds of an ensemble. */
export const EXPECTED_MARKS: readonly string[] = [
  'sync DIFF',
  'sync TRUNC',
  'sync SNAP',
  'sync interrupted',
  'leader lost while looking for a quorum',
  'leader lost while established',
  'leader established',
  'epoch without a txn',
  'uncommitted txn discarded',
  'uncommitted txn adopted',
  'power cut',
  'power cut on a dirty disk',
  'kill',
  'pause',
  'partition',
  'reset',
  'slow disk',
  'disk full',
  'disk error',
  'disk replaced',
  'bit flipped',
  'epoch exhausted',
  'write without an idle server',
  'clock jump',
  'restart',
  'session moved',
  'session expired',
  'session closed',
  'watch fired',
  'watch fired after a reconnect',
  'lull',
  'ambush',
  'multi refused',
  'multi done',
  'ephemerals deleted',
  'write unacknowledged and done',
  'write unacknowledged and lost',
  'session without a quorum',
  'read without a quorum',
  'write refused without a quorum',
];
