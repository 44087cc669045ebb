import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { inputOf } from './campaign.ts';
import type { FuzzTarget } from './target.ts';
import type { WorkerMessage, WorkerTask } from './worker-messages.ts';

const WORKER = new URL('./fuzz-worker.js', import.meta.url);
const ROUND_MS = 2000;
/** No input takes a thousandth of it. */
const HANG_MS = 20_000;

export interface TargetResult {
  readonly inputs: number;
  readonly finding: { readonly input: Uint8Array; readonly what: string } | null;
}

/** Tries inputs on one target in a thread of its own, for so long or until something is found. */
export async function fuzzTarget(target: FuzzTarget, seed: number, forMs: number): Promise<TargetResult> {
  const progress = new Int32Array(new SharedArrayBuffer(4));
  const task: WorkerTask = { targetName: target.name, seed, progress };
  const worker = new Worker(WORKER, { workerData: task });
  try {
    await nextMessage(worker);
    let inputs = 0;
    const end = performance.now() + forMs;
    while (performance.now() < end) {
      worker.postMessage(Math.min(ROUND_MS, Math.max(1, end - performance.now())), []);
      const message = await nextMessage(worker);
      if (message === 'hang') {
        const input = inputOf(target, { seed, index: Atomics.load(progress, 0) });
        return { inputs, finding: { input, what: `takes longer than ${HANG_MS} ms` } };
      }
      if (message.type === 'finding') {
        return { inputs, finding: { input: message.input, what: message.stack } };
      }
      if (message.type === 'round') {
        inputs += message.inputs;
        if (message.leakBytes > 0) {
          const what = `the heap has grown by ${message.leakBytes} bytes`;
          return { inputs, finding: { input: new Uint8Array(0), what } };
        }
      }
    }
    return { inputs, finding: null };
  } finally {
    await worker.terminate();
  }
}

async function nextMessage(worker: Worker): Promise<WorkerMessage | 'hang'> {
  const signal = AbortSignal.timeout(HANG_MS);
  try {
    const [message] = await once(worker, 'message', { signal });
    return message as WorkerMessage;
  } catch (error) {
    if (signal.aborted) return 'hang';
    throw error;
  }
}
