import { COUNTER_MAX } from '../../../server/base/zxid.ts';
import { createEnsembleMember } from '../ensemble-member.ts';
import { lastOf } from '../ghost/ghost-server.ts';
import { ProcessEnded } from '../lifetime.ts';
import type { SimNode } from '../sim-node.ts';
import { Simulation } from '../simulation.ts';
import { drawSwarm, type SwarmConfig } from '../swarm.ts';
import type { Violation } from '../violations.ts';

/** A calm world: whatever happens, a test has asked for. */
const CALM: Partial<SwarmConfig> = {
  readers: null,
  observers: 0,
  turnMsMax: 0,
  gridMs: 0,
  permutesTies: false,
  clockRateSpread: 0,
  origin: null,
  faults: [],
  ambushes: [],
  disk: { flushMs: 1, otherMs: 0.1, spikeShare: 0 },
  network: {
    latencyMinMs: 0.2,
    latencySpreadMs: 0.5,
    windowBytes: 100_000,
    fragmentShare: 0,
    fragmentBytesMin: 1,
    joinShare: 0,
    lazyWriteShare: 0,
    resetShare: 0,
  },
};
const CALM_CLIENT: SwarmConfig['client'] = {
  sessionTimeoutMs: 2000,
  thinkMs: 5,
  inFlightMax: 2,
  moveShare: 0,
  closeShare: 0,
  silenceShare: 0,
};

export const TICK_MS = 200;

export interface ScenarioOptions {
  readonly limits?: Partial<SwarmConfig['limits']>;
  readonly client?: Partial<SwarmConfig['client']>;
  readonly clients?: number;
  readonly voters?: number;
  /** Those that are not started yet. */
  readonly absent?: readonly number[];
  readonly trace?: (line: string) => void;
}

/** Drives one ensemble by hand: of three servers and two clients, unless it is told otherwise. */
export class Scenario {
  readonly simulation: Simulation;

  constructor(seed: number, options: ScenarioOptions = {}) {
    const { limits, client, clients = 2, voters = 3, absent = [], trace = null } = options;
    const drawn = drawSwarm(seed);
    this.simulation = new Simulation({
      config: {
        ...drawn,
        ...CALM,
        voters,
        clients,
        client: { ...CALM_CLIENT, ...client },
        workload: { ...drawn.workload, dataBytesMax: 50, names: 6, watchShare: 0 },
        limits: {
          tickMs: TICK_MS,
          initLimit: 5,
          syncLimit: 3,
          snapCount: 1000,
          preallocateBytes: 4096,
          commitLogCount: 500,
          windowBytesMax: 0,
          snapshotSizeFactor: 0,
          zxidCounterMax: COUNTER_MAX,
          ...limits,
        },
      },
      createServer: createEnsembleMember,
      trace,
    });
    for (const node of this.nodes) if (!absent.includes(node.id)) node.start();
    for (const client of this.simulation.clients) client.start();
  }

  get nodes(): readonly SimNode[] {
    return this.simulation.nodes;
  }

  get violation(): Violation | null {
    return this.simulation.violation;
  }

  get committed(): number {
    return this.simulation.ghost.history.canon.length;
  }

  leader(): SimNode | undefined {
    return this.nodes.find(
      (node) => node.state === 'up' && this.roleOf(node) === 'leading' && this.isServing(node),
    );
  }

  roleOf(node: SimNode): string {
    return this.simulation.ghost.server(node.id).role;
  }

  isServing(node: SimNode): boolean {
    return this.simulation.ghost.server(node.id).isServing;
  }

  /** False if it does not come true in that time, or something else goes wrong first. */
  waitFor(condition: () => boolean, limitMs = 100 * TICK_MS): boolean {
    const { world } = this.simulation;
    const end = world.nowMs + limitMs;
    while (world.nowMs < end) {
      if (this.simulation.isOver()) return false;
      if (condition()) return true;
      world.runUntil(Math.min(end, world.nowMs + 5), this.simulation.isOver);
    }
    return condition();
  }

  rest(isResting: boolean): void {
    for (const client of this.simulation.clients) client.isResting = isResting;
  }

  /** Everybody serves, and every client has somebody who serves it. */
  isComplete(): boolean {
    const { clients } = this.simulation;
    return (
      this.nodes.every((node) => this.isServing(node)) && clients.every(({ isConnected }) => isConnected)
    );
  }

  /** Until so many txns more are committed. */
  write(count: number): boolean {
    const enough = this.committed + count;
    return this.waitFor(() => this.committed >= enough);
  }

  others(node: SimNode | undefined): SimNode[] {
    return this.nodes.filter((each) => each !== node);
  }

  lastLoggedOf(node: SimNode): number {
    return lastOf(this.simulation.ghost.server(node.id).log);
  }

  /** It has something on its disk that nobody else has. */
  hasOrphans(node: SimNode): boolean {
    const { durable } = this.simulation.ghost.server(node.id);
    return this.others(node).every((other) => this.lastLoggedOf(other) < durable);
  }

  /** How often something has happened that the simulation counts. */
  count(mark: string): number {
    return this.simulation.marks.counts.get(mark) ?? 0;
  }

  /** With nothing more asked of them they all serve, and show everything that is committed. */
  converges(nodes: readonly SimNode[] = this.nodes): boolean {
    const { ghost } = this.simulation;
    this.rest(true);
    const isThere = (): boolean =>
      nodes.every(({ id }) => {
        const { isServing, applied } = ghost.server(id);
        return isServing && applied >= ghost.history.lastCommitted;
      });
    const hasConverged = this.waitFor(() => this.leader() !== undefined && isThere());
    this.rest(false);
    return hasConverged;
  }

  /** Every way between the two groups is held, or free again. */
  part(some: readonly SimNode[], others: readonly SimNode[], isParted: boolean): void {
    const { network } = this.simulation;
    for (const x of some) {
      for (const y of others) {
        for (const link of [network.link(x.host, y.host), network.link(y.host, x.host)]) {
          if (isParted) link.hold();
          else link.release();
        }
        if (!isParted) network.reset(x.host, y.host);
      }
    }
  }

  /** From now on the disk of this server carries out so many calls, and then the power goes. */
  cutPowerAfter(
    node: SimNode,
    steps: number,
  ): { readonly steps: () => number; readonly hasHappened: () => boolean } {
    let count = 0;
    let hasHappened = false;
    node.diskFaults = () => {
      if (hasHappened || count++ < steps) return null;
      hasHappened = true;
      node.cutPower();
      throw new ProcessEnded('the power is cut');
    };
    return { steps: () => count, hasHappened: () => hasHappened };
  }
}
