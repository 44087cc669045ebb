import { auth, closeSession, create, exists, getData, ping, remove } from '../operations.ts';
import { Peer, type Run } from '../peer.ts';

/** The first exchange of a connection (protocol §1.3), and what may be glued to it. */
export async function handshake(run: Run): Promise<void> {
  // The first of all: later zxids are counted from this session's.
  const a = await Peer.connect(run, 'A');
  await a.call(ping);
  await negotiation(run);
  await oddities(run);
  await refusals(run, a);
  await reattach(run);
  await a.call(closeSession);
  await a.untilClosed();
}

async function negotiation(run: Run): Promise<void> {
  for (const timeoutMs of [1, 5000, 2_000_000, 0, -1]) {
    await connectAndLeave(run, `T${timeoutMs}`, { timeoutMs });
  }
}

async function oddities(run: Run): Promise<void> {
  await connectAndLeave(run, 'Old', { readOnly: null });
  await connectAndLeave(run, 'ReadOnlyToo', { readOnly: true });
  await connectAndLeave(run, 'EmptyPassword', { password: new Uint8Array(0) });
  await connectAndLeave(run, 'NullPassword', { password: null });
  await connectAndLeave(run, 'SomePassword', { password: new Uint8Array(16).fill(7) });
  await connectAndLeave(run, 'Version7', { protocolVersion: 7 });
  await connectAndLeave(run, 'Trailing', { trailing: new Uint8Array([1, 2, 3]) });
  await connectAndLeave(run, 'InBytes', { inBytes: true });
  const eager = await Peer.connect(run, 'Eager', {
    pipelined: [auth('digest', 'u:p'), create('/eager', 'x'), getData('/eager'), remove('/eager'), ping],
  });
  await eager.call(closeSession);
}

async function refusals(run: Run, a: Peer): Promise<void> {
  const known = run.transcript.lastZxid;
  await connectAndLeave(run, 'Caught-up', { lastZxidSeen: known });
  await Peer.connect(run, 'Ahead', { lastZxidSeen: known + 1_000_000 });
  await Peer.connect(run, 'AheadWithSession', { lastZxidSeen: known + 1_000_000, session: a.session });
  const unknown = { id: 0x0123456789abcdefn, password: new Uint8Array(16) };
  await (await Peer.connect(run, 'WrongUnknown', { session: unknown })).untilClosed();
  const victim = await Peer.connect(run, 'Victim');
  const wrong = { ...victim.session, password: new Uint8Array(16).fill(1) };
  await (await Peer.connect(run, 'WrongPassword', { session: wrong })).untilClosed();
  await (await Peer.connect(run, 'WrongOld', { session: wrong, readOnly: null })).untilClosed();
  const short = { ...victim.session, password: victim.session.password.slice(0, 8) };
  await (await Peer.connect(run, 'ShortPassword', { session: short })).untilClosed();
  // Does a failed attempt with someone's id hurt him?
  await victim.call(exists('/'));
  await victim.drop();
  const again = await Peer.connect(run, 'Victim again', { session: victim.session });
  await again.pipeline(exists('/'), closeSession);
}

async function reattach(run: Run): Promise<void> {
  const first = await Peer.connect(run, 'S', { timeoutMs: 6000 });
  await first.call(create('/held', '', { flags: 1 }));
  const second = await Peer.connect(run, 'S again', { session: first.session, timeoutMs: 7000 });
  await first.untilClosed();
  await second.call(exists('/held'));
  await second.drop();
  const third = await Peer.connect(run, 'S third', { session: first.session, timeoutMs: 1, readOnly: null });
  await third.call(exists('/held'));
  await third.call(closeSession);
  await third.untilClosed();
  const late = await Peer.connect(run, 'S closed', { session: first.session });
  await late.untilClosed();
  const witness = await Peer.connect(run, 'W');
  await witness.call(exists('/held'));
  await witness.call(closeSession);
}

async function connectAndLeave(
  run: Run,
  name: string,
  options: Parameters<typeof Peer.connect>[2],
): Promise<void> {
  const peer = await Peer.connect(run, name, options);
  await peer.call(ping);
  await peer.call(closeSession);
  await peer.untilClosed();
}
