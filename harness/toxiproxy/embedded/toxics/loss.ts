import type { Chunk, ToxicType } from './toxic-type.ts';

/** What fits into one packet of an Ethernet. */
const SEGMENT_BYTES = 1460;
/** As Linux has it: a retransmission waits at most this long. */
const BACK_OFF_MAX_MS = 120_000;

/**
 * Packets get lost as TCP's do: each segment of 1460 bytes with the probability `rate`; it is sent again after
 * `rto` ms (200 unless told, Linux's least), twice that if it is lost again, and so on. What comes behind it waits
 * for it, and nothing is missing in the end. The faster recovery by duplicate acks is left out.
 */
export const loss: ToxicType<'rate' | 'rto'> = {
  name: 'loss',
  goName: 'LossToxic',
  isExtension: true,
  attributes: { rate: { kind: 'float', default: 0.01 }, rto: { kind: 'int', default: 200 } },
  waitingMax: 1024,
  start(attributes, flow) {
    let held: Chunk | null = null;
    const passHeld = (): void => {
      const chunk = held;
      held = null;
      if (chunk !== null) flow.pass(chunk);
    };

    /** How long a segment takes longer than without loss; 0 for most. */
    const drawDelayMs = (): number => {
      let delayMs = 0;
      let waitMs = attributes.rto;
      while (flow.random.next() < attributes.rate && delayMs < BACK_OFF_MAX_MS) {
        delayMs += waitMs;
        waitMs = Math.min(2 * waitMs, BACK_OFF_MAX_MS);
        // Of no use to draw on where no time passes.
        if (waitMs <= 0) break;
      }
      return Math.min(delayMs, BACK_OFF_MAX_MS);
    };

    /** Hands on what is not lost, up to the first segment that is, and goes on behind that one later. */
    const advance = (chunk: Chunk): void => {
      const { data, arrivedMs } = chunk;
      for (let at = 0; at < data.length; at += SEGMENT_BYTES) {
        const delayMs = drawDelayMs();
        if (delayMs === 0) continue;
        if (at > 0) flow.pass({ data: data.subarray(0, at), arrivedMs });
        const lost = { data: data.subarray(at, at + SEGMENT_BYTES), arrivedMs: arrivedMs + delayMs };
        const rest = { data: data.subarray(at + SEGMENT_BYTES), arrivedMs: arrivedMs + delayMs };
        held = { data: data.subarray(at), arrivedMs: arrivedMs + delayMs };
        flow.wait(flow.nowMs() + delayMs, () => {
          held = null;
          flow.pass(lost);
          if (rest.data.length > 0) advance(rest);
        });
        return;
      }
      flow.pass(chunk);
    };
    return { onChunk: advance, release: passHeld };
  },
};
