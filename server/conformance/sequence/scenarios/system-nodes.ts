import * as op from '../operations.ts';
import { Peer, type Run } from '../peer.ts';

/** What a client may do to the system's own nodes. */
export async function systemNodes(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
  await a.call(op.setData('/zookeeper/config', 'x'));
  await a.call(op.setData('/zookeeper', 'x'));
  await a.call(op.getData('/zookeeper'));
  await a.call(op.create('/zookeeper/own', 'x'));
  await a.call(op.getChildren2('/zookeeper'));
  await a.call(op.remove('/zookeeper/own'));
  await a.call(op.setAcl('/zookeeper/config', op.OPEN_ACL));
  await a.call(op.closeSession);
}

/** Counting what is below a node, and limits that only warn (protocol §1.7, system nodes). */
export async function quotas(run: Run): Promise<void> {
  const a = await Peer.connect(run, 'A');
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
  await a.call(op.closeSession);
}
