import type { ToxicType } from './toxic-type.ts';

/**
 * Drops everything, and closes the connection after `timeout` ms in which nothing came to be dropped; at 0 it
 * stays open until the toxic is removed. What has been dropped is missing, so removing it closes the connection.
 */
export const timeout: ToxicType<'timeout'> = {
  name: 'timeout',
  goName: 'TimeoutToxic',
  attributes: { timeout: { kind: 'int' } },
  endsOnRemoval: true,
  start(attributes, flow) {
    const waitForSilence = (): void => {
      if (attributes.timeout > 0) flow.alarm(attributes.timeout, () => flow.end('close'));
    };
    return { begin: waitForSilence, onChunk: waitForSilence };
  },
};
