import type { ToxicType } from './toxic-type.ts';

/** Closes the connection when exactly `bytes` have passed. What has passed still counts after a change. */
export const limitData: ToxicType<'bytes'> = {
  name: 'limit_data',
  goName: 'LimitDataToxic',
  attributes: { bytes: { kind: 'int' } },
  start(attributes, flow) {
    let passed = 0;
    return {
      onChunk({ data, arrivedMs }) {
        const part = data.subarray(0, Math.max(0, attributes.bytes - passed));
        passed += part.length;
        if (part.length > 0) flow.pass({ data: part, arrivedMs });
        if (passed >= attributes.bytes) flow.end('close');
      },
    };
  },
};
