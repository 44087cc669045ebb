import { Prng } from '../../server/base/prng.ts';
import { COUNTER_MAX, EPOCH_MAX } from '../../server/base/zxid.ts';
import type { ClientOptions } from './client/sim-client.ts';
import { drawReaderOptions, type ReaderOptions } from './client/sim-reader.ts';
import { drawWorkload, type WorkloadOptions } from './client/sim-workload.ts';
import { logUniform, type Fault } from './faults/fault.ts';
import { diskError, diskFull, shortWrite, slowDisk } from './faults/disk-faults.ts';
import { bitRot } from './faults/bit-rot.ts';
import { asymmetricPartition, clog, partition, resetConnections, slowLink } from './faults/network-faults.ts';
import { lull } from './faults/lull.ts';
import { orphan } from './faults/orphan.ts';
import { reconfigure } from './faults/reconfigure.ts';
import { replaceDisk } from './faults/replace-disk.ts';
import { strand } from './faults/strand.ts';
import { clockJump, kill, pause, powerCut } from './faults/process-faults.ts';
import type { Origin } from './origin.ts';
import type { NetworkOptions } from './sim-network.ts';
import type { Moment } from './state-checker.ts';

export const FAULTS: readonly Fault[] = [
  kill,
  powerCut,
  pause,
  clockJump,
  partition,
  asymmetricPartition,
  clog,
  resetConnections,
  slowLink,
  slowDisk,
  diskError,
  diskFull,
  shortWrite,
  lull,
  orphan,
  replaceDisk,
  bitRot,
];

/** Of the seeds: their members change. */
const RECONFIG_SHARE = 0.15;
/** Of the seeds: there are clients that can do with reads. */
const READERS_SHARE = 0.15;
/** No run holds as many elections. */
const EPOCHS_LEFT = 10_000;

/** What the servers of one seed are configured with: mostly tiny, so that their edges are met. */
export interface ServerLimits {
  readonly tickMs: number;
  readonly initLimit: number;
  readonly syncLimit: number;
  readonly snapCount: number;
  readonly preallocateBytes: number;
  /** How many committed txns a leader keeps in memory for who comes back (`commitLogCount`). */
  readonly commitLogCount: number;
  readonly windowBytesMax: number;
  /** Where it is small, epochs end because their numbers do (B30). */
  readonly zxidCounterMax: number;
  /** 0 makes a leader look at its log on disk at any size of it; below 0 never (`snapshotSizeFactor`). */
  readonly snapshotSizeFactor: number;
}

/** Everything that is drawn from a seed before anything happens. */
export interface SwarmConfig {
  readonly seed: number;
  readonly voters: number;
  readonly observers: number;
  /** Servers that belong to nothing at first; null where the members never change. */
  readonly spares: number | null;
  readonly limits: ServerLimits;
  /** Null: it begins with nothing. */
  readonly origin: Origin | null;
  readonly network: NetworkOptions;
  readonly disk: { readonly flushMs: number; readonly otherMs: number; readonly spikeShare: number };
  readonly turnMsMax: number;
  readonly gridMs: number;
  readonly permutesTies: boolean;
  readonly clockRateSpread: number;
  readonly clients: number;
  readonly client: ClientOptions;
  /** Who can do with reads, where servers serve them without a quorum; null where they do not. */
  readonly readers: ReaderOptions | null;
  readonly workload: WorkloadOptions;
  readonly faults: readonly { readonly name: string; readonly meanMs: number }[];
  /** How often, at each kind of moment, something happens to the server right then. */
  readonly ambushes: readonly { readonly moment: Moment; readonly share: number }[];
  /** How long things go wrong: until so much time has passed, or so many events. */
  readonly safetyMs: number;
  readonly safetyEvents: number;
}

/** Each concern has a stream of its own: a draw more in one does not change what another one gets. */
export function drawSwarm(seed: number): SwarmConfig {
  const master = new Prng(seed);
  const size = master.fork('size');
  const draw = size.next();
  const voters = draw < 0.65 ? 3 : draw < 0.9 ? 5 : draw < 0.95 ? 1 : 4;
  const limits = drawLimits(master.fork('limits'));
  const spares = drawSpares(master.fork('spares'));
  const readers = drawReaders(master.fork('readers'));
  const schedule = master.fork('schedule');
  return {
    seed,
    voters,
    observers: size.next() < 0.2 ? 1 + size.below(2) : 0,
    spares,
    limits,
    origin: drawOrigin(master.fork('origin')),
    network: drawNetwork(master.fork('network')),
    disk: drawDisk(master.fork('disk')),
    turnMsMax: [0, 0, 0.3, 3][schedule.below(4)] as number,
    gridMs: schedule.next() < 0.3 ? 1 : 0,
    permutesTies: schedule.next() < 0.5,
    clockRateSpread: schedule.next() < 0.5 ? 0 : 0.002,
    clients: 2 + master.fork('clients').below(4),
    client: drawClient(master.fork('client'), limits),
    readers,
    workload: drawWorkload(master.fork('workload')),
    faults: [
      ...drawFaults(master.fork('faults'), limits),
      ...drawReconfig(master.fork('reconfig'), spares, limits),
      ...drawStrand(master.fork('strand'), readers, limits),
    ],
    ambushes: drawAmbushes(master.fork('ambushes')),
    safetyMs: limits.tickMs * (30 + schedule.below(150)),
    safetyEvents: Math.round(logUniform(schedule, 8_000, 50_000)),
  };
}

function drawSpares(prng: Prng): number | null {
  return prng.next() < RECONFIG_SHARE ? prng.below(3) : null;
}

function drawReaders(prng: Prng): ReaderOptions | null {
  return prng.next() < READERS_SHARE ? drawReaderOptions(prng) : null;
}

/** Now and then an ensemble that has been there for long: its zxids need all the bits of a double. */
function drawOrigin(prng: Prng): Origin | null {
  if (prng.next() >= 0.1) return null;
  return { epoch: 1 + prng.below(EPOCH_MAX - EPOCHS_LEFT), counter: prng.below(COUNTER_MAX) };
}

function drawLimits(prng: Prng): ServerLimits {
  return {
    tickMs: [100, 200, 500, 2000][prng.below(4)] as number,
    initLimit: 5 + prng.below(8),
    syncLimit: 2 + prng.below(5),
    snapCount: Math.round(logUniform(prng, 4, 3000)),
    preallocateBytes: [0, 4096, 65_536][prng.below(3)] as number,
    commitLogCount: [1, 5, 30, 500][prng.below(4)] as number,
    windowBytesMax: prng.next() < 0.5 ? 0 : 16 << 20,
    snapshotSizeFactor: [-1, 0, 0.33][prng.below(3)] as number,
    zxidCounterMax: prng.next() < 0.15 ? 20 + prng.below(500) : COUNTER_MAX,
  };
}

function drawNetwork(prng: Prng): NetworkOptions {
  const isFragmenting = prng.next() < 0.5;
  return {
    latencyMinMs: logUniform(prng, 0.05, 3),
    latencySpreadMs: logUniform(prng, 0.1, 40),
    windowBytes: Math.round(logUniform(prng, prng.next() < 0.2 ? 64 : 2_000, 1_000_000)),
    fragmentShare: isFragmenting ? prng.next() * 0.5 : 0,
    fragmentBytesMin: 1,
    joinShare: prng.next() * 0.6,
    lazyWriteShare: prng.next() < 0.5 ? 0 : prng.next() * 0.3,
    resetShare: prng.next(),
  };
}

function drawDisk(prng: Prng): SwarmConfig['disk'] {
  return {
    flushMs: logUniform(prng, 0.1, 30),
    otherMs: logUniform(prng, 0.01, 1),
    spikeShare: prng.next() < 0.5 ? 0 : prng.next() * 0.05,
  };
}

function drawClient(prng: Prng, { tickMs }: ServerLimits): ClientOptions {
  return {
    sessionTimeoutMs: tickMs * (2 + prng.below(18)),
    thinkMs: logUniform(prng, 2, 60),
    inFlightMax: 1 + prng.below(prng.next() < 0.5 ? 3 : 30),
    moveShare: prng.next() < 0.5 ? 0 : prng.next() * 0.05,
    closeShare: prng.next() < 0.5 ? 0 : prng.next() * 0.02,
    silenceShare: prng.next() < 0.5 ? 0 : prng.next() * 0.01,
  };
}

function drawFaults(prng: Prng, { tickMs }: ServerLimits): SwarmConfig['faults'] {
  const chosen = FAULTS.filter(() => prng.next() < 0.5);
  return chosen.map(({ name }) => ({ name, meanMs: tickMs * logUniform(prng, 4, 80) }));
}

function drawReconfig(prng: Prng, spares: number | null, { tickMs }: ServerLimits): SwarmConfig['faults'] {
  return spares === null ? [] : [{ name: reconfigure.name, meanMs: tickMs * logUniform(prng, 1, 20) }];
}

function drawStrand(
  prng: Prng,
  readers: ReaderOptions | null,
  { tickMs }: ServerLimits,
): SwarmConfig['faults'] {
  return readers === null ? [] : [{ name: strand.name, meanMs: 2000 + tickMs * logUniform(prng, 5, 60) }];
}

/** How often each moment comes, roughly: the rarer, the more of them. */
const MOMENTS: readonly (readonly [Moment, number])[] = [
  ['recovered', 0.1],
  ['epoch accepted', 0.2],
  ['epoch current', 0.2],
  ['promise', 0.2],
  ['logged', 0.004],
  ['durable', 0.004],
  ['cut', 0.5],
  ['snapshot', 0.3],
  ['new leader acknowledged', 0.2],
  ['established', 0.3],
  ['committed', 0.004],
  ['serving', 0.1],
  ['sync', 0.2],
];

function drawAmbushes(prng: Prng): SwarmConfig['ambushes'] {
  if (prng.next() < 0.3) return [];
  return MOMENTS.filter(() => prng.next() < 0.3).map(([moment, share]) => ({
    moment,
    share: share * prng.next(),
  }));
}

/** One line for a person. */
export function describeSwarm(config: SwarmConfig): string {
  const { voters, observers, spares, limits, origin, clients, readers, faults, safetyMs, network, disk } =
    config;
  const parts = [
    `${voters} voters${observers > 0 ? ` and ${observers} observers` : ''}`,
    ...(spares === null ? [] : [`members change, ${spares} more`]),
    ...(origin === null ? [] : [`from ${origin.epoch}:${origin.counter.toString(16)}`]),
    `tick ${limits.tickMs} ms, init ${limits.initLimit}, sync ${limits.syncLimit}`,
    `snapCount ${limits.snapCount}, window ${limits.commitLogCount}, factor ${limits.snapshotSizeFactor}`,
    `latency ${network.latencyMinMs.toFixed(2)}+${network.latencySpreadMs.toFixed(1)} ms, window ${network.windowBytes} B`,
    `flush ${disk.flushMs.toFixed(1)} ms`,
    `${clients} clients${readers === null ? '' : ` and ${readers.count} readers`}`,
    `${(safetyMs / 1000).toFixed(0)} s`,
    `faults: ${faults.map(({ name, meanMs }) => `${name}/${(meanMs / 1000).toFixed(1)}s`).join(' ') || 'none'}`,
    `ambushes: ${config.ambushes.map(({ moment, share }) => `${moment}/${share.toFixed(3)}`).join(' ') || 'none'}`,
  ];
  return parts.join('; ');
}
