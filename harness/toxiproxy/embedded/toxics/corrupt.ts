import type { ToxicType } from './toxic-type.ts';

const MEGABYTE = 1_000_000;

/**
 * Flips `bits` neighbouring bits (1 unless told) at `rate` places in a million bytes on average. Where that is
 * depends on the seed and the position in the stream alone, not on how the stream came in pieces.
 */
export const corrupt: ToxicType<'bits' | 'rate'> = {
  name: 'corrupt',
  goName: 'CorruptToxic',
  isExtension: true,
  attributes: { bits: { kind: 'int', default: 1 }, rate: { kind: 'float', default: 1 } },
  start(attributes, flow) {
    /** Bits between the next byte of the stream and the next one to flip. */
    let bitsUntil = 0;
    /** Of the run that is being flipped. */
    let bitsLeft = 0;

    // The gaps of places that are drawn independently are distributed exponentially.
    const drawGap = (): void => {
      const meanBits = (MEGABYTE * 8) / attributes.rate;
      bitsUntil = attributes.rate > 0 ? Math.floor(-Math.log(1 - flow.random.next()) * meanBits) : Infinity;
      bitsLeft = attributes.bits;
    };
    return {
      begin: drawGap,
      onChunk(chunk) {
        const { data } = chunk;
        if (attributes.bits <= 0) {
          flow.pass(chunk);
          return;
        }
        const bitCount = data.length * 8;
        while (bitsUntil < bitCount) {
          if (bitsLeft <= 0) {
            const at = bitsUntil;
            drawGap();
            bitsUntil += at;
            continue;
          }
          const at = bitsUntil >> 3;
          data[at] = (data[at] as number) ^ (0x80 >> (bitsUntil & 7));
          bitsLeft--;
          bitsUntil++;
        }
        bitsUntil -= bitCount;
        flow.pass(chunk);
      },
    };
  },
};
