import type { ObservedRole, Observer } from '../../server/base/observer.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import { PacketType } from '../../server/wire/quorum/quorum-packet.ts';
import { checkApplied, checkGrowth } from './checks/agreement.ts';
import { applyCommitted } from '../model/committed-effect.ts';
import { checkDigest } from './checks/determinism.ts';
import { checkReplayed } from './checks/replay.ts';
import { checkAcknowledged, checkDurable, checkRecovered } from './checks/durability.ts';
import { checkCurrentEpoch, checkEpochs } from './checks/epoch-sanity.ts';
import { buryWhatIsMissing, checkAlive } from './checks/ghost-commits.ts';
import { checkContiguity, checkEntry, checkProposal } from './checks/integrity.ts';
import { checkLeaderCompleteness } from './checks/leader-completeness.ts';
import { checkReport } from './checks/memory-and-disk.ts';
import { PacketOrder } from './checks/packet-order.ts';
import { checkPrimaryUniqueness } from './checks/primary-uniqueness.ts';
import { checkAcceptedEpoch, checkPromise } from './checks/promises.ts';
import { checkLoss, checkQuorum } from './checks/quorum.ts';
import type { Ghost } from './ghost/ghost.ts';
import { countUpTo, epochIn, lastOf, type GhostServer } from './ghost/ghost-server.ts';
import { zx } from '../model/ghost-tree.ts';
import type { Trace } from './trace.ts';

/** Points in the life of a server at which it would be a pity to die. */
export type Moment =
  | 'recovered'
  | 'epoch accepted'
  | 'epoch current'
  | 'promise'
  | 'logged'
  | 'durable'
  | 'cut'
  | 'snapshot'
  | 'new leader acknowledged'
  | 'established'
  | 'committed'
  | 'serving'
  | 'sync';

/** Holds what every server does against what all of them did, as it happens (reliability §5.1, §5.2). */
export class StateChecker {
  readonly #ghost: Ghost;
  readonly #trace: Trace;
  readonly #packets: PacketOrder;
  readonly #onMoment: (id: number, moment: Moment) => void;

  constructor(ghost: Ghost, trace: Trace, onMoment: (id: number, moment: Moment) => void) {
    this.#ghost = ghost;
    this.#trace = trace;
    this.#packets = new PacketOrder(ghost);
    this.#onMoment = onMoment;
  }

  observerOf(id: number): Observer {
    return new ServerObserver({
      ghost: this.#ghost,
      server: this.#ghost.server(id),
      packets: this.#packets,
      trace: this.#trace,
      onMoment: (moment) => this.#onMoment(id, moment),
    });
  }

  onProcessEnded(id: number): void {
    const server = this.#ghost.server(id);
    if (this.#ghost.history.epochOwners.get(server.accepted) === id && server.role === 'leading') {
      this.#ghost.marks.hit('leader lost while established');
    } else if (server.role === 'leading') this.#ghost.marks.hit('leader lost while looking for a quorum');
    if (server.pending !== null) this.#ghost.marks.hit('sync interrupted');
    server.onProcessEnded();
  }
}

class ServerObserver implements Observer {
  readonly #ghost: Ghost;
  readonly #server: GhostServer;
  readonly #packets: PacketOrder;
  readonly #trace: Trace;
  readonly #onMoment: (moment: Moment) => void;

  constructor(options: {
    readonly ghost: Ghost;
    readonly server: GhostServer;
    readonly packets: PacketOrder;
    readonly trace: Trace;
    readonly onMoment: (moment: Moment) => void;
  }) {
    this.#ghost = options.ghost;
    this.#server = options.server;
    this.#packets = options.packets;
    this.#trace = options.trace;
    this.#onMoment = options.onMoment;
  }

  onRecovered(lastLogged: number, acceptedEpoch: number, currentEpoch: number): void {
    if (this.#trace.isOn)
      this.#say(`recovered: log ${zx(lastLogged)}, accepted ${acceptedEpoch}, current ${currentEpoch}`);
    const server = this.#server;
    checkAcceptedEpoch(this.#ghost, server, acceptedEpoch);
    checkEpochs(this.#ghost, server, acceptedEpoch, currentEpoch);
    checkRecovered(this.#ghost, server, lastLogged);
    const { lastCommitted } = this.#ghost.history;
    if (server.log.zxids.some((zxid) => zxid > lastLogged && zxid > lastCommitted)) {
      this.#ghost.marks.hit('uncommitted txn discarded');
    }
    if (this.#ghost.isStandalone) this.#ghost.history.forgetAbove(lastLogged);
    server.accepted = acceptedEpoch;
    server.current = currentEpoch;
    const { durable, isCutting } = server;
    if (lastLogged < durable && !isCutting) {
      this.#ghost.report(
        'D1',
        `server ${server.id} starts with ${zx(lastLogged)}, durable was ${zx(durable)}`,
      );
    }
    server.onRecovered(lastLogged);
    if (lastLogged < durable) checkLoss(this.#ghost, server, lastLogged, durable);
    if (this.#ghost.isStandalone) {
      server.isServing = true;
      this.onCommitted(lastLogged);
    }
    this.#onMoment('recovered');
  }

  onLoaded(zxid: number, digestHigh: number, digestLow: number): void {
    checkReplayed(this.#ghost, this.#server, zxid, { high: digestHigh, low: digestLow });
  }

  onRole(role: ObservedRole): void {
    this.#ghost.marks.hit(`role ${role}`);
    if (this.#trace.isOn) this.#say(role);
    this.#server.role = role;
    this.#server.isServing = false;
  }

  onEpochAccepted(epoch: number): void {
    if (this.#trace.isOn) this.#say(`acceptedEpoch ${epoch} is durable`);
    checkAcceptedEpoch(this.#ghost, this.#server, epoch);
    this.#server.accepted = epoch;
    this.#onMoment('epoch accepted');
  }

  onCurrentEpoch(epoch: number): void {
    if (this.#trace.isOn) this.#say(`currentEpoch ${epoch} is durable`);
    checkCurrentEpoch(this.#ghost, this.#server, epoch);
    this.#server.current = epoch;
    this.#onMoment('epoch current');
  }

  onHistoryReported(to: 'election' | 'leader', lastLogged: number, currentEpoch: number): void {
    if (this.#trace.isOn) this.#say(`reports ${zx(lastLogged)} of epoch ${currentEpoch} to the ${to}`);
    checkReport(this.#ghost, this.#server, lastLogged, currentEpoch);
  }

  onEpochAcknowledged(leader: number, epoch: number): void {
    if (this.#trace.isOn) this.#say(`promises epoch ${epoch} to ${leader}`);
    checkPromise(this.#ghost, this.#server, leader, epoch);
    this.#server.promises.set(epoch, leader);
    this.#onMoment('promise');
  }

  /** Of a leader's own entries it may be told that they are proposed before or after they are logged. */
  onProposed(zxid: number, entry: Uint8Array): void {
    if (this.#trace.isOn) this.#say(`proposes ${zx(zxid)}`);
    checkProposal(this.#ghost, this.#server, zxid, entry);
    if (zxid % 2 ** 32 >= this.#ghost.zxidCounterMax - 1) this.#ghost.marks.hit('epoch exhausted');
  }

  onLogged(zxid: number, entry: Uint8Array): void {
    if (this.#trace.isOn) this.#say(`logs ${zx(zxid)}`);
    const { history, isStandalone } = this.#ghost;
    const isOwn = isStandalone || history.epochOwners.get(epochIn(zxid)) === this.#server.id;
    checkContiguity(this.#ghost, this.#server, zxid);
    if (isOwn && !history.entries.has(zxid)) history.propose(this.#server.id, zxid, entry);
    else checkEntry(this.#ghost, this.#server, zxid, entry);
    this.#server.working.zxids.push(zxid);
    this.#onMoment('logged');
  }

  onDurable(upTo: number): void {
    if (this.#trace.isOn) this.#say(`${zx(upTo)} is durable`);
    checkDurable(this.#ghost, this.#server, upTo);
    this.#server.onDurable(upTo);
    if (this.#ghost.isStandalone) this.onCommitted(upTo);
    this.#onMoment('durable');
  }

  onTruncated(to: number): void {
    if (this.#trace.isOn) this.#say(`cut to ${zx(to)}`);
    if (lastOf(this.#server.log) > to) this.#ghost.marks.hit('uncommitted txn discarded');
    const last = lastOf(this.#server.log);
    this.#server.cut(to);
    checkLoss(this.#ghost, this.#server, to, last);
    this.#onMoment('cut');
  }

  /** Whoever has this zxid has what stands before it: there is one history up to any zxid. */
  onSnapshotReceived(zxid: number): void {
    if (this.#trace.isOn) this.#say(`received a snapshot of ${zx(zxid)}`);
    const { lastCommitted } = this.#ghost.history;
    const base = Math.min(zxid, lastCommitted);
    const others = this.#ghost.servers.filter((server) => server !== this.#server);
    const [donor] = others.flatMap((server) => server.logWith(zxid) ?? []);
    const zxids = donor === undefined ? [] : donor.zxids.slice(0, countUpTo(donor.zxids, zxid));
    this.#server.receiveSnapshot(
      base,
      zxids.filter((each) => each > base),
    );
    this.#server.applied = zxid;
    this.#onMoment('snapshot');
  }

  onAcknowledged(upTo: number): void {
    checkAcknowledged(this.#ghost, this.#server, upTo);
  }

  onNewLeaderAcknowledged(epoch: number, lastLogged: number): void {
    if (this.#trace.isOn) this.#say(`acknowledges the leader of epoch ${epoch} with ${zx(lastLogged)}`);
    this.#server.isCutting = false;
    checkAcknowledged(this.#ghost, this.#server, lastLogged);
    if (this.#server.current !== epoch) {
      this.#ghost.report(
        'P8',
        `server ${this.#server.id} acknowledges epoch ${epoch} with ${this.#server.current}`,
      );
    }
    this.#onMoment('new leader acknowledged');
  }

  onEstablished(epoch: number, lastLogged: number): void {
    if (this.#trace.isOn) this.#say(`is established in epoch ${epoch} with ${zx(lastLogged)}`);
    checkPrimaryUniqueness(this.#ghost, this.#server, epoch);
    checkLeaderCompleteness(this.#ghost, this.#server, epoch);
    this.#ghost.marks.hit('leader established');
    if (epochIn(lastLogged) < epoch - 1 && epoch > 1) this.#ghost.marks.hit('epoch without a txn');
    if (lastOf(this.#server.log) > this.#ghost.history.lastCommitted) {
      this.#ghost.marks.hit('uncommitted txn adopted');
    }
    // What it has inherited is committed with its epoch.
    this.onCommitted(lastLogged);
    buryWhatIsMissing(this.#ghost, this.#server, epoch);
    this.#onMoment('established');
  }

  onCommitted(upTo: number): void {
    const { history } = this.#ghost;
    if (upTo <= history.lastCommitted) return;
    if (this.#trace.isOn) this.#say(`commits up to ${zx(upTo)}`);
    checkGrowth(this.#ghost, this.#server, upTo);
    const { zxids } = this.#server.log;
    const end = countUpTo(zxids, upTo);
    for (let i = countUpTo(zxids, history.lastCommitted); i < end; i++) {
      const zxid = zxids[i] as number;
      checkQuorum(this.#ghost, this.#server, zxid);
      const entry = history.entries.get(zxid);
      if (entry === undefined) continue;
      checkAlive(this.#ghost, this.#server, entry);
      history.canon.push(zxid);
      applyCommitted(this.#ghost, entry);
      if (entry.txn.type === OpCode.reconfig) this.#ghost.configurations.commit(zxid, entry.txn.data);
    }
    this.#onMoment('committed');
  }

  onApplied(zxid: number, digestHigh: number, digestLow: number): void {
    checkApplied(this.#ghost, this.#server, zxid);
    this.#server.applied = zxid;
    checkDigest(this.#ghost, this.#server, zxid, digestHigh, digestLow);
  }

  onServing(isServing: boolean, lastApplied: number): void {
    if (this.#trace.isOn) this.#say(isServing ? `serves from ${zx(lastApplied)}` : 'serves no longer');
    this.#server.isServing = isServing;
    const { history } = this.#ghost;
    if (isServing && lastApplied > history.lastCommitted && history.entries.has(lastApplied)) {
      this.#ghost.report('P7', `server ${this.#server.id} serves ${zx(lastApplied)}, which is not committed`);
    }
    this.#onMoment('serving');
  }

  onPacket(direction: 'out' | 'in', peer: number, type: number, zxid: number): void {
    if (this.#trace.isOn) this.#say(`${direction} ${peer}: packet ${type} ${zx(zxid)}`);
    if (direction !== 'in') return;
    if (type === PacketType.trunc || type === PacketType.snap) this.#server.isCutting = true;
    if (type === PacketType.diff || type === PacketType.trunc || type === PacketType.snap)
      this.#onMoment('sync');
    this.#packets.onPacket(this.#server, peer, type, zxid);
  }

  #say(what: string): void {
    this.#trace.say(`server ${this.#server.id}`, what);
  }
}
