import { OpCode } from '../../../server/wire/opcode.ts';
import type { MultiOp } from '../../../server/wire/records/multi-request.ts';
import type { Attack } from '../attack.ts';

/** As many as a frame has room for. */
const OPS_MAX = 15_000;

export const giantMultis: Attack = {
  name: 'giant-multis',
  doc: 'multis as large as a request can be, of writes and of checks, some of which fail at their end',
  run: async ({ client, count, pause, isOver }) => {
    const attacker = await client();
    await attacker.create('/multi').catch(() => undefined);
    for (let n = 0; !isOver(); n++) {
      const ops = Array.from({ length: n % 2 === 0 ? OPS_MAX : 1000 }, (): MultiOp => {
        return { type: OpCode.setData, request: { path: '/multi', data: null, version: -1 } };
      });
      if (n % 3 === 0) ops.push({ type: OpCode.check, request: { path: '/none', version: 0 } });
      await attacker.multi(ops).catch(() => undefined);
      count();
      await pause(50);
    }
  },
};
