import { readInitialMessage } from '../../wire/election/initial-message.ts';
import { JuteReader } from '../../wire/jute-reader.ts';
import { WireError } from '../../wire/wire-error.ts';
import { Bench } from '../../zab/testing/election-links-bench.ts';
import { framed, joined, recordedElection } from '../recordings.ts';
import { check, type FuzzTarget } from '../target.ts';

const initials = recordedElection('initial');
const notifications = recordedElection('notification');

/** What anybody says on the election port. */
export const electionPort: FuzzTarget = {
  name: 'election-port',
  corpus: initials.flatMap((initial) =>
    notifications.map((notification) => joined([initial, framed(notification), framed(notification)])),
  ),
  run: (input) => {
    const bench = new Bench();
    const peer = bench.connected(3);
    const stranger = bench.accept();
    const half = input.length >>> 1;
    for (const piece of [input.slice(0, half), input.slice(half)]) {
      if (stranger.state === 'open') stranger.say(piece);
    }
    stranger.close();
    bench.pass(10_000);
    // Whoever claims to be server 3 may take its place; nobody else may.
    check(peer.state === 'open' || claimOf(input) === 3, 'a stranger has cost a peer its connection');
    bench.links.close();
  },
};

function claimOf(input: Uint8Array): number | null {
  try {
    return readInitialMessage(new JuteReader(input)).sid;
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}
