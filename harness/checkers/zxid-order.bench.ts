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
 * `node dist/harness/checkers/zxid-order.bench.js [ops] [share of the writes without an answer]`.
 * The history is a valid one of half reads and half writes over 10,000 keys, 1 in 1,000 writes indeterminate unless
 * told otherwise: with 0.2, every tenth operation is.
 */
const ops = Number(process.argv[2] ?? 1_000_000);
const indeterminateRate = Number(process.argv[3] ?? 0.001);
const options = { seed: 1, ops, keys: 10_000, sessions: 50, indeterminateRate };
const directory = mkdtempSync(join(tmpdir(), 'stampede-bench-'));
try {
  for (let round = 0; round < 3; round++) await measure(join(directory, `${round}.history`));
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
    `read   ${rate(readMs)} · check ${rate(durationMs)} · file to verdict ${rate(judgedMs)}: ${verdict}`,
  );
  const { opsChecked, sample } = search;
  const where = `${opsChecked} operations of ${sample?.searched} of ${sample?.total} znodes`;
  console.log(`search ${search.durationMs.toFixed(0)} ms for ${where}: ${search.verdict}`);
  const unknown = history.outcome.filter((outcome) => outcome === Outcome.info).length;
  console.log(
    `${unknown} operations without an answer, peak ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`,
  );
  for (const anomaly of [...anomalies, ...search.anomalies].slice(0, 1)) console.log(anomaly);
}

function timed(work: () => void): number {
  const startedMs = performance.now();
  work();
  return performance.now() - startedMs;
}
