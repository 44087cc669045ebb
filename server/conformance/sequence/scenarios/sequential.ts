import { OpCode } from '../../../wire/opcode.ts';
import * as op from '../operations.ts';
import { Peer, type Run } from '../peer.ts';

const sequential = { flags: op.Flags.sequential };

/** Numbers given by the server: one counter for a parent, which counts every child ever created (§1.7). */
export async function sequentialNames(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
  await a.call(op.create('/seq'));
  await a.call(op.create('/seq/a-', 'x', sequential));
  await a.call(op.create('/seq/b-', '', { ...sequential, type: OpCode.create2 }));
  await a.call(op.create('/seq/plain'));
  await a.call(op.create('/seq/a-', '', sequential));
  await a.call(op.remove('/seq/a-0000000003'));
  await a.call(op.create('/seq/a-', '', sequential));
  await a.call(op.create('/seq/', '', sequential));
  await a.call(op.exists('/seq'));
  await a.call(op.setData('/seq/plain', 'no child of anyone'));
  // A refused create does not count.
  await a.call(op.create('/seq/plain'));
  await a.call(op.create('/seq/c-', '', sequential));
  await a.pipeline(
    op.create('/seq/p-', '', sequential),
    op.create('/seq/p-', '', sequential),
    op.create('/seq/p-', '', { flags: op.Flags.ephemeralSequential }),
    op.getChildren2('/seq'),
  );
  await a.call(
    op.multi(
      op.create('/seq/m-', '', sequential),
      op.create('/seq/m-', '', sequential),
      op.create('/seq/m-', '', { ...sequential, type: OpCode.create2 }),
    ),
  );
  await a.call(op.getChildren2('/seq'));
  await parentAgain(a);
  await a.call(op.closeSession);
}

async function parentAgain(a: Peer): Promise<void> {
  await a.call(op.create('/again'));
  await a.call(op.create('/again/s', '', sequential));
  await a.call(op.remove('/again/s0000000000'));
  await a.call(op.remove('/again'));
  await a.call(op.create('/again'));
  await a.call(op.create('/again/s', '', sequential));
  // A node whose name looks like the next number is in the way of nobody but that number.
  await a.call(op.create('/again/s0000000003'));
  await a.call(op.create('/again/t', '', sequential));
  await a.call(op.create('/again/s', '', sequential));
  await a.call(op.create('/again/s', '', sequential));
  await a.call(op.exists('/again'));
}
