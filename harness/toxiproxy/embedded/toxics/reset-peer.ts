import type { ToxicType } from './toxic-type.ts';

/**
 * Discards the first chunk, or the end of the stream, and resets the connection `timeout` ms later. From the
 * first on there is a hole in the stream, so nothing stops it any more.
 */
export const resetPeer: ToxicType<'timeout'> = {
  name: 'reset_peer',
  goName: 'ResetToxic',
  attributes: { timeout: { kind: 'int' } },
  start(attributes, flow) {
    let isCommitted = false;
    const reset = (): void => {
      isCommitted = true;
      flow.wait(flow.nowMs() + attributes.timeout, () => flow.end('reset'));
    };
    return {
      get isCommitted() {
        return isCommitted;
      },
      onChunk: reset,
      onEnd: reset,
    };
  },
};
