import type { Log } from '../base/log.ts';
import type { ByteStream, Cancel, Dialer, Endpoint, StreamHandler, Timers } from '../base/ports.ts';
import type { Prng } from '../base/prng.ts';
import type { ServerId } from '../base/server-id.ts';
import { type InitialMessage, isWildcard, writeInitialMessage } from '../wire/election/initial-message.ts';
import { type Notification, writeNotification } from '../wire/election/notification.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import type { WireError } from '../wire/wire-error.ts';
import { type ConnectionOwner, ElectionConnection } from './election-connection.ts';
import { ElectionPeer, type LinkLimits, type PeerContext, type PeerEvents } from './election-peer.ts';
import type { Member, Membership } from './membership.ts';

const DEFAULT_LIMITS: LinkLimits = {
  dialTimeoutMs: 5000,
  handshakeTimeoutMs: 5000,
  retryMinMs: 10,
  retryMaxMs: 1000,
  connectBackMs: 250,
  freshMs: 100,
  unidentifiedMax: 64,
  guestsMax: 64,
};

export interface ElectionLinksOptions {
  readonly self: ServerId;
  readonly membership: Membership;
  readonly dialer: Dialer;
  readonly timers: Timers;
  readonly log: Log;
  readonly prng: Prng;
  readonly events: PeerEvents;
  /**
   * Whether a server that is in no configuration we know is answered, as one has to be that wants to join by a
   * reconfiguration; otherwise its connection is closed. Anonymous observers are always answered.
   */
  readonly acceptsUnknown?: boolean;
  readonly limits?: Partial<LinkLimits>;
}

/** All connections of this server's election port, those it accepts and those it opens. */
export class ElectionLinks implements ConnectionOwner {
  readonly #self: ServerId;
  readonly #context: PeerContext;
  readonly #events: PeerEvents;
  readonly #limits: LinkLimits;
  readonly #acceptsUnknown: boolean;
  readonly #peers = new Map<ServerId, ElectionPeer>();
  /** Accepted, and not identified yet; with the timer that ends it. */
  readonly #unidentified = new Map<ElectionConnection, Cancel>();
  #members = new Map<ServerId, Member>();
  /** Where this server listens, by the last configuration that it belonged to. */
  #ownAddress: Endpoint | null = null;
  #lastAnonymous = 0;
  #lastSaid: { readonly notification: Notification; readonly bytes: Uint8Array } | null = null;
  #isClosed = false;

  constructor(options: ElectionLinksOptions) {
    this.#self = options.self;
    this.#events = options.events;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#acceptsUnknown = options.acceptsUnknown ?? false;
    const { self, dialer, timers, log, prng } = options;
    const initialMessage = (): Uint8Array => this.#initialMessage();
    this.#context = { self, dialer, timers, log, prng, limits: this.#limits, initialMessage };
    this.setMembership(options.membership, null);
  }

  /** Who may speak, and where they are. Connections to servers that are in neither are closed. */
  setMembership(committed: Membership, lastSeen: Membership | null): void {
    this.#members = new Map([...(lastSeen?.members ?? []), ...committed.members]);
    this.#ownAddress = this.#members.get(this.#self)?.election ?? this.#ownAddress;
    for (const [id, peer] of this.#peers) {
      const member = this.#members.get(id);
      if (member !== undefined) peer.configured = member.election;
      else if (!peer.isGuest) this.#remove(peer);
    }
  }

  /** For the listener of the election port. */
  readonly accept = (stream: ByteStream): StreamHandler => {
    const connection = new ElectionConnection(stream, this, { isAccepted: true });
    if (this.#isClosed) {
      connection.destroy();
      return connection;
    }
    const timeout = this.#context.timers.after(this.#limits.handshakeTimeoutMs, () => {
      this.#refuse(connection, `said nothing for ${this.#limits.handshakeTimeoutMs} ms`);
    });
    this.#unidentified.set(connection, timeout);
    const [oldest] = this.#unidentified.keys();
    if (this.#unidentified.size > this.#limits.unidentifiedMax && oldest !== undefined) {
      this.#refuse(oldest, 'there are too many that have not said who they are');
    }
    return connection;
  };

  /** To another server of the configuration, or to a guest that is connected. */
  send(to: ServerId, notification: Notification): void {
    if (to === this.#self || this.#isClosed) return;
    const peer = this.#peers.get(to) ?? this.#memberPeer(to);
    peer?.send(this.#encoded(notification), notification.state);
  }

  /** What was not sent need not be: connections stay, attempts to open one end. */
  withdraw(): void {
    for (const peer of this.#peers.values()) peer.withdraw();
  }

  close(): void {
    this.#isClosed = true;
    for (const connection of this.#unidentified.keys()) {
      this.#forget(connection);
      connection.destroy();
    }
    for (const peer of this.#peers.values()) peer.close();
    this.#peers.clear();
  }

  onIdentified(connection: ElectionConnection, message: InitialMessage): void {
    this.#forget(connection);
    const id = message.sid ?? this.#nextAnonymous();
    if (id === this.#self) {
      this.#refuse(connection, `it claims our own id ${id}`);
      return;
    }
    const isMember = this.#members.has(id);
    if (!isMember && !this.#acceptsUnknown && message.sid !== null) {
      this.#refuse(connection, `there is no server ${id} in the configuration`);
      return;
    }
    const claimed = message.addresses.find((address) => !isWildcard(address)) ?? null;
    if (!isMember && id < this.#self && message.sid !== null && claimed === null) {
      this.#refuse(connection, `server ${id} is in no configuration and gives no address`);
      return;
    }
    const peer = this.#peers.get(id) ?? (isMember ? this.#memberPeer(id) : this.#guestPeer(id));
    if (peer === undefined) return;
    if (message.sid === null || id > this.#self) {
      peer.adopt(connection);
      return;
    }
    connection.end();
    peer.connectBack(claimed);
  }

  onNotification(connection: ElectionConnection): void {
    connection.destroy();
  }

  onDrain(): void {}

  onGarbage(connection: ElectionConnection, why: WireError): void {
    this.#refuse(connection, why.message);
  }

  onClosed(connection: ElectionConnection): void {
    this.#forget(connection);
  }

  #forget(connection: ElectionConnection): void {
    this.#unidentified.get(connection)?.();
    this.#unidentified.delete(connection);
  }

  #refuse(connection: ElectionConnection, why: string): void {
    this.#forget(connection);
    connection.destroy();
    this.#context.log.warn('election', `closed a connection from ${connection.remote}: ${why}`);
  }

  #memberPeer(id: ServerId): ElectionPeer | undefined {
    const member = this.#members.get(id);
    if (member === undefined) return undefined;
    const peer = new ElectionPeer(id, member.election, this.#context, this.#events);
    this.#peers.set(id, peer);
    return peer;
  }

  #guestPeer(id: ServerId): ElectionPeer {
    const guests = [...this.#peers.values()].filter((peer) => peer.isGuest);
    const [oldest] = guests;
    if (guests.length >= this.#limits.guestsMax && oldest !== undefined) this.#remove(oldest);
    // A reconfiguration may make it a member, for which the connection it has is good.
    const unlessMember = (tell: (id: ServerId) => void) => (of: ServerId) => {
      if (peer.isGuest) this.#remove(peer);
      else tell(of);
    };
    const peer: ElectionPeer = new ElectionPeer(id, null, this.#context, {
      onNotification: (from, notification) => this.#events.onNotification(from, notification),
      onPeerConnected: (of) => {
        if (!peer.isGuest) this.#events.onPeerConnected(of);
      },
      onPeerLost: unlessMember((of) => this.#events.onPeerLost(of)),
      onPeerDown: unlessMember((of) => this.#events.onPeerDown(of)),
    });
    this.#peers.set(id, peer);
    return peer;
  }

  #remove(peer: ElectionPeer): void {
    peer.close();
    if (this.#peers.get(peer.id) === peer) this.#peers.delete(peer.id);
  }

  #nextAnonymous(): ServerId {
    this.#lastAnonymous--;
    return this.#lastAnonymous as ServerId;
  }

  #initialMessage(): Uint8Array {
    const writer = new JuteWriter(64);
    writeInitialMessage(writer, {
      version: 'one-address',
      sid: this.#self,
      // Who was never in a configuration has no address to give; a wildcard says that.
      addresses: [this.#ownAddress ?? { host: '0.0.0.0', port: 1 }],
    });
    return writer.bytes();
  }

  /** What is said to all is encoded once. */
  #encoded(notification: Notification): Uint8Array {
    if (this.#lastSaid?.notification !== notification) {
      const writer = new JuteWriter(64 + 3 * (notification.config?.length ?? 0));
      const at = writer.reserveInt();
      writeNotification(writer, notification);
      writer.endFrame(at);
      this.#lastSaid = { notification, bytes: writer.bytes() };
    }
    return this.#lastSaid.bytes;
  }
}
