import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readHistory } from '../history/history-reader.ts';
import { HistoryWriter } from '../history/history-writer.ts';
import { bigHistory } from './self-test/big-history.ts';
import { checkZxidOrder } from './zxid-order.ts';

/**
 * How fast a history is written, read and judged: `node dist/harness/checkers/zxid-order.bench.js [ops]`.
 * The history is a valid one of half reads and half writes over 10,000 keys, 1 in 1,000 writes indeterminate.
 */
const ops = Number(process.argv[2] ?? 1_000_000);
const options = { seed: 1, ops, keys: 10_000, sessions: 50, indeterminateRate: 0.001 };
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

  const rate = (ms: number): string => `${(ops / ms / 1000).toFixed(2)} M ops/s`;
  console.log(`record ${((recordMs * 1e6) / ops).toFixed(0)} ns/op, ${writer.stalls} stalls`);
  console.log(`size   ${(statSync(path).size / ops).toFixed(1)} bytes/op`);
  console.log(
    `read   ${rate(readMs)} · check ${rate(durationMs)} · file to verdict ${rate(judgedMs)}: ${verdict}`,
  );
  if (anomalies[0] !== undefined) console.log(anomalies[0]);
}

function timed(work: () => void): number {
  const startedMs = performance.now();
  work();
  return performance.now() - startedMs;
}
