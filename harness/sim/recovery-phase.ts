import type { Prng } from '../../server/base/prng.ts';
import type { ServerId } from '../../server/base/server-id.ts';
import { COUNTER_MAX } from '../../server/base/zxid.ts';
import { isObserverIn } from '../../server/zab/membership.ts';
import { lastOf } from './ghost/ghost-server.ts';
import { zx } from '../model/ghost-tree.ts';
import type { SimNode } from './sim-node.ts';
import type { Simulation } from './simulation.ts';

/** How long a client may take to get a write through once the core serves, ms, besides what its session needs. */
const WRITE_LIMIT_MS = 10_000;
const CONVERGE_LIMIT_MS = 30_000;
const STABLE_TICKS = 20;
/**
 * For so many snapshots each client alone makes enough in a hurry. The end of a run is as long as its ticks; what quick
 * clients make more of the same then, with a snapshot of all of it every few txns, took some seeds minutes.
 */
const QUICK_SNAPSHOTS = 200;

/**
 * The second half of a run: a majority, the core, is made whole and stays so; what is wrong with the others is made
 * permanent. The core must come back to work, and agree (reliability §5.5).
 */
export class Recovery {
  readonly #simulation: Simulation;
  readonly #prng: Prng;
  readonly #core: readonly SimNode[];
  readonly #others: readonly SimNode[];
  /** The core, and who else is there for good. */
  readonly #whole: SimNode[];
  /** False where members went while a disk was lost that had been one of many before. */
  readonly #canServe: boolean = true;

  constructor(simulation: Simulation, prng: Prng) {
    this.#simulation = simulation;
    this.#prng = prng;
    const { voters } = simulation.config;
    // Where the members change it may take quorums of two configurations, and nobody can tell from outside of which.
    if (simulation.config.spares !== null) {
      this.#core = simulation.nodes;
      this.#others = [];
      this.#whole = [...simulation.nodes];
      this.#canServe = this.#hasEnoughHistory(simulation.nodes);
      return;
    }
    const shuffled = prng.shuffled(simulation.nodes.filter(({ id }) => id <= voters));
    const size = Math.floor(voters / 2) + 1 + prng.below(Math.ceil(voters / 2));
    const core = shuffled.slice(0, Math.min(size, voters));
    // A server whose disk is blank helps nobody who has a history into office (B05): it needs one that can do
    // without it.
    this.#core = this.#hasEnoughHistory(core) ? core : shuffled;
    this.#others = simulation.nodes.filter((node) => !this.#core.includes(node));
    this.#whole = [...this.#core];
  }

  run(): void {
    if (!this.#canServe) return;
    const { tickMs, initLimit } = this.#simulation.config.limits;
    this.#heal();
    // Time for what was under way to fail by its own time-outs, and then for an election.
    const limitMs = 10 * tickMs * initLimit + 60_000;
    const isWorking = (): boolean => {
      // What went wrong before the healing may end a server after it; its supervisor starts it again.
      for (const node of this.#core) {
        if (node.state === 'down' && node.isRotten) this.#simulation.replaceDisk(node);
        node.start();
      }
      return this.#isLed() && this.#core.every(({ id }) => this.#isServing(id));
    };
    if (!this.#waitFor(limitMs, isWorking)) {
      const missing = this.#core.filter(({ id }) => !this.#isServing(id)).map(({ id }) => id);
      const who =
        missing.length > 0 ? `servers ${missing.join(' ')} of the core do not serve` : 'nobody leads';
      this.#report('L1', `${who} ${limitMs} ms after it was healed`);
      return;
    }
    if (!this.#everybodyWrites()) return;
    if (!this.#converges()) return;
    // Where epochs are short they end of their own accord, and roles with them (B30).
    if (this.#simulation.config.limits.zxidCounterMax < COUNTER_MAX) return;
    if (!this.#answersAll()) return;
    if (!this.#goesOnWithoutOne()) return;
    this.#staysSo();
  }

  #hasEnoughHistory(nodes: readonly SimNode[]): boolean {
    const withHistory = nodes.filter(
      ({ id, isRotten }) => this.#simulation.ghost.server(id).current > 0 && !isRotten,
    );
    return withHistory.length === 0 || this.#isQuorum(withHistory);
  }

  #isQuorum(nodes: readonly SimNode[]): boolean {
    const ids = new Set(nodes.map(({ id }) => id as ServerId));
    return this.#simulation.ghost.configurationsInPlay.every(({ verifier }) => verifier.containsQuorum(ids));
  }

  #isServing(id: number): boolean {
    return this.#simulation.ghost.server(id).isServing;
  }

  /** It observes if, and only if, it is to. */
  #isAsConfigured(id: number): boolean {
    const { ghost } = this.#simulation;
    const isObserver = isObserverIn(ghost.configurations.last, id as ServerId);
    return this.#isServing(id) && (ghost.server(id).role === 'observing') === isObserver;
  }

  /** The core may still follow one that has been stopped or cut off, and not know it yet. */
  #isLed(): boolean {
    const roleOf = ({ id }: SimNode): string => this.#simulation.ghost.server(id).role;
    return (
      !this.#core.some((node) => roleOf(node) === 'following') ||
      this.#whole.some((node) => this.#isServing(node.id) && roleOf(node) === 'leading')
    );
  }

  #heal(): void {
    const { network, nodes, clients, config, trace } = this.#simulation;
    for (const client of clients) client.slowDownAfter(QUICK_SNAPSHOTS * config.limits.snapCount);
    network.heal();
    for (const node of nodes) {
      node.healDisk();
    }
    for (const node of this.#core) node.resume();
    for (const node of this.#others) {
      const fate = this.#prng.below(4);
      trace.say('nemesis', `leaves server ${node.id} ${['dead', 'cut off', 'stopped', 'whole'][fate]}`);
      if (fate === 0) node.kill();
      else if (fate === 1) this.#cutOff(node);
      else if (fate === 2) node.pause();
      else {
        node.resume();
        node.start();
        this.#whole.push(node);
      }
    }
    trace.say('world', `the core is ${this.#core.map(({ id }) => id).join(' ')}`);
  }

  #cutOff(node: SimNode): void {
    const { network } = this.#simulation;
    for (const host of network.hosts) {
      if (host === node.host) continue;
      network.link(node.host, host).hold();
      network.link(host, node.host).hold();
    }
  }

  /** L3: every client gets a write of its own through. */
  #everybodyWrites(): boolean {
    const { clients, config } = this.#simulation;
    const waiting = new Map(clients.map((client) => [client, client.acked]));
    const limitMs = WRITE_LIMIT_MS + 4 * config.client.sessionTimeoutMs + 20_000;
    const isDone = (): boolean => {
      for (const [client, before] of waiting) {
        client.isResting = true;
        if (client.acked > before) waiting.delete(client);
        else if (client.isConnected && client.inFlight === 0) {
          client.probe({ f: 'setData', path: '/probe', data: null, version: -1 });
        }
      }
      return waiting.size === 0;
    };
    if (this.#waitFor(limitMs, isDone)) return true;
    this.#report('L3', `${waiting.size} clients get no write through in ${limitMs} ms after the core serves`);
    return false;
  }

  /** L9: with nothing more asked of it the core comes to one state. */
  #converges(): boolean {
    const { ghost } = this.#simulation;
    const hasConverged = (): boolean =>
      this.#core.every(({ id }) => {
        const server = ghost.server(id);
        return server.isServing && server.applied >= ghost.history.lastCommitted;
      });
    if (this.#waitFor(CONVERGE_LIMIT_MS, hasConverged)) return true;
    const states = this.#core.map(({ id }) => {
      const server = ghost.server(id);
      return `${id}: ${server.role} log ${zx(lastOf(server.log))} applied ${zx(server.applied)}`;
    });
    this.#report(
      'L9',
      `committed is ${zx(ghost.history.lastCommitted)}, and the core has ${states.join('; ')}`,
    );
    return false;
  }

  /** L3 again: whatever is still asked of a server of the core is answered, not only what is asked anew. */
  #answersAll(): boolean {
    const core = new Set(this.#core.map(({ host }) => host.address));
    const waiting = this.#simulation.clients.filter(
      ({ isConnected, server, inFlight }) => isConnected && core.has(server) && inFlight > 0,
    );
    // Who gives up waiting and calls again asks for nothing any more, so this must be over before.
    const limitMs = 3 * this.#roundTripMs();
    if (2 * limitMs > this.#simulation.config.client.sessionTimeoutMs) return true;
    if (this.#waitFor(limitMs, () => waiting.every(({ inFlight }) => inFlight === 0))) return true;
    this.#report(
      'L3',
      `${waiting.length} clients wait for answers ${Math.round(limitMs)} ms after all is well`,
    );
    return false;
  }

  /** L4: a server that does nothing for a while keeps nobody waiting whom a quorum can serve. */
  #goesOnWithoutOne(): boolean {
    const { ghost, clients, config } = this.#simulation;
    const limitMs = (config.limits.syncLimit * config.limits.tickMs) / 2;
    const idle = this.#core.find((node) => ghost.server(node.id).role === 'following');
    if (idle === undefined || limitMs < this.#roundTripMs()) return true;
    if (!this.#isQuorum(this.#core.filter((node) => node !== idle))) return true;
    idle.pause();
    const serving = new Set(this.#whole.filter((node) => node !== idle).map(({ host }) => host.address));
    const waiting = clients.filter((client) => {
      const isServed = client.isConnected && serving.has(client.server) && client.inFlight === 0;
      return isServed && client.probe({ f: 'setData', path: '/probe', data: null, version: -1 });
    });
    if (waiting.length > 0) this.#simulation.marks.hit('write without an idle server');
    // Who loses its connection meanwhile, for reasons of its own, waits for nothing any more: it may be back on
    // another before anybody has looked.
    const isDone = (): boolean => waiting.every(({ inFlight }) => inFlight === 0);
    const isInTime = this.#waitFor(limitMs, isDone);
    idle.resume();
    if (isInTime) return true;
    this.#report('L4', `with server ${idle.id} idle no write gets through in ${limitMs} ms`);
    return false;
  }

  /** More than a write takes where nothing stands in its way, ms. */
  #roundTripMs(): number {
    const { network, disk, turnMsMax } = this.#simulation.config;
    const wayMs = network.latencyMinMs + network.latencySpreadMs + 2 * turnMsMax;
    return 10 * wayMs + 30 * (disk.flushMs + disk.otherMs) + 50;
  }

  /** L2: nobody leaves its role again. L8: no session ends whose client says in time that it is there. */
  #staysSo(): void {
    const { ghost, clients, config } = this.#simulation;
    const { sessionTimeoutMs } = config.client;
    // One that is stopped keeps a connection and hears nothing of it.
    const serving = new Set(this.#whole.map(({ host }) => host.address));
    const keepsAll = (): boolean =>
      clients.every(({ keepsSession, server }) => keepsSession && serving.has(server));
    const isJudged =
      this.#waitFor(4 * sessionTimeoutMs, keepsAll) && 6 * this.#roundTripMs() < sessionTimeoutMs;
    const limitMs = Math.max(STABLE_TICKS * config.limits.tickMs, 3 * sessionTimeoutMs);
    this.#waitFor(limitMs, () => this.#core.every(({ id }) => this.#isAsConfigured(id)));
    const sessions = clients.map(({ sessionId }) => sessionId);
    const roles = this.#core.map(({ id }) => ghost.server(id).role);
    // A change of members that was asked for before is perhaps decided only now, and roles change with it.
    const members = ghost.configurations.last;
    const areMembersTheSame = (): boolean =>
      ghost.configurations.last === members && ghost.configurationsInPlay.length === 1;
    const isOther = ({ id }: SimNode, i: number): boolean =>
      ghost.server(id).role !== roles[i] || !this.#isServing(id);
    const hasChanged = (): boolean => areMembersTheSame() && this.#core.some(isOther);
    const hasExpired = (): boolean => clients.some(({ sessionId }, i) => sessionId !== sessions[i]);
    if (!this.#waitFor(limitMs, () => hasChanged() || (isJudged && hasExpired()))) return;
    if (hasChanged()) {
      const now = this.#core.map(({ id }) => `${id} ${ghost.server(id).role}`);
      this.#report(
        'L2',
        `the core's roles change again: ${roles.join(' ')} before, and now ${now.join(' ')}`,
      );
    } else if (hasExpired()) {
      const which = clients.findIndex(({ sessionId }, i) => sessionId !== sessions[i]);
      this.#report(
        'L8',
        `the session of client ${which + 1} has ended, and nothing kept it from being heard`,
      );
    }
  }

  #waitFor(limitMs: number, condition: () => boolean): boolean {
    const { world } = this.#simulation;
    const end = world.nowMs + limitMs;
    while (world.nowMs < end) {
      if (this.#simulation.isOver()) return true;
      if (condition()) return true;
      world.runUntil(Math.min(end, world.nowMs + 50), this.#simulation.isOver);
    }
    return condition();
  }

  #report(property: string, message: string): void {
    this.#simulation.ghost.report(property, message);
  }
}
