import { OpCode } from '../../../wire/opcode.ts';
import * as op from '../operations.ts';
import { Peer, type Run } from '../peer.ts';

const container = { flags: op.Flags.container, type: OpCode.createContainer };
const TTL_MAX = 0xffffffffff;

/** Containers, nodes with a time to live, quotas and the system's own nodes (protocol §1.5, §1.7). */
export async function specialNodes(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
  await containers(a);
  await timesToLive(a);
  await quotas(a);
  await systemNodes(a);
  await a.call(op.reconfig(null, null, null));
  await a.call(op.reconfig('server.2=127.0.0.1:1:2:participant;3', null, null));
  await a.call(op.closeSession);
}

async function containers(a: Peer): Promise<void> {
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
}

function withTtl(path: string, flags: number, ttl: number): op.Operation {
  return op.create(path, 'x', { flags, ttl, type: OpCode.createTtl });
}

async function timesToLive(a: Peer): Promise<void> {
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
  await a.call(op.getAllChildrenNumber('/ttl'));
}

async function quotas(a: Peer): Promise<void> {
  await a.call(op.create('/q', 'four'));
  await a.call(op.create('/q/child', 'six666'));
  await a.call(op.create('/zookeeper/quota/q'));
  await a.call(op.create('/zookeeper/quota/q/zookeeper_limits', 'count=3,bytes=100'));
  await a.call(op.create('/zookeeper/quota/q/zookeeper_stats', 'count=0,bytes=0'));
  await a.call(op.getData('/zookeeper/quota/q/zookeeper_stats'));
  await a.call(op.create('/q/more', 'x'));
  await a.call(op.getData('/zookeeper/quota/q/zookeeper_stats'));
  await a.call(op.setData('/q/more', 'longer'));
  await a.call(op.getData('/zookeeper/quota/q/zookeeper_stats'));
  await a.call(op.setData('/q', null));
  await a.call(op.remove('/q/more'));
  await a.call(op.getData('/zookeeper/quota/q/zookeeper_stats'));
  // Over the soft limits: nobody is refused.
  await a.call(op.create('/q/b', 'x'.repeat(70)));
  await a.call(op.create('/q/c', 'y'.repeat(70)));
  await a.call(op.getData('/zookeeper/quota/q/zookeeper_stats'));
  await a.call(op.getChildren2('/zookeeper/quota/q'));
  await a.call(op.remove('/zookeeper/quota/q/zookeeper_stats'));
  await a.call(op.remove('/zookeeper/quota/q/zookeeper_limits'));
  await a.call(op.remove('/zookeeper/quota/q'));
}

async function systemNodes(a: Peer): Promise<void> {
  await a.call(op.setData('/zookeeper/config', 'x'));
  await a.call(op.setData('/zookeeper', 'x'));
  await a.call(op.getData('/zookeeper'));
  await a.call(op.create('/zookeeper/own', 'x'));
  await a.call(op.getChildren2('/zookeeper'));
  await a.call(op.getAllChildrenNumber('/'));
  await a.call(op.getAllChildrenNumber('/zookeeper'));
  await a.call(op.remove('/zookeeper/own'));
  await a.call(op.setAcl('/zookeeper/config', op.OPEN_ACL));
}
