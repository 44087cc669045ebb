import { OpCode } from '../../../wire/opcode.ts';
import * as op from '../operations.ts';
import { Peer, type Run } from '../peer.ts';

const container = { flags: op.Flags.container, type: OpCode.createContainer };
const TTL_MAX = 0xffffffffff;

/** Nodes that the server may take away when they have had children and are empty (protocol §1.5). */
export async function containers(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
  await a.call(op.create('/box', 'x', container));
  await a.call(op.create('/box', 'x', container));
  await a.call(op.exists('/box'));
  await a.call(op.create('/box/child'));
  await a.call(op.create('/box/box', '', container));
  await a.call(op.create('/box/eph', '', { flags: op.Flags.ephemeral }));
  await a.call(op.remove('/box'));
  await a.call(op.setData('/box', 'y'));
  for (const child of ['child', 'box', 'eph']) await a.call(op.remove(`/box/${child}`));
  await a.call(op.remove('/box'));
  await a.call(op.multi(op.create('/box', '', container), op.create('/box/inside')));
  await a.call(op.closeSession);
}

function withTtl(path: string, flags: number, ttl: number): op.Operation {
  return op.create(path, 'x', { flags, ttl, type: OpCode.createTtl });
}

/** Nodes with a time to live, in ms (protocol §1.5). */
export async function timesToLive(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
  await a.call(withTtl('/ttl', op.Flags.ttl, 600_000));
  await a.call(op.exists('/ttl'));
  await a.call(withTtl('/ttl', op.Flags.ttl, 600_000));
  await a.call(withTtl('/ttl/child', op.Flags.ttl, TTL_MAX));
  await a.call(withTtl('/ttl/s-', op.Flags.ttlSequential, 600_000));
  await a.call(withTtl('/ttl/s-', op.Flags.ttlSequential, 600_000));
  await a.call(op.getChildren2('/ttl'));
  await a.call(withTtl('/ttl/over', op.Flags.ttl, TTL_MAX + 1));
  await a.call(withTtl('/ttl/zero', op.Flags.ttl, 0));
  await a.call(withTtl('/ttl/negative', op.Flags.ttl, -1));
  await a.call(withTtl('/ttl/persistent', op.Flags.persistent, 600_000));
  await a.call(withTtl('/ttl/ephemeral', op.Flags.ephemeral, 600_000));
  await a.call(op.create('/ttl/eph', '', { flags: op.Flags.ephemeral }));
  await a.call(op.exists('/ttl'));
  await a.call(op.multi(withTtl('/ttl/multi', op.Flags.ttl, 600_000)));
  await a.call(op.closeSession);
}
