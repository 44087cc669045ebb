import { type Log, SILENT_LOG } from '../../base/log.ts';
import type { Accept, Dialer, Endpoint, StreamHandler } from '../../base/ports.ts';
import { FakeSocket } from '../../base/testing/fake-socket.ts';
import { Prng } from '../../base/prng.ts';
import { makeZxid } from '../../base/zxid.ts';
import {
  type InitialMessage,
  initialMessageLength,
  readInitialMessage,
  writeInitialMessage,
} from '../../wire/election/initial-message.ts';
import {
  type Notification,
  PeerState,
  readNotification,
  writeNotification,
} from '../../wire/election/notification.ts';
import { JuteReader } from '../../wire/jute-reader.ts';
import { JuteWriter } from '../../wire/jute-writer.ts';
import { ElectionLinks, type ElectionLinksOptions } from '../election-links.ts';
import type { LinkLimits } from '../election-peer.ts';
import { hostOf, id, majority, membershipOf } from './test-membership.ts';
import { joined } from './packets.ts';
import { VirtualTime } from './virtual-time.ts';

export const MEMBERSHIP = membershipOf(majority([1, 2, 3, 4]), { observers: [5] });

export const LIMITS: LinkLimits = {
  dialTimeoutMs: 5000,
  handshakeTimeoutMs: 5000,
  retryMinMs: 10,
  retryMaxMs: 1000,
  connectBackMs: 250,
  freshMs: 100,
  unidentifiedMax: 3,
  guestsMax: 2,
};

/** The other side of one connection. */
export class FakeStream extends FakeSocket {
  handler!: StreamHandler;
  #unread = new Uint8Array(0);

  constructor() {
    super('10.0.0.9');
  }

  say(bytes: Uint8Array): this {
    this.handler.onBytes(bytes);
    return this;
  }

  /** The other side, or the network, closes it. */
  close(): void {
    this.destroy();
    this.handler.onClosed();
  }

  takeInitial(): InitialMessage {
    const bytes = this.#taken();
    const length = initialMessageLength(bytes);
    this.#unread = bytes.slice(length);
    return readInitialMessage(new JuteReader(bytes.subarray(0, length)));
  }

  /** The rounds of the notifications that were written: enough to tell them apart. */
  takeRounds(): number[] {
    const rounds: number[] = [];
    const bytes = this.#taken();
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < bytes.length;) {
      const end = at + 4 + view.getInt32(at);
      rounds.push(readNotification(new JuteReader(bytes.subarray(at + 4, end))).electionEpoch);
      at = end;
    }
    return rounds;
  }

  #taken(): Uint8Array {
    const bytes = joined(this.#unread, this.take());
    this.#unread = new Uint8Array(0);
    return bytes;
  }
}

interface Dial {
  readonly to: Endpoint;
  readonly timeoutMs: number;
  readonly onOpen: Accept;
  readonly onFailed: (why: string) => void;
  isCancelled: boolean;
}

/** Server 2 of four and an observer, its connections, and everything they do. */
export class Bench {
  readonly time = new VirtualTime();
  readonly links: ElectionLinks;
  dials: Dial[] = [];
  readonly events: string[] = [];
  readonly log: string[] = [];

  constructor(options: Partial<ElectionLinksOptions> = {}) {
    const dialer: Dialer = {
      dial: (to, { timeoutMs, onOpen, onFailed }) => {
        const dial = { to, timeoutMs, onOpen, onFailed, isCancelled: false };
        this.dials.push(dial);
        return () => {
          dial.isCancelled = true;
        };
      },
    };
    const warn = (_component: string, message: string): void => void this.log.push(message);
    const log: Log = { ...SILENT_LOG, warn, error: warn };
    const note = (what: string) => (peer: number) => void this.events.push(`${what} ${peer}`);
    this.links = new ElectionLinks({
      self: id(2),
      membership: MEMBERSHIP,
      dialer,
      timers: this.time,
      log,
      prng: new Prng(1),
      limits: LIMITS,
      events: {
        onNotification: (from, { electionEpoch }) => this.events.push(`heard ${from}: ${electionEpoch}`),
        onPeerConnected: note('connected'),
        onPeerLost: note('lost'),
        onPeerDown: note('down'),
      },
      ...options,
    });
  }

  take(): string {
    return this.events.splice(0).join(', ');
  }

  send(to: number, round: number, state: PeerState = PeerState.looking): this {
    this.links.send(id(to), notification(round, state));
    return this;
  }

  pass(ms: number): this {
    this.time.runUntil(this.time.nowMs + ms);
    return this;
  }

  /** The one dial that is under way. */
  dial(): Dial {
    const underway = this.dials.splice(0).filter(({ isCancelled }) => !isCancelled);
    const [dial] = underway;
    if (dial === undefined || underway.length > 1) throw new Error(`${underway.length} dials`);
    return dial;
  }

  open(): FakeStream {
    const stream = new FakeStream();
    stream.handler = this.dial().onOpen(stream);
    return stream;
  }

  accept(): FakeStream {
    const stream = new FakeStream();
    stream.handler = this.links.accept(stream);
    return stream;
  }

  /** A connection that is up: accepted from a larger id, opened to a smaller one. */
  connected(peer: number): FakeStream {
    let stream: FakeStream;
    if (peer > 2) stream = this.accept().say(initial(peer));
    else {
      this.send(peer, 0);
      stream = this.open();
      stream.takeInitial();
      stream.takeRounds();
    }
    stream.say(frame(1));
    this.events.length = 0;
    return stream;
  }
}

export function notification(
  round: number,
  state: PeerState = PeerState.looking,
  config = 'version=0',
): Notification {
  return {
    state,
    leader: id(3),
    zxid: makeZxid(1, 1),
    electionEpoch: round,
    peerEpoch: 1,
    version: 2,
    config,
  };
}

export function frame(round: number): Uint8Array {
  const writer = new JuteWriter();
  const at = writer.reserveInt();
  writeNotification(writer, notification(round));
  writer.endFrame(at);
  return writer.take();
}

export function initial(sid: number | null, host = hostOf(sid ?? 0), port = 3888): Uint8Array {
  const writer = new JuteWriter();
  const addresses = [{ host, port }];
  writeInitialMessage(writer, { version: 'one-address', sid: sid === null ? null : id(sid), addresses });
  return writer.take();
}

export function bytes(hex: string): Uint8Array {
  const pairs = hex.replaceAll(' ', '').match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}
