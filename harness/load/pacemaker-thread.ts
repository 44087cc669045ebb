import { parentPort, workerData } from 'node:worker_threads';
import { PACEMAKER, pacemakerWish } from './pacemaker.ts';
import type { PacemakerData } from './pacemaker.ts';

const { memory, startNs } = workerData as PacemakerData;
const { dueNs, state } = pacemakerWish(memory);

for (;;) {
  const now = Atomics.load(state, 0);
  if (now === PACEMAKER.stopped) break;
  if (now === PACEMAKER.idle) {
    Atomics.wait(state, 0, PACEMAKER.idle);
    continue;
  }
  const leftNs = (dueNs[0] as number) - Number(process.hrtime.bigint() - startNs);
  if (leftNs > 0) {
    // A new wish notifies, and what is left is reckoned anew.
    Atomics.wait(state, 0, PACEMAKER.armed, leftNs / 1e6);
    continue;
  }
  if (Atomics.compareExchange(state, 0, PACEMAKER.armed, PACEMAKER.idle) === PACEMAKER.armed) {
    parentPort?.postMessage(null, []);
  }
}
