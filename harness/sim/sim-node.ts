import type { Log } from '../../server/base/log.ts';
import type { Observer } from '../../server/base/observer.ts';
import type { Accept, Clock, Dialer, Timers } from '../../server/base/ports.ts';
import type { Prng } from '../../server/base/prng.ts';
import type { Disk } from '../../server/storage/disk.ts';
import { ProcessEnded, type Lifetime } from './lifetime.ts';
import { SimClock, type ClockOptions } from './sim-clock.ts';
import { SimDisk, type DiskFault, type DiskOp } from './sim-disk.ts';
import type { SimHost } from './sim-host.ts';
import type { SimNetwork } from './sim-network.ts';
import { EventKind, type SimWorld } from './sim-world.ts';

/** Everything a server is given, for one life of it. */
export interface NodePorts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly dialer: Dialer;
  readonly scheduleEndOfTurn: (callback: () => void) => void;
  readonly random: Prng;
  readonly log: Log;
  /** The process must end, says the server. */
  readonly halt: (why: Error) => void;
  readonly observer: Observer;
}

/** A server under test, freshly made. */
export interface SimServer {
  start(): void;
  /** What it listens on from the start. */
  readonly listeners: () => readonly { readonly port: number; readonly accept: Accept }[];
}

export interface NodeOptions {
  readonly world: SimWorld;
  readonly network: SimNetwork;
  readonly address: string;
  readonly id: number;
  readonly clock: ClockOptions;
  readonly prng: Prng;
  /** How long a call of the disk takes, ms. */
  readonly diskLatencyMs: (op: DiskOp, prng: Prng, hasSpikes: boolean) => number;
  /** A turn of the event loop ends at most this long after it was asked for, ms. */
  readonly turnMsMax: number;
  readonly create: (ports: NodePorts, node: SimNode) => SimServer;
  readonly observer: Observer;
  readonly log: Log;
  readonly onHalt: (node: SimNode, why: Error) => void;
  readonly onDirtyPowerCut: () => void;
  /** Its process has ended, however. */
  readonly onEnded: (node: SimNode) => void;
}

/** A machine with a server on it: its disk, its clock, its place in the network, and what befalls it. */
export class SimNode {
  readonly id: number;
  readonly host: SimHost;
  readonly clock: SimClock;
  disk: SimDisk;
  state: 'down' | 'up' | 'paused' = 'down';
  /** Makes the disk slow for a while. */
  diskFactor = 1;
  /** Whether a call now and then takes far longer than it should. */
  hasDiskSpikes = true;
  /** Asked before each call of the disk is carried out, whatever disk it is. */
  diskFaults: (op: DiskOp) => DiskFault | null = () => null;
  /** A call of the disk has failed since the process was started. */
  hasHadDiskFault = false;
  /** Bits of its disk have changed of their own accord. */
  isRotten = false;
  starts = 0;
  readonly #options: NodeOptions;
  readonly #crashPrng: Prng;
  readonly #diskPrng: Prng;
  readonly #turnPrng: Prng;

  constructor(options: NodeOptions) {
    this.#options = options;
    this.id = options.id;
    this.host = options.network.addHost(options.address);
    this.host.lifetime.isAlive = false;
    this.clock = new SimClock(options.world, options.clock);
    this.#crashPrng = options.prng.fork('crash');
    this.#diskPrng = options.prng.fork('disk');
    this.#turnPrng = options.prng.fork('turn');
    this.disk = new SimDisk();
  }

  start(): void {
    if (this.state !== 'down') return;
    const { world, network, create, observer, log, prng, diskLatencyMs } = this.#options;
    const lifetime = this.host.begin();
    this.state = 'up';
    this.starts++;
    this.disk.listOrder = this.#diskPrng;
    this.hasHadDiskFault = false;
    this.disk.faults = (op) => {
      const fault = this.diskFaults(op);
      if (fault !== null && 'errno' in fault) this.hasHadDiskFault = true;
      return fault;
    };
    this.disk.runBy({
      world,
      lifetime,
      latencyMs: (op) => diskLatencyMs(op, this.#diskPrng, this.hasDiskSpikes) * this.diskFactor,
    });
    const server = create(
      {
        disk: this.disk,
        clock: this.clock,
        timers: this.clock.timersFor(lifetime),
        dialer: network.dialerFor(this.host, lifetime),
        scheduleEndOfTurn: (callback) => {
          world.after(this.#turnMs(), EventKind.endOfTurn, lifetime, callback);
        },
        random: prng.fork(`start ${this.starts}`),
        log,
        observer,
        halt: (why) => this.#halt(lifetime, why),
      },
      this,
    );
    for (const { port, accept } of server.listeners()) this.host.listeners.set(port, accept);
    server.start();
  }

  /** Nothing is wrong with its disk any more. */
  healDisk(): void {
    this.diskFactor = 1;
    this.diskFaults = () => null;
    this.hasDiskSpikes = false;
    this.disk.hurry();
  }

  /** The process is killed: the page cache stays. Of the calls it had made of the disk, any may have happened. */
  kill(): void {
    if (this.state === 'down') return;
    this.state = 'down';
    this.host.end('killed');
    this.disk.kill(this.#crashPrng);
    this.#options.onEnded(this);
  }

  /** The power is cut: what is not durable is lost in part or whole, and nobody on the network is told. */
  cutPower(): void {
    if (this.state !== 'down') {
      this.state = 'down';
      this.host.end('power lost');
      this.#options.onEnded(this);
    }
    if (this.disk.isDirty) this.#options.onDirtyPowerCut();
    this.disk = this.disk.crash(this.#crashPrng);
  }

  /** The machine is thrown away; another one with its address and an empty disk takes its place. */
  wipe(): void {
    this.kill();
    this.disk = new SimDisk();
    this.isRotten = false;
  }

  /** As SIGSTOP does: its clock goes on, its connections stay open, its disk finishes what it began. */
  pause(): void {
    if (this.state !== 'up') return;
    this.state = 'paused';
    this.#options.world.pause(this.host.lifetime);
  }

  resume(): void {
    if (this.state !== 'paused') return;
    this.state = 'up';
    this.#options.world.resume(this.host.lifetime);
  }

  #turnMs(): number {
    const { turnMsMax } = this.#options;
    return turnMsMax === 0 ? 0 : this.#turnPrng.next() * turnMsMax;
  }

  #halt(lifetime: Lifetime, why: Error): never {
    if (lifetime.isAlive) {
      this.kill();
      this.#options.onHalt(this, why);
    }
    throw new ProcessEnded(why.message);
  }
}
