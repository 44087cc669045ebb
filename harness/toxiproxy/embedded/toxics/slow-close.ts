import type { ToxicType } from './toxic-type.ts';

/** Data passes; the end of the stream comes `delay` ms late. */
export const slowClose: ToxicType<'delay'> = {
  name: 'slow_close',
  goName: 'SlowCloseToxic',
  attributes: { delay: { kind: 'int' } },
  start: (attributes, flow) => ({
    onChunk: (chunk) => flow.pass(chunk),
    onEnd: (end) => flow.wait(flow.nowMs() + attributes.delay, () => flow.end(end)),
  }),
};
