import type { ToxicType } from './toxic-type.ts';

/**
 * Drops chunks: each with the probability `loss_rate`, and `correlation` more after one that was dropped. What is
 * dropped is missing in the stream, which no real network does to TCP: see `loss`. In Toxiproxy since 2026-06.
 */
export const packetLoss: ToxicType<'loss_rate' | 'correlation'> = {
  name: 'packet_loss',
  goName: 'PacketLossToxic',
  attributes: { loss_rate: { kind: 'float', default: 0.1 }, correlation: { kind: 'float' } },
  start(attributes, flow) {
    let hasLost = false;
    return {
      onChunk(chunk) {
        const { loss_rate: rate, correlation } = attributes;
        hasLost = flow.random.next() < (hasLost ? rate + correlation : rate);
        if (!hasLost) flow.pass(chunk);
      },
    };
  },
};
