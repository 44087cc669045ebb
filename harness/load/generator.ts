import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Prng } from '../../server/base/prng.ts';
import { parseConnectString } from '../client/connect-string.ts';
import { HistoryWriter } from '../history/history-writer.ts';
import { OpKind, Phase, ROOT_KEY } from '../history/op.ts';
import { RateArrivals } from './arrivals.ts';
import type { GeneratorConfig, GeneratorMessage } from './generator-messages.ts';
import { LaneLink } from './lane-link.ts';
import { Lane } from './lane.ts';
import type { LaneContext, OpRecorder } from './lane.ts';
import { monotonicClock } from './load-clock.ts';
import type { LoadClock } from './load-clock.ts';
import { LoadEngine } from './load-engine.ts';
import type { Loop } from './load-engine.ts';
import type { OpSource } from './load-op.ts';
import { AvailabilityBins, LoadStats } from './load-stats.ts';
import { OpStream } from './op-stream.ts';
import { Pacer } from './pacer.ts';
import { PhaseHistograms } from './phase-histograms.ts';
import { RequestEncoder } from './request-encoder.ts';
import { TaskList, finalTasks, noTasks, prepareTasks, rootTasks } from './task-list.ts';
import { valueSizeOf } from './workload.ts';

/** In flight on each connection while the tree is filled and read back, whatever the workload says. */
const TASK_DEPTH = 64;
/** The most an open loop has in flight on one connection before arrivals wait. */
const OPEN_LOOP_DEPTH = 1024;
const LINK_TICK_MS = 50;
const INTERVAL_MS = 1000;
/** What a kill of the generator may take from the history. */
const HISTORY_FLUSH_MS = 200;
const CLOSE_TIMEOUT_MS = 2000;
const CONNECTION_LOSS = -4;
/** Of a final read: who has no connection by then has seen more than any server has, and starts over. */
const START_OVER_AFTER_MS = 2000;

const NO_RECORDER: OpRecorder = { record: () => {} };

/**
 * One generator process: its connections, its share of the load, its clocks. Driven by commands, it reports by
 * `send`; see `generator-messages.ts` for both.
 */
export class Generator {
  readonly #config: GeneratorConfig;
  readonly #send: (message: GeneratorMessage) => void;
  readonly #clock: LoadClock;
  readonly #prng: Prng;
  readonly #history: HistoryWriter | null;
  readonly #stats: LoadStats;
  readonly #context: LaneContext;
  readonly #engine: LoadEngine;
  readonly #lanes: Lane[] = [];
  readonly #streams: OpStream[] = [];
  readonly #links: LaneLink[] = [];
  /** Null in a closed loop. */
  readonly #pacer: Pacer | null;
  readonly #phases: PhaseHistograms;
  readonly #timers: NodeJS.Timeout[] = [];
  #sliceTimer: NodeJS.Timeout | null = null;
  /** Of the slice that is being filled. */
  #sliceIndex = 0;
  readonly #loopDelay = monitorEventLoopDelay({ resolution: 10 });
  /** Connections of all generators before this one's. */
  readonly #firstLane: number;
  #processes = 0;
  #phase = 'prepare';
  #phaseStartNs = 0;
  #intervalStartNs = 0;
  #cpuAtPhaseStart = process.cpuUsage();

  constructor(config: GeneratorConfig, send: (message: GeneratorMessage) => void) {
    const { workload, generator, generators } = config;
    this.#config = config;
    this.#send = send;
    this.#clock = monotonicClock(BigInt(config.startNs));
    this.#prng = new Prng(config.seed);
    this.#history = config.historyFile === null ? null : new HistoryWriter(config.historyFile);
    this.#stats = new LoadStats(
      new AvailabilityBins({ binNs: config.sliceMs * 1e6, deadlineNs: config.deadlineMs * 1e6 }),
    );
    this.#context = {
      clock: this.#clock,
      encoder: new RequestEncoder({
        root: workload.root,
        valueBytesMax: valueSizeOf(workload).max,
        prng: this.#prng.fork('filler'),
      }),
      recorder: this.#history ?? NO_RECORDER,
      stats: this.#stats,
      phase: Phase.prepare,
    };
    this.#phases = new PhaseHistograms();
    this.#engine = new LoadEngine({
      context: this.#context,
      lanes: this.#lanes,
      abandonAfterNs: config.abandonAfterMs * 1e6,
    });
    this.#pacer =
      workload.rate === undefined ? null : new Pacer(this.#engine, this.#clock, BigInt(config.startNs));
    this.#firstLane = firstConnectionOf(generator, generators, workload.connections);
    const end = firstConnectionOf(generator + 1, generators, workload.connections);
    for (let lane = this.#firstLane; lane < end; lane++) this.#addLane(lane);
  }

  /** Connects, and resolves when every connection has its session. */
  async open(): Promise<void> {
    const allConnected = this.#untilConnected();
    for (const link of this.#links) link.connect();
    this.#every(LINK_TICK_MS, () => {
      const nowMs = performance.now();
      for (const link of this.#links) link.tick(nowMs);
    });
    this.#sliceOnTheGrid();
    this.#every(INTERVAL_MS, () => this.#cutInterval());
    this.#every(HISTORY_FLUSH_MS, () => this.#history?.flush());
    this.#loopDelay.enable();
    await allConnected;
    this.#phaseStartNs = this.#intervalStartNs = this.#clock.nowNs();
    this.#cpuAtPhaseStart = process.cpuUsage();
    this.#stats.cutSlice(this.#phaseStartNs);
  }

  /** By one connection of one generator: the root is in the history like everything below it. */
  async createRoot(): Promise<void> {
    await this.#runTasks((lane) => (lane === this.#firstLane ? rootTasks() : noTasks()));
  }

  async prepare(): Promise<void> {
    const { keys, connections } = this.#config.workload;
    await this.#runTasks((lane) => prepareTasks({ keyCount: keys.count, lane, lanes: connections }));
  }

  start(phase: string, historyPhase: Phase): void {
    this.#lanes.forEach((lane, i) => {
      lane.source = this.#streams[i] as OpStream;
      lane.limit = this.#config.workload.depth ?? OPEN_LOOP_DEPTH;
    });
    this.enterPhase(phase, historyPhase);
    this.#engine.start(this.#newLoop());
    this.#pacer?.start();
  }

  /** From here on operations count to `phase`; what came before is reported. */
  enterPhase(phase: string, historyPhase: Phase): void {
    this.#cutPhase();
    // While it warms up a generator is late for reasons of its own.
    if (this.#phase === 'warmup') this.#engine.lag.reset();
    this.#phase = phase;
    this.#context.phase = historyPhase;
  }

  /** Starts nothing more; what has no answer after `drainMs` is given up as a client would: with its connection. */
  async stop(drainMs: number): Promise<void> {
    this.#pacer?.stop();
    this.#engine.stop();
    const endNs = this.#clock.nowNs();
    await this.#idleWithin(drainMs);
    this.#cutPhase(endNs);
  }

  /** Reads every key back. @returns whether all could be read before the deadline. */
  async finalRead(deadlineMs: number): Promise<boolean> {
    this.enterPhase('final', Phase.final);
    const { keys, connections } = this.#config.workload;
    const startOver = setTimeout(() => this.#startOver(), START_OVER_AFTER_MS);
    const isComplete = await this.#runTasks(
      (lane) =>
        finalTasks({
          keyCount: keys.count,
          lane,
          lanes: connections,
          createdCount: this.#streams[lane - this.#firstLane]?.createdCount ?? 0,
        }),
      deadlineMs,
    );
    clearTimeout(startOver);
    return isComplete;
  }

  /** Reports the rest, closes the sessions and the history. */
  async finish(): Promise<void> {
    this.#cutPhase();
    this.#cutSlice(this.#sliceIndex);
    for (const timer of this.#timers) clearInterval(timer);
    if (this.#sliceTimer !== null) clearTimeout(this.#sliceTimer);
    await Promise.race([Promise.all(this.#links.map((link) => link.close())), delay(CLOSE_TIMEOUT_MS)]);
    this.#history?.flush();
    this.#send({
      type: 'summary',
      summary: {
        lag: this.#engine.lag.encode(),
        availability: this.#stats.availability.counts(),
        historyOps: this.#history?.ops ?? 0,
        historyStalls: this.#history?.stalls ?? 0,
      },
    });
    await this.#history?.close();
    this.#stats.destroy();
    this.#engine.lag.destroy();
  }

  #startOver(): void {
    this.#lanes.forEach((lane, i) => {
      if (lane.isAttached) return;
      // A server that lags could show a new session what an earlier one's sync had put behind it.
      lane.source.missed(OpKind.sync, ROOT_KEY, CONNECTION_LOSS);
      this.#links[i]?.startOver();
    });
  }

  #addLane(index: number): void {
    const { workload, connectString, firstServers, generator, generators } = this.#config;
    const { sessionTimeoutMs, connectTimeoutMs } = this.#config;
    const prng = this.#prng.fork(`connection ${index}`);
    const stream = new OpStream(workload, {
      prng: prng.fork('operations'),
      lane: index,
      lanes: workload.connections,
    });
    const inFlightMax = Math.max(workload.depth ?? OPEN_LOOP_DEPTH, TASK_DEPTH);
    const lane = new Lane(this.#context, { inFlightMax, source: stream });
    const link = new LaneLink({
      lane,
      engine: this.#engine,
      servers: parseConnectString(connectString).servers,
      firstServer: firstServers[index % firstServers.length] ?? 0,
      sessionTimeoutMs,
      connectTimeoutMs,
      prng: prng.fork('backoff'),
      newProcess: () => generator + generators * this.#processes++,
      onChange: (change) => this.#connectionChanged(change),
    });
    this.#lanes.push(lane);
    this.#streams.push(stream);
    this.#links.push(link);
  }

  #newLoop(): Loop {
    const { rate, arrivals = 'poisson', connections } = this.#config.workload;
    if (rate === undefined) return { type: 'closed' };
    return {
      type: 'open',
      arrivals: new RateArrivals({
        rate: (rate * this.#lanes.length) / connections,
        arrivals,
        startNs: this.#clock.nowNs(),
        prng: this.#prng.fork(`arrivals ${this.#config.generator}`),
      }),
    };
  }

  #onAllConnected: (() => void) | null = null;

  #untilConnected(): Promise<void> {
    return new Promise((resolve) => (this.#onAllConnected = resolve));
  }

  #connectionChanged(change: 'connected' | 'lost' | 'expired'): void {
    this.#send({ type: 'connection', change: { atNs: this.#clock.nowNs(), change } });
    if (this.#onAllConnected !== null && this.#lanes.every((lane) => lane.isAttached)) {
      this.#onAllConnected();
      this.#onAllConnected = null;
    }
  }

  async #runTasks(
    tasksOf: (lane: number) => ReturnType<typeof prepareTasks>,
    deadlineMs?: number,
  ): Promise<boolean> {
    const valueBytes = valueSizeOf(this.#config.workload).min;
    const lists: OpSource[] = this.#lanes.map((lane, i) => {
      lane.source = new TaskList(tasksOf(this.#firstLane + i), valueBytes);
      lane.limit = TASK_DEPTH;
      return lane.source;
    });
    this.#engine.start({ type: 'closed' });
    if (deadlineMs === undefined) await this.#engine.idle();
    else await Promise.race([this.#engine.idle(), delay(deadlineMs)]);
    const isComplete = this.#engine.inFlight === 0 && lists.every((list) => list.isExhausted);
    this.#engine.stop();
    return isComplete;
  }

  async #idleWithin(drainMs: number): Promise<void> {
    const idle = this.#engine.idle();
    await Promise.race([idle, delay(drainMs)]);
    this.#lanes.forEach((lane, i) => {
      if (lane.inFlight > 0) this.#links[i]?.drop();
    });
    await idle;
  }

  #every(ms: number, run: () => void): void {
    this.#timers.push(setInterval(run, ms));
  }

  /** At multiples of the slice's length, so that the slices of all generators are those of one timeline. */
  #sliceOnTheGrid(): void {
    const { sliceMs } = this.#config;
    const nowMs = this.#clock.nowNs() / 1e6;
    // A timer may fire a little early, and what it ends must not be cut twice.
    const endMs = Math.max((this.#sliceIndex + 1) * sliceMs, Math.ceil(nowMs / sliceMs) * sliceMs);
    this.#sliceTimer = setTimeout(() => {
      this.#cutSlice(Math.round(endMs / sliceMs) - 1);
      this.#sliceOnTheGrid();
    }, endMs - nowMs);
  }

  #cutSlice(index: number): void {
    this.#send({ type: 'slice', slice: { index, ...this.#stats.cutSlice(this.#clock.nowNs()) } });
    this.#sliceIndex = index + 1;
  }

  #cutInterval(): void {
    const endNs = this.#clock.nowNs();
    const histograms: { kind: number; response: string }[] = [];
    this.#stats.cutInterval((kind, response, service) => {
      this.#phases.add(kind, response, service);
      histograms.push({ kind, response: response.encode() });
    });
    const interval = { phase: this.#phase, startNs: this.#intervalStartNs, endNs, histograms };
    if (histograms.length > 0) this.#send({ type: 'interval', interval });
    this.#intervalStartNs = endNs;
  }

  /** `endNs`: when the phase is over, if answers to its operations have been waited for since. */
  #cutPhase(endNs = this.#clock.nowNs()): void {
    this.#cutInterval();
    const cpu = process.cpuUsage(this.#cpuAtPhaseStart);
    this.#send({
      type: 'phase',
      phase: {
        phase: this.#phase,
        startNs: this.#phaseStartNs,
        endNs,
        histograms: this.#phases.cut(),
        totals: this.#stats.cutTotals(),
        abandoned: this.#engine.takeAbandoned(),
        cpuShare: ((cpu.user + cpu.system) * 1e3) / Math.max(1, endNs - this.#phaseStartNs),
        eventLoopDelayP99Ms: this.#loopDelay.percentile(99) / 1e6,
        eventLoopDelayMaxMs: this.#loopDelay.max / 1e6,
      },
    });
    this.#loopDelay.reset();
    this.#phaseStartNs = endNs;
    this.#cpuAtPhaseStart = process.cpuUsage();
  }
}

/** Connections are dealt out as evenly as they come. */
function firstConnectionOf(generator: number, generators: number, connections: number): number {
  return Math.floor((connections * generator) / generators);
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
