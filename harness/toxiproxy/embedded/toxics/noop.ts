import type { Flow, Behaviour, ToxicType } from './toxic-type.ts';

/** Lets everything through. */
export const noop: ToxicType<never> = {
  name: 'noop',
  goName: 'NoopToxic',
  attributes: {},
  start: (_attributes, flow) => passThrough(flow),
};

export function passThrough(flow: Flow): Behaviour {
  return { onChunk: (chunk) => flow.pass(chunk) };
}
