import { Prng } from '../../base/prng.ts';
import { OpCode } from '../../wire/opcode.ts';
import { closeSession, create } from '../sequence/operations.ts';
import { Peer, type Run } from '../sequence/peer.ts';
import { becomeBob, OperationDraw } from './draw-operation.ts';

const PEERS = ['A', 'B', 'C'] as const;
/** Every so many steps everybody hears what is new. */
const PROBE_EVERY = 10;
const PIPELINE_MAX = 6;

export interface RandomPlan {
  readonly seed: number;
  readonly operationCount: number;
  /** Only what Apache before 3.9 answers in the same way. */
  readonly isBefore39: boolean;
}

/**
 * Three clients that ask for whatever the seed says, one after the other or several requests at once, leave and come
 * back. What they ask depends on the seed alone and on nothing that was answered, so that two servers are asked the
 * same.
 */
export async function playRandom(run: Run, { seed, operationCount, isBefore39 }: RandomPlan): Promise<void> {
  const random = new Prng(seed);
  const draw = new OperationDraw(random.fork('operations'), { root: `/r${seed}`, isBefore39 });
  const peers: Peer[] = [];
  for (const name of PEERS) peers.push(await Peer.connect(run, name));
  await peers[0]?.call(create(`/r${seed}`));
  let sessions = PEERS.length;
  let step = 0;
  for (let left = operationCount; left > 0; step++) {
    const index = random.below(peers.length);
    const peer = peers[index] as Peer;
    const kind = random.below(100);
    if (kind === 0) {
      await peer.drop();
      peers[index] = await Peer.connect(run, peer.name, { session: peer.session });
    } else if (kind === 1) {
      await peer.callToEnd(closeSession);
      peers[index] = await Peer.connect(run, `${PEERS[index]}${++sessions}`);
    } else if (kind === 2) {
      // Not among other requests: it is answered out of turn.
      await peer.call(becomeBob);
    } else {
      const count = kind < 20 ? 1 + random.below(PIPELINE_MAX) : 1;
      const operations = Array.from({ length: count }, () => draw.any(run.transcript.lastZxid));
      // Apache checks what comes right behind a setACL by the old list or the new one, as it happens.
      if (operations.some(({ type }) => type === OpCode.setAcl)) {
        for (const operation of operations) await peer.call(operation);
      } else await peer.pipeline(...operations);
      left -= count;
    }
    if (step % PROBE_EVERY === 0) for (const each of peers) await each.probe();
  }
  for (const peer of peers) await peer.callToEnd(closeSession);
}
