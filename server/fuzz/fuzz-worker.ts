import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { inputOf, shrink, tryInput } from './campaign.ts';
import type { WorkerMessage, WorkerTask } from './worker-messages.ts';
import { TARGETS } from './targets/index.ts';

/** Inputs between two looks at the clock, and at what others have to say. */
const BATCH = 200;
/** What a target may keep from one input to the next, once it has settled. */
const HEAP_GROWTH_MAX = 64 << 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const { targetName, seed, progress } = workerData as WorkerTask;
const target = TARGETS.find(({ name }) => name === targetName);
if (target === undefined || parentPort === null) throw new Error(`no target ${targetName}`);
const say = (message: WorkerMessage): void => parentPort?.postMessage(message, []);

let index = 0;
let heapAfterWarmUp = 0;

/** The parent asks for so many ms more; it sees in `progress` which input is at hand, and so which one hangs. */
parentPort.on('message', (ms: number) => {
  const end = performance.now() + ms;
  const startIndex = index;
  while (performance.now() < end) {
    for (let i = 0; i < BATCH; i++) {
      Atomics.store(progress, 0, index);
      const finding = tryInput(target, inputOf(target, { seed, index: index++ }));
      if (finding === null) continue;
      const { input, error } = shrink(target, finding);
      say({ type: 'finding', input, message: error.message, stack: error.stack ?? '' });
      return;
    }
  }
  collectGarbage();
  const heap = process.memoryUsage().heapUsed;
  if (heapAfterWarmUp === 0) heapAfterWarmUp = heap;
  const leak = heap - heapAfterWarmUp > HEAP_GROWTH_MAX ? heap - heapAfterWarmUp : 0;
  say({ type: 'round', inputs: index - startIndex, leakBytes: leak });
});
say({ type: 'ready' });
