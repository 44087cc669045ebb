import type { History } from '../history/history.ts';
import type { CheckerResult } from '../history/verification.ts';
import { AnomalyLog } from './anomaly-log.ts';
import { type LinearizableReads, type ZnodeOperation, znodeHistory } from './wgl/from-history.ts';
import { Wgl } from './wgl/wgl.ts';

/** What is searched of a run: so many operations need a fraction of a second, however many the run had. */
const OPERATIONS_MAX = 50_000;
const OPERATIONS_OF_ONE_MAX = 20_000;
const PAIRS_OF_ONE_MAX = 200_000;
/** Where the versions say the order, two or three steps an operation are enough; the rest is for what has no answer. */
const STEPS_MAX = 5_000_000;
const MEMO_BYTES_MAX = 256 * 1024 * 1024;

export interface LinearizabilityOptions {
  /** Which znodes are searched is drawn from it. */
  readonly seed?: number;
  readonly reads?: LinearizableReads;
  readonly operationsMax?: number;
  readonly stepsMax?: number;
}

/**
 * Checks that the updates of a znode are linearizable, without a look at any zxid: a server that lies consistently in
 * its zxids is believed by `checkZxidOrder`, and not here. Reads are left out except for those at the end: ZooKeeper's
 * need not be linearizable.
 *
 * This is a search, so it is done on a sample: as many znodes as come to `operationsMax`, drawn from the seed. The
 * result says how many of how many. One that the search could not come to an end with is unknown, and so is the
 * verdict.
 */
export function checkLinearizability(history: History, options: LinearizabilityOptions = {}): CheckerResult {
  const startedMs = performance.now();
  const log = new AnomalyLog(history);
  const isWhole = history.cuts.length === 0;
  if (!isWhole) {
    log.unknown(
      'history cut',
      [],
      () => 'an update that is missing would make others look wrong: none was searched',
    );
  }
  const { seed = 1, reads = 'final', operationsMax = OPERATIONS_MAX, stepsMax = STEPS_MAX } = options;
  const sample = znodeHistory(history, {
    seed,
    reads,
    operationsMax: isWhole ? operationsMax : 0,
    operationsOfOneMax: OPERATIONS_OF_ONE_MAX,
    pairsOfOneMax: PAIRS_OF_ONE_MAX,
  });
  const wgl = new Wgl(sample.partitions, { stepsMax, memoBytesMax: MEMO_BYTES_MAX });
  wgl.advance(Infinity);
  const { partitions, violation, ranOutOf } = wgl.result();
  if (violation !== null) {
    const rows = violation.operations.map((operation) => (operation as ZnodeOperation).row);
    log.invalid('not linearizable', rows, () => `${violation.partition.name}: ${violation.explanation}`);
  }
  if (ranOutOf !== null) {
    const undecided = partitions.filter(({ verdict }) => verdict === 'unknown');
    log.unknown('search not finished', [], () => {
      const names = undecided.slice(0, 5).map(({ partition }) => partition.name);
      return `the search ran out of ${ranOutOf} with ${undecided.length} znodes undecided, such as ${names.join(', ')}`;
    });
  }
  const searched = partitions.filter(({ verdict }) => verdict !== 'unknown').length;
  const result = log.result({
    name: 'linearizability',
    opsChecked: sample.operations,
    durationMs: performance.now() - startedMs,
  });
  return { ...result, sample: { of: 'znodes', searched, total: sample.znodes } };
}
