import t, { type Test } from 'tap';
import { Client } from '../../harness/client/client.ts';
import { apacheProgram, SMALL_JVM_FLAGS } from '../../harness/ensemble/apache.ts';
import { createEnsemble } from '../../harness/ensemble/create-ensemble.ts';
import { stampedeProgram } from '../../harness/ensemble/embedded.ts';
import { findApache } from '../../harness/ensemble/find-apache.ts';
import { fourLetterWord } from '../../harness/ensemble/four-letter-word.ts';
import type { ServerProgram } from '../../harness/ensemble/server-program.ts';
import { waitUntil } from '../../harness/ensemble/wait-until.ts';
import * as op from './sequence/operations.ts';
import { Peer } from './sequence/peer.ts';
import { formatTranscript, Transcript } from './sequence/transcript.ts';

const WAIT = { timeoutMs: 60_000 };
const PROPERTY = '-Dreadonlymode.enabled=true';

/** Apache's server keeps the set in which a session was before it was last heard of until that set's time has come. */
const OWN_SESSIONS_APART =
  /^SessionTracker dump:\nLocal Session Sets \([12]\)\/\(1\):\n(?:0 expire at .*:\n)?1 expire at .*:\n\t0x\w+\nGlobal Sessions\(\d+\):\n/;

/** What a server of three says and does when the two others are gone, and when they are back. */
async function play(t: Test, program: ServerProgram): Promise<string> {
  const ensemble = await createEnsemble({
    directory: t.testdir(),
    servers: [{ program }, { program }, { program }],
    // Apache's server has no sessions without a quorum unless there are local ones.
    config: { tickTime: '500', localSessionsEnabled: 'true' },
  });
  t.teardown(() => ensemble.stop());
  await ensemble.start();
  const [server, ...others] = ensemble.servers;
  const address = server?.clientAddress ?? '';
  const client = await Client.connect({ connectString: ensemble.connectString });
  await client.create('/a', Buffer.from('x'));
  await client.sync('/');
  // Its session stays: the end of it would be written, where this server may or may not hear of it any more.
  client.destroy();
  const is = (mode: string) => async () => (await fourLetterWord(address, 'isro').catch(() => '')) === mode;
  t.equal(await waitUntil(is('rw'), WAIT), 'met');
  await Promise.all(others.map((other) => other.kill()));
  t.equal(await waitUntil(is('ro'), WAIT), 'met', 'it says that it is read-only');
  t.match(await fourLetterWord(address, 'srvr'), /\nREAD-ONLY mode; serving only read-only clients\n/);
  t.match(await fourLetterWord(address, 'mntr'), /\nzk_server_state\tread-only\n/);
  const transcript = new Transcript();
  transcript.beginScenario('read-only');
  const run = { address, transcript };
  await Peer.connect(run, 'W', { readOnly: false });
  await Peer.connect(run, 'O', { readOnly: null });
  const reader = await Peer.connect(run, 'R', { readOnly: true });
  await reader.call(op.getData('/a', true));
  await reader.call(op.exists('/b'));
  t.match(await fourLetterWord(address, 'dump'), OWN_SESSIONS_APART);
  for (const refused of [
    op.create('/b'),
    op.setData('/a', 'y'),
    op.remove('/a'),
    op.setAcl('/a', op.OPEN_ACL),
    op.multi(op.create('/b')),
    op.sync('/'),
    op.reconfig(null, '1', null),
  ]) {
    await reader.call(refused);
  }
  await reader.call(op.ping);
  const again = await Peer.connect(run, 'A', { readOnly: true, session: reader.session });
  await reader.untilClosed();
  await again.call(op.getChildren('/'));
  await again.callToEnd(op.closeSession);
  const last = await Peer.connect(run, 'L', { readOnly: true });
  await Promise.all(others.map((other) => other.start()));
  t.equal(await waitUntil(is('rw'), WAIT), 'met', 'with the others it writes again');
  await last.untilClosed();
  return formatTranscript(transcript.steps);
}

const ours = stampedeProgram({ env: { SERVER_JVMFLAGS: PROPERTY } });
let transcript = '';
await t.test('a server without a quorum serves those who only read', async (t) => {
  transcript = await play(t, ours);
  t.match(transcript, /R getData "\/a" watch\n {4}ok 0/);
  t.equal(transcript.match(/notReadOnly -119/g)?.length, 7);
});

const search = findApache();
await t.test('as Apache’s does', { skip: search.found ? false : search.why }, async (t) => {
  if (!search.found) throw new Error(search.why);
  t.equal(transcript, await play(t, apacheProgram(search.apache, [...SMALL_JVM_FLAGS, PROPERTY])));
});
