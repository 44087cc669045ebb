import type { Chunk, ToxicType } from './toxic-type.ts';

/**
 * Each chunk leaves `latency` ± `jitter` ms after it came. Up to 1024 chunks are on their way at once, so that the
 * throughput stays what it was; the order stays, too, so that after a chunk with a long delay others wait for it.
 */
export const latency: ToxicType<'latency' | 'jitter'> = {
  name: 'latency',
  goName: 'LatencyToxic',
  attributes: { latency: { kind: 'int' }, jitter: { kind: 'int' } },
  waitingMax: 1024,
  start(attributes, flow) {
    let held: Chunk | null = null;
    const passHeld = (): void => {
      const chunk = held;
      held = null;
      if (chunk !== null) flow.pass(chunk);
    };
    return {
      onChunk({ data, arrivedMs }) {
        const { latency, jitter } = attributes;
        const dueMs = arrivedMs + latency + (jitter > 0 ? flow.random.below(2 * jitter) - jitter : 0);
        // The next latency toxic counts from here, so that several add up.
        held = { data, arrivedMs: Math.max(arrivedMs, dueMs) };
        flow.wait(dueMs, passHeld);
      },
      release: passHeld,
    };
  },
};
