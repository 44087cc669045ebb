import type { Chunk, ToxicType } from './toxic-type.ts';

/** A chunk that takes longer than this is handed on in slices. */
const SLICE_MS = 100;

/** Less than this is not worth a timer: it is owed, and waited for together with what comes next. */
const WAIT_MIN_MS = 1;

/**
 * `rate` KB (of 1000 bytes) a second and no more. At a rate of 0 nothing flows at all, and the end of the stream
 * waits behind the first chunk.
 */
export const bandwidth: ToxicType<'rate'> = {
  name: 'bandwidth',
  goName: 'BandwidthToxic',
  attributes: { rate: { kind: 'int' } },
  start(attributes, flow) {
    let held: Chunk | null = null;
    /** What was handed on too early, or, below zero, too late because a timer was. */
    let owedMs = 0;

    const passHeld = (): void => {
      const chunk = held;
      held = null;
      if (chunk !== null) flow.pass(chunk);
    };
    const waitOwed = (dueInMs: number, then: () => void): void => {
      const startedMs = flow.nowMs();
      flow.wait(startedMs + dueInMs, () => {
        owedMs -= flow.nowMs() - startedMs;
        then();
      });
    };
    const advance = (): void => {
      if (held === null) return;
      const sliceBytes = attributes.rate * SLICE_MS;
      if (held.data.length <= sliceBytes) {
        if (owedMs < WAIT_MIN_MS) passHeld();
        else waitOwed(owedMs, passHeld);
        return;
      }
      waitOwed(SLICE_MS, () => {
        if (held === null) return;
        const { data, arrivedMs } = held;
        held = { data: data.subarray(sliceBytes), arrivedMs };
        flow.pass({ data: data.subarray(0, sliceBytes), arrivedMs });
        advance();
      });
    };
    return {
      onChunk(chunk) {
        held = chunk;
        if (attributes.rate <= 0) {
          flow.hold();
          return;
        }
        owedMs += chunk.data.length / attributes.rate;
        advance();
      },
      release() {
        owedMs = 0;
        passHeld();
      },
    };
  },
};
