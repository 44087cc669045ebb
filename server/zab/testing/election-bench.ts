import { SILENT_LOG } from '../../base/log.ts';
import { makeZxid, type Zxid } from '../../base/zxid.ts';
import { type Notification, PeerState } from '../../wire/election/notification.ts';
import { Election, type ElectionOptions } from '../election.ts';
import type { Membership } from '../membership.ts';
import { id, majority, membershipOf } from './test-membership.ts';
import { VirtualTime } from './virtual-time.ts';

export const { looking, following, leading, observing } = PeerState;

export const THREE = membershipOf(majority([1, 2, 3]));

export const FIVE = membershipOf(majority([1, 2, 3, 4, 5]));

export const ZXID = makeZxid(1, 7);

export const EPOCH = 1;

/** One server's election, and everything it does. */
export class Bench {
  readonly time = new VirtualTime();
  readonly self: number;
  readonly election: Election;
  sent: { readonly to: number; readonly notification: Notification }[] = [];
  electedCount = 0;
  doubts: string[] = [];
  newerConfigs: string[] = [];
  withdrawn = 0;
  onElected: () => void = () => {};
  onNewerConfig: () => void = () => {};

  constructor(self: number, membership: Membership, options: Partial<ElectionOptions> = {}) {
    this.self = self;
    this.election = new Election({
      self: id(self),
      membership,
      timers: this.time,
      log: SILENT_LOG,
      effects: {
        send: (to, notification) => this.sent.push({ to, notification }),
        withdraw: () => this.withdrawn++,
        onElected: () => {
          this.electedCount++;
          this.onElected();
        },
        onDoubt: (why) => this.doubts.push(why),
        onNewerConfig: (text) => {
          this.newerConfigs.push(text);
          this.onNewerConfig();
        },
      },
      ...options,
    });
  }

  look(zxid: Zxid = ZXID, peerEpoch = EPOCH): this {
    this.election.look({ zxid, peerEpoch });
    return this;
  }

  /** What was sent since the last call, each recipient with its vote: `2:1@1` is a vote for 1 in round 1. */
  take(): string {
    const lines = this.sent.map(
      ({ to, notification }) => `${to}:${notification.leader}@${notification.electionEpoch}`,
    );
    this.sent = [];
    return lines.join(' ');
  }

  hear(from: number, notification: Partial<Notification>): this {
    this.election.onNotification(id(from), { ...vote(from), ...notification });
    return this;
  }

  pass(ms: number): this {
    this.time.runUntil(this.time.nowMs + ms);
    return this;
  }

  get role(): string {
    const name = ['looking', 'following', 'leading', 'observing'][this.election.state];
    return `${name} ${this.election.vote.leader}@${this.election.round}`;
  }
}

/** A LOOKING server's vote for this leader, in round 1, whose log is as long as ours. */
export function vote(leader: number, other: Partial<Notification> = {}): Notification {
  return {
    state: looking,
    leader: id(leader),
    zxid: ZXID,
    electionEpoch: 1,
    peerEpoch: EPOCH,
    version: 2,
    config: THREE.text,
    ...other,
  };
}

export function established(self: number, membership: Membership, leader: number): Bench {
  const bench = new Bench(self, membership).look();
  for (const server of membership.verifier.voters)
    if (server !== self) bench.hear(server, { leader: id(leader) });
  bench.election.updateVoteEpoch(2);
  bench.take();
  return bench;
}

/** The leader of an established ensemble of three, 3, has died; the bench is 2, and 1 is left. */
export function orphan(): Bench {
  return established(2, THREE, 3).look();
}

/** Five servers have elected 4, and nothing has come of it yet. */
export function elected(self: number): Bench {
  const bench = new Bench(self, FIVE).look();
  for (const other of [1, 2, 3, 4, 5]) if (other !== self) bench.hear(other, { leader: id(4) });
  return bench;
}
