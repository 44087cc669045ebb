import type { ByteStream, Cancel, StreamHandler } from '../base/ports.ts';
import { RingQueue } from '../base/ring-queue.ts';
import type { ServerId } from '../base/server-id.ts';
import type { SessionId } from '../base/session-id.ts';
import { counterOf, epochOf, formatZxid, makeZxid, ZXID_ZERO, type Epoch, type Zxid } from '../base/zxid.ts';
import { JuteReader } from '../wire/jute-reader.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { readAckEpoch } from '../wire/quorum/ack-epoch.ts';
import { writeCommitAndActivate, writeInformAndActivate } from '../wire/quorum/activate.ts';
import type { AuthId } from '../wire/quorum/auth-id.ts';
import { readForwardedRequest, type ForwardedRequest } from '../wire/quorum/forwarded-request.ts';
import { PROTOCOL_VERSION, readLearnerInfo } from '../wire/quorum/learner-info.ts';
import { writeLeaderInfo } from '../wire/quorum/leader-info.ts';
import { writeNewLeader } from '../wire/quorum/new-leader.ts';
import { PacketDecoder } from '../wire/quorum/packet-decoder.ts';
import {
  beginPacket,
  endPacket,
  NO_ZXID,
  PacketType,
  writeEmptyPacket,
  writePacket,
} from '../wire/quorum/quorum-packet.ts';
import {
  readRevalidateRequest,
  writeRevalidateReply,
  type RevalidateReply,
} from '../wire/quorum/revalidate.ts';
import { readSessionTouches } from '../wire/quorum/session-touch.ts';
import { SnapshotStreamWriter } from '../wire/quorum/snapshot-stream.ts';
import { WireError } from '../wire/wire-error.ts';
import type { AckWatch } from './ack-watch.ts';
import { LinkStats } from './link-stats.ts';
import { PeerOutput } from './peer-output.ts';
import type { Replica, SnapshotView } from './replica.ts';
import { planSync } from './sync-plan.ts';
import type { Watchdog } from './watchdog.ts';

/** Of a snapshot at a time: well under a millisecond's work. */
const SLICE_BYTES = 64 << 10;
/** Who has not said who it is has nothing longer to say than that, which is 40 bytes. */
const FIRST_PACKET_BYTES_MAX = 1024;
/** As much of a snapshot is under way to a learner as keeps its network busy. */
const SNAPSHOT_BACKLOG_BYTES = 512 << 10;
/** Beyond this a learner has fallen too far behind: it is sent away, and comes back to be synchronised (B44). */
const BACKLOG_BYTES_MAX = 256 << 20;
/**
 * Of requests of one learner that are not committed yet, in bytes, and what each costs besides its own. A learner
 * bounds what its clients have in flight to half of it. Reading cannot stop meanwhile: the acks that would let it go
 * on come over the same connection.
 */
const HELD_BYTES_MAX = 256 << 20;
const HELD_OVERHEAD_BYTES = 512;

/** Something a learner has asked for, and what has to be committed before it is done with. */
interface Held {
  readonly after: Zxid;
  readonly bytes: number;
  /** Null for a request: its txn is its answer. */
  readonly answer: 'sync' | RevalidateReply | null;
}

/** What a leader does with what its learners say. */
export interface LearnerLinkEvents {
  /** FOLLOWERINFO or OBSERVERINFO. Null: from here on its id is known. Anything else sends it away, and is why. */
  onInfo(link: LearnerLink): string | null;
  onEpochAck(link: LearnerLink): void;
  /** It has acknowledged what `link.acked` says: NEWLEADER, or txns. Called once for many. */
  onAck(link: LearnerLink): void;
  onRequest(link: LearnerLink, request: ForwardedRequest, ids: readonly AuthId[] | null): void;
  onTouch(link: LearnerLink, session: SessionId, timeoutMs: number): void;
  onRevalidate(link: LearnerLink, session: SessionId, timeoutMs: number): void;
  /** The connection is over, whoever ended it. Nothing comes after it. */
  onLost(link: LearnerLink, why: string): void;
  beginTurn(): void;
}

/**
 * Where a learner is on its way through the phases (protocol §4.3–4.5):
 * it says who it is, accepts the epoch, waits to be synchronised, gets the history, acknowledges NEWLEADER, and
 * is told to serve.
 */
export type LearnerState = 'info' | 'epoch' | 'accepted' | 'syncing' | 'synchronised' | 'active' | 'lost';

/** The leader's end of one learner's connection. */
export class LearnerLink implements StreamHandler {
  state: LearnerState = 'info';
  id: ServerId = 0 as ServerId;
  isObserver = false;
  acceptedEpoch: Epoch = 0 as Epoch;
  configVersion = 0;
  /** Of ACKEPOCH. Null: it had accepted the epoch before and does not count. */
  currentEpoch: Epoch | null = null;
  /** What it has logged last, by its own word, when it accepted the epoch. */
  lastLogged: Zxid = ZXID_ZERO;
  /** Everything up to here is on its disk. */
  acked: Zxid = ZXID_ZERO;
  /** It was synchronised with everything up to here as committed, of which it sends no acks. */
  syncedTo: Zxid = ZXID_ZERO;
  watchdog: Watchdog | null = null;
  acks: AckWatch | null = null;
  /** Its id has been taken for right. */
  isKnown = false;
  readonly stats: LinkStats;

  readonly #stream: ByteStream;
  readonly #events: LearnerLinkEvents;
  readonly #decoder: PacketDecoder;
  readonly #packetBytesMax: number;
  readonly #reader = new JuteReader();
  readonly #output: PeerOutput;
  #epoch: Epoch = 0 as Epoch;
  #view: SnapshotView | null = null;
  #snapshot: SnapshotStreamWriter | null = null;
  /** While a snapshot streams, what comes behind it. */
  #behind: JuteWriter | null = null;
  #cancelWait: Cancel | null = null;
  /** It gets what is broadcast. */
  #isForwarding = false;
  /** The last proposal that was sent to it: nothing above it can be acknowledged. */
  #lastSent: Zxid = ZXID_ZERO;
  /** Sent with its COMMIT before NEWLEADER was. */
  #syncedTo: Zxid = ZXID_ZERO;
  readonly #held = new RingQueue<Held>(8);
  #heldBytes = 0;
  #pendingSyncs = 0;

  constructor(
    stream: ByteStream,
    options: {
      readonly packetBytesMax: number;
      readonly events: LearnerLinkEvents;
      /** Monotonic. */
      readonly nowMs: number;
    },
  ) {
    this.#stream = stream;
    this.stats = new LinkStats(options.nowMs);
    this.#events = options.events;
    this.#decoder = new PacketDecoder(FIRST_PACKET_BYTES_MAX);
    this.#packetBytesMax = options.packetBytesMax;
    this.#output = new PeerOutput(stream);
  }

  /** `sync`s of it that wait for what was proposed before them. */
  get pendingSyncs(): number {
    return this.#pendingSyncs;
  }

  get remoteAddress(): string {
    return this.#stream.remoteAddress;
  }

  get remotePort(): number {
    return this.#stream.remotePort;
  }

  /** Not taken by the network yet, what waits behind a snapshot included. */
  get backlogBytes(): number {
    return this.#output.backlogBytes + (this.#behind?.length ?? 0);
  }

  /** Whether what is broadcast goes to it too, behind what synchronises it. */
  get isForwarding(): boolean {
    return this.#isForwarding;
  }

  // ---- to the learner ------------------------------------------------------------------------------------

  sendLeaderInfo(epoch: Epoch): void {
    this.state = 'epoch';
    this.#epoch = epoch;
    const writer = this.#begin();
    const begun = beginPacket(writer, PacketType.leaderInfo, makeZxid(epoch, 0));
    writeLeaderInfo(writer, { protocolVersion: PROTOCOL_VERSION });
    endPacket(writer, begun);
  }

  /**
   * Sends what brings the learner to our history, then NEWLEADER; whatever is broadcast from now on queues
   * behind it. A snapshot may have to wait for another one; it is then of the moment it begins.
   */
  synchronise(replica: Replica, configText: string): void {
    this.state = 'syncing';
    const plan = planSync(this.lastLogged, replica.window);
    if (plan.type === 'snap') {
      this.#cancelWait = replica.whenSnapshotMayBegin(() => this.#sendSnapshot(replica, configText));
      return;
    }
    const type = plan.type === 'diff' ? PacketType.diff : PacketType.trunc;
    writeEmptyPacket(this.#begin(), type, plan.zxid);
    this.#sendWindow(replica, plan.from);
    this.#sendNewLeader(configText, replica.window.committed);
  }

  sendUpToDate(): void {
    this.state = 'active';
    writeEmptyPacket(this.#begin(), PacketType.upToDate, NO_ZXID);
  }

  sendProposal(zxid: Zxid, entry: Uint8Array): void {
    this.#lastSent = zxid;
    writePacket(this.#begin(zxid), PacketType.proposal, zxid, entry);
  }

  /** `designatedLeader`: of a reconfig, which becomes what decides with it. */
  sendCommit(zxid: Zxid, designatedLeader: ServerId | null): void {
    const writer = this.#begin(zxid);
    if (designatedLeader === null) {
      writeEmptyPacket(writer, PacketType.commit, zxid);
      return;
    }
    const begun = beginPacket(writer, PacketType.commitAndActivate, zxid);
    writeCommitAndActivate(writer, { designatedLeader });
    endPacket(writer, begun);
  }

  /** `designatedLeader`: as of `sendCommit`. */
  sendInform(zxid: Zxid, entry: Uint8Array, designatedLeader: ServerId | null): void {
    const writer = this.#begin(zxid);
    if (designatedLeader === null) {
      writePacket(writer, PacketType.inform, zxid, entry);
      return;
    }
    const begun = beginPacket(writer, PacketType.informAndActivate, zxid);
    writeInformAndActivate(writer, { designatedLeader, entry });
    endPacket(writer, begun);
  }

  sendPing(zxid: Zxid): void {
    writeEmptyPacket(this.#begin(zxid), PacketType.ping, zxid);
  }

  /** Answers a `sync` when everything up to `after` is committed. */
  holdSync(after: Zxid): void {
    this.#pendingSyncs++;
    this.#hold({ after, bytes: HELD_OVERHEAD_BYTES, answer: 'sync' });
  }

  /** Answers about a session when everything up to `after` is committed. */
  holdRevalidation(after: Zxid, answer: RevalidateReply): void {
    this.#hold({ after, bytes: HELD_OVERHEAD_BYTES, answer });
  }

  /** A request of `bytes` has been proposed, `after` at the latest. */
  holdRequest(after: Zxid, bytes: number): void {
    this.#hold({ after, bytes: HELD_OVERHEAD_BYTES + bytes, answer: null });
  }

  /** Everything up to `committed` has been committed, and this learner has been told. */
  onCommitted(committed: Zxid): void {
    for (;;) {
      const first = this.#held.peek();
      if (first === undefined || first.after > committed) return;
      this.#held.shift();
      this.#heldBytes -= first.bytes;
      this.#answer(first.answer);
    }
  }

  #answer(answer: Held['answer']): void {
    if (answer === null) return;
    const writer = this.#begin();
    if (answer === 'sync') {
      this.#pendingSyncs--;
      writeEmptyPacket(writer, PacketType.sync, ZXID_ZERO);
      return;
    }
    const begun = beginPacket(writer, PacketType.revalidate, NO_ZXID);
    writeRevalidateReply(writer, answer);
    endPacket(writer, begun);
  }

  /** Ends the connection of who asks for more than can be answered. */
  #hold(held: Held): void {
    if (this.state === 'lost') return;
    this.#held.push(held);
    this.#heldBytes += held.bytes;
    if (this.#heldBytes > HELD_BYTES_MAX) this.close('it asks for more than can be answered');
  }

  /** At the end of the turn. */
  flush(): void {
    if (this.state === 'lost') return;
    this.#streamSnapshot();
    this.#output.flush();
    // Where the network takes all of it at once, nothing else would make it go on.
    if (this.#snapshot !== null && this.#output.backlogBytes < SNAPSHOT_BACKLOG_BYTES)
      this.#events.beginTurn();
    const { backlogBytes } = this;
    if (backlogBytes === 0) this.stats.queued = 0;
    if (backlogBytes > BACKLOG_BYTES_MAX) {
      this.close('it has fallen too far behind');
    }
  }

  /** Ends the connection from our side. */
  close(why: string): void {
    if (this.state === 'lost') return;
    this.#leave();
    this.#stream.destroy();
    this.#events.onLost(this, why);
  }

  // ---- from the network ----------------------------------------------------------------------------------

  onBytes(chunk: Uint8Array): void {
    if (this.state === 'lost') return;
    this.#events.beginTurn();
    this.watchdog?.heard();
    const ackedBefore = this.acked;
    try {
      this.#decoder.push(chunk);
      while (this.#isReading() && this.#decoder.next()) this.#onPacket();
      this.#decoder.keep();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.close(error.message);
      return;
    }
    if (this.#isReading() && this.acked > ackedBefore) this.#events.onAck(this);
  }

  onDrain(): void {
    if (this.#snapshot !== null) this.#events.beginTurn();
  }

  onClosed(): void {
    if (this.state === 'lost') return;
    this.#leave();
    this.#events.onLost(this, 'it closed the connection');
  }

  // ---- inside --------------------------------------------------------------------------------------------

  #isReading(): boolean {
    return this.state !== 'lost';
  }

  #leave(): void {
    this.state = 'lost';
    this.#isForwarding = false;
    this.#cancelWait?.();
    this.#view?.cancel();
    this.#view = null;
    this.#snapshot = null;
    this.watchdog?.stop();
  }

  /** Where the next packet goes: behind a snapshot that is under way, or out. */
  #begin(zxid = NO_ZXID): JuteWriter {
    this.#events.beginTurn();
    this.stats.sent++;
    this.stats.queued++;
    if (zxid > 0) this.stats.lastZxid = zxid;
    return this.#behind ?? this.#output.writer;
  }

  /** Committed txns with their COMMITs, then what is outstanding, which only voters are asked about. */
  #sendWindow(replica: Replica, from: number): void {
    const { window } = replica;
    this.syncedTo = window.committed;
    for (let i = from; i < window.committedCount; i++) {
      const zxid = window.zxidAt(i);
      this.sendProposal(zxid, window.entryAt(i));
      this.sendCommit(zxid, null);
    }
    if (!this.isObserver) {
      for (let i = window.committedCount; i < window.length; i++) {
        this.sendProposal(window.zxidAt(i), window.entryAt(i));
      }
    }
    this.#isForwarding = true;
  }

  #sendNewLeader(configText: string, committed: Zxid): void {
    this.#syncedTo = committed;
    writeNewLeader(this.#begin(), makeZxid(this.#epoch, 0), configText);
  }

  #sendSnapshot(replica: Replica, configText: string): void {
    this.#cancelWait = null;
    const view = replica.beginSnapshot();
    writeEmptyPacket(this.#begin(), PacketType.snap, view.zxid);
    this.#view = view;
    this.#snapshot = new SnapshotStreamWriter(view);
    this.#behind = new JuteWriter(4096);
    this.#sendWindow(replica, replica.window.indexFrom((view.zxid + 1) as Zxid));
    this.#sendNewLeader(configText, replica.window.committed);
  }

  #streamSnapshot(): void {
    const behind = this.#behind;
    if (this.#snapshot === null || behind === null) return;
    while (this.#output.backlogBytes < SNAPSHOT_BACKLOG_BYTES) {
      // It takes what it gets, which is as good as a word.
      this.watchdog?.heard();
      if (!this.#snapshot.writeSlice(this.#output.writer, SLICE_BYTES)) continue;
      this.#snapshot = null;
      this.#view = null;
      this.#behind = null;
      this.#output.writer.raw(behind.bytes());
      return;
    }
  }

  #onPacket(): void {
    const { type } = this.#decoder;
    this.stats.received++;
    this.#decoder.openData(this.#reader);
    switch (this.state) {
      case 'info':
        this.#onInfo(type);
        return;
      case 'epoch':
        this.#onAckEpoch(type);
        return;
      case 'accepted':
        throw new WireError('value', `packet of type ${type} before it was synchronised`);
      case 'syncing':
        // Nothing else may come before NEWLEADER is acknowledged (trap 68). A ping that had to be answered has
        // been sent to nobody in this state.
        if (type !== PacketType.ack) throw new WireError('value', `packet of type ${type} before its ACK`);
        this.#onEpochAck();
        return;
      default:
        this.#onBroadcastPacket(type);
    }
  }

  #onInfo(type: number): void {
    if (type !== PacketType.followerInfo && type !== PacketType.observerInfo) {
      throw new WireError('value', `packet of type ${type} from who has not said who it is`);
    }
    const info = readLearnerInfo(this.#reader);
    if (info.protocolVersion === null || info.protocolVersion < PROTOCOL_VERSION) {
      throw new WireError(
        'value',
        `a learner of protocol ${info.protocolVersion ?? 'unknown'}, from before 3.4`,
      );
    }
    this.id = info.serverId;
    this.isObserver = type === PacketType.observerInfo;
    this.acceptedEpoch = epochOf(this.#decoder.zxid);
    this.configVersion = info.configVersion ?? 0;
    const why = this.#events.onInfo(this);
    if (why !== null) {
      this.close(why);
      return;
    }
    this.isKnown = true;
    this.#decoder.limit = this.#packetBytesMax;
  }

  #onAckEpoch(type: number): void {
    if (type !== PacketType.ackEpoch)
      throw new WireError('value', `ACKEPOCH expected, not a packet of type ${type}`);
    // Of an epoch that was not proposed yet nobody can have promised anything.
    if (this.#epoch === 0) throw new WireError('value', 'ACKEPOCH before LEADERINFO was sent');
    this.currentEpoch = readAckEpoch(this.#reader).currentEpoch;
    this.lastLogged = this.#decoder.zxid;
    this.state = 'accepted';
    this.#events.onEpochAck(this);
  }

  #onEpochAck(): void {
    const { zxid } = this.#decoder;
    if (!this.#isForwarding || this.#behind !== null)
      throw new WireError('value', 'ACK before NEWLEADER was sent');
    if (zxid !== makeZxid(this.#epoch, 0)) {
      throw new WireError('value', `ACK of ${formatZxid(zxid)} instead of epoch ${this.#epoch}`);
    }
    this.state = 'synchronised';
    // What was committed before NEWLEADER is not acknowledged one by one: this ack is for all of it. Without it a
    // learner that comes while nothing is written would seem to owe the last txn's ack for ever.
    this.acked = this.#syncedTo > zxid ? this.#syncedTo : zxid;
  }

  #onBroadcastPacket(type: number): void {
    const { zxid } = this.#decoder;
    switch (type) {
      case PacketType.ack:
        // Counter 0: the second ack of the epoch, for UPTODATE (trap 67). What it was never sent it cannot have.
        if (counterOf(zxid) > 0 && zxid > this.acked && zxid <= this.#lastSent) this.acked = zxid;
        return;
      case PacketType.request:
        this.stats.requests++;
        this.#events.onRequest(this, readForwardedRequest(this.#reader), this.#decoder.authinfo());
        return;
      case PacketType.ping:
        readSessionTouches(this.#reader, (session, timeoutMs) =>
          this.#events.onTouch(this, session, timeoutMs),
        );
        return;
      case PacketType.revalidate: {
        const { sessionId, timeoutMs } = readRevalidateRequest(this.#reader);
        this.#events.onRevalidate(this, sessionId, timeoutMs);
        return;
      }
      default:
      // Apache warns and goes on, too: a later version may know more.
    }
  }
}
