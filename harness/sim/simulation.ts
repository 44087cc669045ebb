import { makeZxid } from '../../server/base/zxid.ts';
import type { Membership } from '../../server/zab/membership.ts';
import { SILENT_LOG, type Log } from '../../server/base/log.ts';
import { Prng } from '../../server/base/prng.ts';
import type { ServerAddress } from '../client/connect-string.ts';
import { SimClient } from './client/sim-client.ts';
import { SimReader, type ReaderOptions } from './client/sim-reader.ts';
import { SimWorkload } from './client/sim-workload.ts';
import { SimOperator } from './client/sim-operator.ts';
import { Ghost } from './ghost/ghost.ts';
import { GhostConfigurations } from './ghost/ghost-configurations.ts';
import { GhostServer } from './ghost/ghost-server.ts';
import { Marks } from './marks.ts';
import { firstMembers, membersOn, writeMembers } from './members.ts';
import { Nemesis } from './nemesis.ts';
import { writeOrigin } from './origin.ts';
import { CLIENT_PORT } from './places.ts';
import { Recovery } from './recovery-phase.ts';
import type { DiskOp } from './sim-disk.ts';
import type { SimHost } from './sim-host.ts';
import { SimNetwork } from './sim-network.ts';
import { SimNode, type NodePorts, type SimServer } from './sim-node.ts';
import { SimWorld } from './sim-world.ts';
import { StateChecker } from './state-checker.ts';
import type { SwarmConfig } from './swarm.ts';
import { Trace } from './trace.ts';
import { Violations, type Violation } from './violations.ts';

/** So many acknowledged writes are waited for before the faults end … */
const ACKED_WRITES_MIN = 100;
/** … but no longer than so many times the time, or the events, that were drawn for them. */
const STRETCH_MAX = 5;

/** Calls that end only when something has reached the disk itself. */
const FLUSHES: ReadonlySet<string> = new Set(['flush', 'sync', 'syncDirectory', 'writeDurably']);

/** Makes the server under test for one node. */
export type ServerFactory = (config: SwarmConfig, node: SimNode, ports: NodePorts) => SimServer;

export interface SimulationOptions {
  readonly config: SwarmConfig;
  readonly createServer: ServerFactory;
  /** Null for no trace. */
  readonly trace: ((line: string) => void) | null;
  readonly untilEvent?: number;
  /** The server under test is no ensemble's. */
  readonly isStandalone?: boolean;
}

export interface SimulationResult {
  readonly seed: number;
  readonly violation: Violation | null;
  readonly hash: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly ackedWrites: number;
  readonly committed: number;
  readonly marks: ReadonlyMap<string, number>;
}

/** One seed: an ensemble and its clients on virtual time, under faults and then without, judged all the while. */
export class Simulation {
  readonly world: SimWorld;
  readonly network: SimNetwork;
  readonly nodes: readonly SimNode[];
  readonly clients: readonly SimClient[];
  /** Clients that can do with reads, and take no part in what is asked of the others. */
  readonly readers: readonly SimReader[];
  readonly clientHosts: readonly SimHost[];
  readonly ghost: Ghost;
  readonly marks = new Marks();
  readonly trace: Trace;
  readonly config: SwarmConfig;
  readonly #violations: Violations;
  readonly #checker: StateChecker;
  readonly #master: Prng;
  readonly #options: SimulationOptions;
  readonly #nemesis: Nemesis;
  readonly #operator: SimOperator;

  constructor(options: SimulationOptions) {
    const { config } = options;
    this.#options = options;
    this.config = config;
    this.#master = new Prng(config.seed);
    this.world = new SimWorld({
      gridMs: config.gridMs,
      ties: config.permutesTies ? this.#master.fork('ties') : null,
    });
    this.trace = new Trace(
      options.trace !== null,
      () => this.world.nowMs,
      options.trace ?? (() => undefined),
    );
    this.network = new SimNetwork(this.world, config.network, this.#master.fork('links'));
    this.#violations = new Violations(() => this.world);
    const ids = Array.from(
      { length: config.voters + config.observers + (config.spares ?? 0) },
      (_, i) => i + 1,
    );
    const { origin } = config;
    const originZxid = origin === null ? 0 : makeZxid(origin.epoch, origin.counter);
    this.ghost = new Ghost(
      ids.map((id) => new GhostServer(id)),
      {
        violations: this.#violations,
        marks: this.marks,
        isStandalone: options.isStandalone ?? false,
        origin: originZxid,
        zxidCounterMax: config.limits.zxidCounterMax,
        configurations: new GhostConfigurations(firstMembers(config)),
      },
    );
    this.#checker = new StateChecker(this.ghost, this.trace, (id, moment) =>
      this.#nemesis.onMoment(id, moment),
    );
    this.nodes = ids.map((id) => this.#node(id));
    for (const { disk } of this.nodes) writeMembers(disk, firstMembers(config));
    if (origin !== null) {
      for (const { disk, id } of this.nodes) {
        writeOrigin(disk, origin);
        this.ghost.server(id).beginAt(originZxid);
      }
    }
    const hosts = Array.from({ length: config.clients }, (_, i) => this.network.addHost(`10.1.0.${i + 1}`));
    this.clients = hosts.map((host, i) => this.#client(host, i));
    this.#operator = this.#newOperator();
    const { readers } = config;
    const readerHosts = Array.from({ length: readers?.count ?? 0 }, (_, i) =>
      this.network.addHost(`10.3.0.${i + 1}`),
    );
    this.readers = readers === null ? [] : readerHosts.map((host, i) => this.#reader(host, i, readers));
    this.clientHosts = [...hosts, ...readerHosts];
    this.#nemesis = this.#newNemesis();
  }

  /** Faults that let hardly a write through have tested little yet: they go on, but not for ever. */
  readonly #hasDoneEnough = (): boolean => {
    const { safetyMs, safetyEvents } = this.config;
    const { nowMs, eventCount } = this.world;
    const isLate = nowMs >= safetyMs || eventCount >= safetyEvents;
    return (
      (isLate && this.ghost.requests.ackedWrites >= ACKED_WRITES_MIN) ||
      eventCount >= STRETCH_MAX * safetyEvents
    );
  };

  run(): SimulationResult {
    try {
      for (const node of this.nodes) node.start();
      for (const client of this.clients) client.start();
      for (const reader of this.readers) reader.start();
      this.#nemesis.start();
      this.world.runUntil(STRETCH_MAX * this.config.safetyMs, () => this.isOver() || this.#hasDoneEnough());
      if (!this.isOver()) {
        this.trace.say('world', 'is healed');
        this.#nemesis.stop();
        this.#operator.rest();
        for (const reader of this.readers) reader.isResting = true;
        new Recovery(this, this.#master.fork('recovery')).run();
      }
      for (const reader of this.readers) reader.judge();
    } catch (error) {
      this.#violations.report(
        'crash',
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      );
    }
    this.marks.hit('held by the network', this.network.heldCount);
    for (const [outcome, count] of this.ghost.requests.fates())
      this.marks.hit(`write unacknowledged and ${outcome}`, count);
    const { requests, history } = this.ghost;
    return {
      seed: this.config.seed,
      violation: this.#violations.first,
      hash: this.world.hash >>> 0,
      events: this.world.eventCount,
      virtualMs: this.world.nowMs,
      ackedWrites: requests.ackedWrites,
      committed: history.canon.length,
      marks: this.marks.counts,
    };
  }

  /** Another machine with an empty disk takes its place; it is not started. */
  replaceDisk(node: SimNode): void {
    this.trace.say('nemesis', `replaces the disk of server ${node.id}`);
    this.marks.hit('disk replaced');
    node.wipe();
    writeMembers(node.disk, this.ghost.configurations.last);
    this.ghost.server(node.id).forget();
  }

  get violation(): Violation | null {
    return this.#violations.first;
  }

  readonly isOver = (): boolean => {
    const { untilEvent } = this.#options;
    return (
      this.#violations.first !== null || (untilEvent !== undefined && this.world.eventCount >= untilEvent)
    );
  };

  #node(id: number): SimNode {
    const { config } = this;
    const prng = this.#master.fork(`node ${id}`);
    const clock = prng.fork('clock');
    return new SimNode({
      world: this.world,
      network: this.network,
      address: `10.0.0.${id}`,
      id,
      prng,
      clock: {
        wallOffsetMs: Math.round((clock.next() - 0.5) * 10_000),
        rate: 1 + (clock.next() - 0.5) * config.clockRateSpread,
      },
      diskLatencyMs: (op, disk, hasSpikes) =>
        diskLatency(config, op, disk) * (hasSpikes && disk.next() < config.disk.spikeShare ? 30 : 1),
      turnMsMax: config.turnMsMax,
      create: (ports, node) => this.#options.createServer(config, node, ports),
      observer: this.#checker.observerOf(id),
      log: this.trace.isOn ? this.#log(id) : SILENT_LOG,
      onHalt: (node, why) => this.#onHalt(node, why),
      onDirtyPowerCut: () => this.marks.hit('power cut on a dirty disk'),
      onEnded: () => this.#checker.onProcessEnded(id),
    });
  }

  #client(host: SimHost, index: number): SimClient {
    const { config, world, ghost, trace } = this;
    const prng = this.#master.fork(`client ${index}`);
    return new SimClient({
      name: `client ${index + 1}`,
      world,
      lifetime: host.lifetime,
      dialer: this.network.dialerFor(host, host.lifetime),
      servers: this.#addresses(),
      prng: prng.fork('steps'),
      workload: new SimWorkload(config.workload, prng.fork('workload')),
      ghost,
      trace,
      options: config.client,
    });
  }

  #reader(host: SimHost, index: number, options: ReaderOptions): SimReader {
    const { config, world, ghost, trace } = this;
    return new SimReader({
      name: `reader ${index + 1}`,
      world,
      lifetime: host.lifetime,
      dialer: this.network.dialerFor(host, host.lifetime),
      servers: this.#addresses(),
      prng: this.#master.fork(`reader ${index}`),
      workload: config.workload,
      ghost,
      trace,
      sessionTimeoutMs: config.client.sessionTimeoutMs,
      options,
    });
  }

  /** A server that has not heard yet what was committed goes by what it knows, and after a restart, too. */
  #membershipsOnDisks(): Membership[] {
    return this.nodes.map((node) => membersOn(node, this.config).membership);
  }

  #newNemesis(): Nemesis {
    const { config } = this;
    return new Nemesis(
      {
        world: this.world,
        network: this.network,
        nodes: this.nodes,
        memberships: () => [...this.ghost.configurationsInPlay, ...this.#membershipsOnDisks()],
        reconfigure: (change) => this.#operator.ask(change),
        clientHosts: this.clientHosts,
        marks: this.marks,
        leader: () => this.nodes.find(({ id }) => this.ghost.server(id).role === 'leading'),
        isBlank: ({ id }) => this.ghost.server(id).current === 0,
        replaceDisk: (node) => this.replaceDisk(node),
        rest: (isResting) => {
          for (const client of [...this.clients, ...this.readers]) client.isResting = isResting;
        },
        tickMs: config.limits.tickMs,
        say: (what) => this.trace.say('nemesis', what),
      },
      config,
      this.#master.fork('nemesis'),
    );
  }

  #newOperator(): SimOperator {
    const { world, ghost, trace, config } = this;
    const host = this.network.addHost('10.2.0.1');
    return new SimOperator({
      world,
      lifetime: host.lifetime,
      dialer: this.network.dialerFor(host, host.lifetime),
      servers: this.#addresses(),
      prng: this.#master.fork('operator'),
      ghost,
      trace,
      sessionTimeoutMs: config.client.sessionTimeoutMs,
    });
  }

  #addresses(): ServerAddress[] {
    return this.nodes.map(({ host }) => ({ host: host.address, port: CLIENT_PORT }));
  }

  /** A server may end itself because its disk failed. Then it is started again, as an operator would. */
  #onHalt(node: SimNode, why: Error): void {
    this.trace.say(`server ${node.id}`, `halts: ${why.message}`);
    if (!this.#nemesis.mayFail(node)) {
      this.ghost.report(
        'L5',
        `server ${node.id} ends itself, and nothing failed: ${why.stack ?? why.message}`,
      );
      return;
    }
    this.marks.hit('halt');
    this.#nemesis.restartLater(node);
  }

  #log(id: number): Log {
    const say = (level: string) => (component: string, message: string) =>
      this.trace.say(`server ${id}`, `[${level} ${component}] ${message}`);
    return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
  }
}

function diskLatency({ disk }: SwarmConfig, { type }: DiskOp, prng: Prng): number {
  const base = FLUSHES.has(type) ? disk.flushMs : disk.otherMs;
  const draw = prng.next();
  return base * (0.2 + 3 * draw * draw * draw);
}
