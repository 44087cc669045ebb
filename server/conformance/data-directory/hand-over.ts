import * as op from '../sequence/operations.ts';
import { Peer, type Run, type Session } from '../sequence/peer.ts';
import { SEQUENCE_CONFIG, runSequence } from '../sequence/run-sequence.ts';
import { Transcript, formatTranscript } from '../sequence/transcript.ts';
import { startTarget } from '../targets.ts';
import { dumpTree } from './tree-dump.ts';

export interface HandOver {
  /** The tree as the first server served it at its end, and as the second one served it at its start. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** What the second server told the client of the first about its session and its ephemeral. */
  readonly session: string;
}

/**
 * Fills a new data directory through one server, ends that server by SIGKILL, and starts another on what it has
 * left: `apache` on what `ours` wrote, or the other way round. A session is open meanwhile, with an ephemeral.
 *
 * @param directory as in `startTarget`; used by both.
 */
export async function handOver(from: string, to: string, directory: string): Promise<HandOver> {
  const options = { directory, config: { ...SEQUENCE_CONFIG, maxSessionTimeout: '300000' } };
  const first = await startTarget(from, options);
  let before: string[];
  let session: Session;
  try {
    await runSequence(first.address);
    session = await leaveEphemeral({ address: first.address, transcript: new Transcript() });
    before = await dumpTree(first.address);
  } finally {
    await first.kill();
  }
  const second = await startTarget(to, options);
  try {
    const after = await dumpTree(second.address);
    const story = await takeUp({ address: second.address, transcript: new Transcript() }, session);
    return { before, after, session: story };
  } finally {
    await second.stop();
  }
}

async function leaveEphemeral(run: Run): Promise<Session> {
  const peer = await Peer.connect(run, 'Heir', { timeoutMs: 300_000 });
  await peer.call(op.create('/handed-over', 'x', { flags: op.Flags.ephemeral }));
  return peer.session;
}

/** The session goes on at the second server, which deletes its ephemeral when it is closed. */
async function takeUp(run: Run, session: Session): Promise<string> {
  run.transcript.beginScenario('taken-up');
  run.transcript.nameSession(session.id, 'Heir');
  const peer = await Peer.connect(run, 'Heir', { session, timeoutMs: 300_000 });
  await peer.call(op.create('/own', '', { flags: op.Flags.sequential }));
  await peer.call(op.closeSession);
  const witness = await Peer.connect(run, 'Witness');
  await witness.call(op.exists('/handed-over'));
  await witness.call(op.closeSession);
  return formatTranscript(run.transcript.steps);
}
