import type { Chunk, ToxicType } from './toxic-type.ts';

/**
 * Nothing gets through, not even the end of the stream, and the sender is not told: it may send until the buffers
 * on the way are full. When the toxic is removed everything arrives, as by a retransmission of TCP's; nothing is
 * missing and nothing is closed.
 */
export const blackHole: ToxicType<never> = {
  name: 'black_hole',
  goName: 'BlackHoleToxic',
  isExtension: true,
  attributes: {},
  start(_attributes, flow) {
    let held: Chunk | null = null;
    return {
      onChunk(chunk) {
        held = chunk;
        flow.hold();
      },
      onEnd: () => flow.hold(),
      release() {
        const chunk = held;
        held = null;
        if (chunk !== null) flow.pass(chunk);
      },
    };
  },
};
