import { Bench as LeaderBench } from '../../zab/testing/leader-bench.ts';
import { Bench as LearnerBench } from '../../zab/testing/learner-bench.ts';
import { joined, recordedPackets } from '../recordings.ts';
import { check, type FuzzTarget } from '../target.ts';

/** What a learner, or a stranger on the quorum port, says to a leader that has a follower. */
export const leaderPort: FuzzTarget = {
  name: 'leader-port',
  corpus: recordedPackets('>').map(joined),
  run: (input) => {
    const bench = new LeaderBench();
    const follower = bench.established();
    const stranger = bench.connect();
    const half = input.length >>> 1;
    for (const piece of [input.slice(0, half), input.slice(half)]) {
      if (stranger.socket.state === 'open') stranger.send(piece);
    }
    stranger.drop();
    const fatal = bench.events.find((event) => event.startsWith('fatal'));
    check(fatal === undefined, `a learner has ended the leader: ${fatal}`);
    // A stranger may say that it is server 2, and has come anew; or that it has promised a later epoch.
    const hasEnded = bench.events.some((event) => event.startsWith('ended'));
    check(hasEnded || bench.leader.isEstablished, 'the leader is neither leader nor ended');
    follower.received();
  },
};

/** What a leader, or who claims to be one, says to a learner. */
export const learnerPort: FuzzTarget = {
  name: 'learner-port',
  corpus: recordedPackets('<').map(joined),
  run: (input) => {
    const bench = new LearnerBench();
    bench.open();
    const half = input.length >>> 1;
    for (const piece of [input.slice(0, half), input.slice(half)]) {
      if (bench.socket.state === 'open') bench.send(piece);
    }
    bench.flush();
    const fatal = bench.events.find((event) => event.startsWith('fatal'));
    check(fatal === undefined, `a leader has ended the process: ${fatal}`);
  },
};
