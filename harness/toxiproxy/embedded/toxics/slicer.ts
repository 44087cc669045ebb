import type { Prng } from '../../../../server/base/prng.ts';
import type { Chunk, ToxicType } from './toxic-type.ts';

/**
 * Cuts chunks into slices of about `average_size` ± `size_variation` bytes and waits `delay` µs after each. A
 * variation larger than the average, or an average of 0, which crash Toxiproxy, make slices of one byte at least.
 */
export const slicer: ToxicType<'average_size' | 'size_variation' | 'delay'> = {
  name: 'slicer',
  goName: 'SlicerToxic',
  attributes: {
    average_size: { kind: 'int' },
    size_variation: { kind: 'int' },
    delay: { kind: 'int' },
  },
  start(attributes, flow) {
    let held: Chunk | null = null;
    let cuts: readonly number[] = [];
    let next = 0;

    const passSlices = (): void => {
      while (held !== null) {
        const { data, arrivedMs } = held;
        const from = cuts[next] as number;
        const to = cuts[++next] ?? data.length;
        if (to === data.length) held = null;
        flow.pass({ data: data.subarray(from, to), arrivedMs });
        if (attributes.delay <= 0) continue;
        flow.wait(flow.nowMs() + attributes.delay / 1000, passSlices);
        return;
      }
    };
    return {
      onChunk(chunk) {
        held = chunk;
        cuts = sliceStarts(
          chunk.data.length,
          attributes.average_size,
          attributes.size_variation,
          flow.random,
        );
        next = 0;
        passSlices();
      },
      release() {
        if (held === null) return;
        const { data, arrivedMs } = held;
        held = null;
        flow.pass({ data: data.subarray(cuts[next]), arrivedMs });
      },
    };
  },
};

/** Where slices begin, in order: halves of halves, each cut moved by up to the variation. */
export function sliceStarts(length: number, average: number, variation: number, random: Prng): number[] {
  const sizeMax = Math.max(1, average + variation);
  const starts: number[] = [];
  cut(0, length);
  return starts;

  function cut(start: number, end: number): void {
    if (end - start <= sizeMax) {
      starts.push(start);
      return;
    }
    const shift = variation > 0 ? random.below(2 * variation) - variation : 0;
    const middle = start + Math.floor((end - start) / 2) + shift;
    const between = Math.min(end - 1, Math.max(start + 1, middle));
    cut(start, between);
    cut(between, end);
  }
}
