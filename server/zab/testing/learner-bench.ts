import { SILENT_LOG } from '../../base/log.ts';
import type { Accept, Dialer, StreamHandler } from '../../base/ports.ts';
import type { ServerId } from '../../base/server-id.ts';
import type { SessionId } from '../../base/session-id.ts';
import { makeZxid, type Zxid } from '../../base/zxid.ts';
import { FakeSocket } from '../../base/testing/fake-socket.ts';
import { Configurations } from '../configurations.ts';
import { Learner } from '../learner.ts';
import type { Membership } from '../membership.ts';
import type { SnapshotView } from '../replica.ts';
import { entryOf, FakeConfigurationStore, FakeReplica, NO_DISK } from './fake-replica.ts';
import {
  joined,
  leaderInfoPacket,
  names,
  newLeaderPacket,
  packet,
  PacketReader,
  type Packet,
} from './packets.ts';
import { id, majority, membershipOf } from './test-membership.ts';
import { VirtualTime } from './virtual-time.ts';

export const EPOCH = 5;

export const CONNECT_MS = 1000;

export const INIT_MS = 20_000;

export const SYNC_MS = 10_000;

export function z(counter: number, epoch = EPOCH): Zxid {
  return makeZxid(epoch, counter);
}

const OLD = [z(1, 1), z(2, 1), z(3, 1), z(4, 1)];

/** A learner whose leader is a script: bytes in, packets out, its disk and its time at the test's command. */
export class Bench {
  readonly time = new VirtualTime();
  readonly replica: FakeReplica;
  /** The connection that was opened last. */
  socket = new FakeSocket('leader');
  handler!: StreamHandler;
  readonly learner: Learner;
  readonly events: string[] = [];
  readonly #configText: string;
  #reader = new PacketReader();
  #onOpen: Accept | null = null;
  #onFailed: ((why: string) => void) | null = null;
  dials = 0;
  touched: (readonly [SessionId, number])[] = [];

  constructor(
    options: {
      readonly history?: readonly number[];
      readonly isObserver?: boolean;
      readonly membership?: Membership;
      /** Members may come and go. */
      readonly isChangeable?: boolean;
      readonly accepted?: number;
    } = {},
  ) {
    this.#configText = options.membership?.text ?? 'version=0';
    this.replica = new FakeReplica(options.history ?? OLD, { accepted: options.accepted ?? 1, current: 1 });
    const dialer: Dialer = {
      dial: (_to, { onOpen, onFailed }) => {
        this.dials++;
        this.#onOpen = onOpen;
        this.#onFailed = onFailed;
        return () => {
          this.#onOpen = null;
          this.#onFailed = null;
        };
      },
    };
    this.learner = new Learner({
      self: 2 as ServerId,
      isObserver: options.isObserver ?? false,
      isBlank: false,
      configurations: new Configurations({
        self: id(2),
        committed: options.membership ?? membershipOf(majority([1, 2, 3])),
        files: options.isChangeable === true ? new FakeConfigurationStore(this.replica) : null,
      }),
      leaderId: 3 as ServerId,
      leader: { host: 'leader', port: 2888 },
      replica: this.replica,
      disk: NO_DISK,
      clock: this.time,
      timers: this.time,
      dialer,
      log: SILENT_LOG,
      observer: null,
      packetBytesMax: 1 << 20,
      connectLimitMs: CONNECT_MS,
      initLimitMs: INIT_MS,
      syncLimitMs: SYNC_MS,
      events: {
        onServing: (epoch) => this.events.push(`serves in ${epoch}`),
        onSync: () => this.events.push('sync'),
        onRevalidated: (session, isValid) => this.events.push(`session ${session} ${isValid}`),
        takeTouched: () => this.touched.splice(0),
        onEnded: (why, { isLeaderDown, successor }) => {
          const leads = successor === null ? '' : `, ${successor} leads`;
          this.events.push(`ended${isLeaderDown ? ', leader down' : ''}${leads}: ${why}`);
        },
        onFatal: (error) => this.events.push(`fatal: ${error.message}`),
        beginTurn: () => undefined,
      },
    });
  }

  open(): void {
    const accept = this.#onOpen;
    if (accept === null) throw new Error('nobody dials');
    this.socket = new FakeSocket('leader');
    this.#reader = new PacketReader();
    this.handler = accept(this.socket);
  }

  refuse(): void {
    this.#onFailed?.('connection refused');
  }

  /** Comes from the leader; then the turn ends. */
  send(...parts: readonly Uint8Array[]): void {
    const bytes = joined(...parts);
    this.handler.onBytes(bytes);
    // The chunk's memory was good during the call only.
    bytes.fill(0xdb);
    this.learner.flush();
  }

  /** The log comes back from the disk. */
  flush(): void {
    this.replica.flush();
    this.learner.onDurable();
    this.learner.flush();
  }

  received(): Packet[] {
    this.learner.flush();
    return this.#reader.read(this.socket.take());
  }

  said(): string[] {
    return names(this.received());
  }

  /** As far as the header of the synchronisation. */
  discover(): void {
    this.open();
    this.send(leaderInfoPacket(EPOCH));
    this.received();
  }

  /** With nothing to be synchronised. */
  serve(): void {
    this.discover();
    this.send(
      packet('diff', this.replica.lastLogged),
      newLeaderPacket(EPOCH, this.#configText),
      packet('upToDate', -1),
    );
    this.received();
    this.replica.steps.length = 0;
    this.events.length = 0;
  }
}

/** A state that a leader sends whole. */
export function stateAt(zxid: Zxid, nodeCount = 1): SnapshotView {
  const replica = new FakeReplica([]);
  replica.lastApplied = zxid;
  replica.nodeCount = nodeCount;
  return replica.beginSnapshot();
}

export function proposal(zxid: number): Uint8Array {
  return packet('proposal', zxid, entryOf(zxid));
}

export function committed(...zxids: readonly number[]): Uint8Array {
  return joined(...zxids.flatMap((zxid) => [proposal(zxid), packet('commit', zxid)]));
}
