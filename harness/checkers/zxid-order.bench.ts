import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readHistory } from '../history/history-reader.ts';
import { HistoryWriter } from '../history/history-writer.ts';
import { Outcome } from '../history/op.ts';
import { checkLinearizability } from './linearizability.ts';
import { bigHistory } from './self-test/big-history.ts';
import { checkZxidOrder } from './zxid-order.ts';

/**
 * How fast a history is written, read and judged, and in how much memory:
 * `node dist/harness/checkers/zxid-order.bench.js [ops] [share of them without an answer]`.
 * The history is a valid one of half reads and half writes over 10,000 keys. Of the writes without an answer, one in
 * 2,000 operations unless told otherwise, half took effect.
 *
 * Exit code 99 if one took longer than a minute from the file to the verdict, or the process more than 2 GB of memory at
 * any time; 1 if one was not found valid.
 */
const SECONDS_MAX = 60;
const BYTES_MAX = 2e9;

const ops = Number(process.argv[2] ?? 1_000_000);
const unansweredShare = Number(process.argv[3] ?? 0.0005);
const KEYS = 10_000;
// Only writes are without an answer, which every other operation is once the keys are there.
const indeterminateRate = (2 * unansweredShare * ops) / (ops - KEYS);
const options = { seed: 1, ops, keys: KEYS, sessions: 50, indeterminateRate };
const directory = mkdtempSync(join(tmpdir(), 'stampede-bench-'));
try {
  for (let round = 0; round < 3; round++) await measure(join(directory, `${round}.history`));
  console.log(`peak ${(peakBytes() / 1e6).toFixed(0)} MB, of at most ${BYTES_MAX / 1e6}`);
  if (peakBytes() > BYTES_MAX) process.exitCode ??= 99;
} finally {
  rmSync(directory, { recursive: true });
}

async function measure(path: string): Promise<void> {
  const generateMs = timed(() => bigHistory(options, () => {}));
  const writer = new HistoryWriter(path);
  const recordMs = timed(() => bigHistory(options, (op) => writer.record(op))) - generateMs;
  await writer.close();

  const startedMs = performance.now();
  const history = readHistory([path]);
  const readMs = performance.now() - startedMs;
  const { verdict, anomalies, durationMs } = checkZxidOrder(history);
  const judgedMs = performance.now() - startedMs;
  const search = checkLinearizability(history);

  const rate = (ms: number): string => `${(ops / ms / 1000).toFixed(2)} M ops/s`;
  console.log(`record ${((recordMs * 1e6) / ops).toFixed(0)} ns/op, ${writer.stalls} stalls`);
  console.log(`size   ${(statSync(path).size / ops).toFixed(1)} bytes/op`);
  console.log(
    `read   ${rate(readMs)} · check ${rate(durationMs)} · file to verdict ${rate(judgedMs)}, ` +
      `${(judgedMs / 1000).toFixed(2)} s of at most ${SECONDS_MAX}: ${verdict}`,
  );
  if (verdict !== 'valid') process.exitCode = 1;
  else if (judgedMs > SECONDS_MAX * 1000) process.exitCode ??= 99;
  const { opsChecked, sample } = search;
  const where = `${opsChecked} operations of ${sample?.searched} of ${sample?.total} znodes`;
  console.log(`search ${search.durationMs.toFixed(0)} ms for ${where}: ${search.verdict}`);
  const unknown = history.outcome.filter((outcome) => outcome === Outcome.info).length;
  console.log(`${unknown} operations without an answer`);
  for (const anomaly of [...anomalies, ...search.anomalies].slice(0, 1)) console.log(anomaly);
}

function timed(work: () => void): number {
  const startedMs = performance.now();
  work();
  return performance.now() - startedMs;
}

/** Of memory that this process had at once, until now. */
function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
