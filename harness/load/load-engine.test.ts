import t from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { FrameDecoder } from '../../server/wire/frame-decoder.ts';
import { OutputBuffer } from '../client/output-buffer.ts';
import { NONE, OpKind, Outcome, Phase } from '../history/op.ts';
import type { Op } from '../history/op.ts';
import { RateArrivals } from './arrivals.ts';
import { Lane } from './lane.ts';
import type { LaneTransport } from './lane.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import { LoadEngine } from './load-engine.ts';
import type { Loop } from './load-engine.ts';
import type { NextOp, OpSource } from './load-op.ts';
import { AvailabilityBins, LoadStats } from './load-stats.ts';
import { RequestEncoder } from './request-encoder.ts';

const MS = 1e6;
const S = 1e9;
const NO_BODY = new FrameDecoder(0);

/** Operations of one kind after another. */
function endless(...kinds: readonly OpKind[]): OpSource {
  let drawn = 0;
  return {
    isExhausted: true,
    take(next: NextOp): boolean {
      next.kind = kinds[drawn++ % kinds.length] ?? OpKind.sync;
      next.key = 1;
      next.valueBytes = 8;
      return true;
    },
    missed() {},
  };
}

interface World {
  nowNs: number;
  readonly ops: Op[];
  readonly stats: LoadStats;
  readonly lanes: Lane[];
  readonly engine: LoadEngine;
  /** Answers that are due, by time. */
  readonly due: { readonly atNs: number; readonly lane: Lane }[];
}

/**
 * Connections to a server on virtual time, which answers a request that reaches it at `t` at `answerAt(t)`.
 */
function createWorld(options: {
  readonly lanes: number;
  readonly inFlightMax: number;
  readonly answerAt: (sentNs: number) => number;
  readonly abandonAfterNs?: number;
  readonly source?: () => OpSource;
}): World {
  const ops: Op[] = [];
  const stats = new LoadStats(new AvailabilityBins({ binNs: 100 * MS, deadlineNs: 100 * MS }));
  const clock = { nowNs: () => world.nowNs };
  const context = {
    clock,
    encoder: new RequestEncoder({ root: '/x', valueBytesMax: 8, prng: new Prng(1) }),
    recorder: { record: (op: Op) => void ops.push({ ...op }) },
    stats,
    phase: Phase.measure,
  };
  const lanes = Array.from({ length: options.lanes }, () => {
    const source = options.source?.() ?? endless(OpKind.sync);
    return new Lane(context, { inFlightMax: options.inFlightMax, source });
  });
  const engine = new LoadEngine({ context, lanes, abandonAfterNs: options.abandonAfterNs ?? Infinity });
  const world: World = { nowNs: 0, ops, stats, lanes, engine, due: [] };
  for (const lane of lanes) lane.attach(new VirtualTransport(world, lane, options.answerAt), 0);
  return world;
}

class VirtualTransport implements LaneTransport {
  readonly output = new OutputBuffer();
  readonly #world: World;
  readonly #lane: Lane;
  readonly #answerAt: (sentNs: number) => number;
  #xid = 0;
  #sent = 0;

  constructor(world: World, lane: Lane, answerAt: (sentNs: number) => number) {
    this.#world = world;
    this.#lane = lane;
    this.#answerAt = answerAt;
  }

  nextXid(): number {
    return ++this.#xid;
  }

  flush(): void {
    this.output.clear();
    const { due, nowNs } = this.#world;
    for (; this.#sent < this.#xid; this.#sent++) {
      const atNs = this.#answerAt(nowNs);
      let place = due.length;
      while (place > 0 && (due[place - 1]?.atNs ?? 0) > atNs) place--;
      due.splice(place, 0, { atNs, lane: this.#lane });
    }
  }
}

/** Lets time pass from event to event: an answer, or an operation of an open loop that is due. */
function run(world: World, loop: Loop, untilNs: number): void {
  world.engine.start(loop);
  for (;;) {
    const answerNs = world.due[0]?.atNs ?? Infinity;
    // What is overdue waits for room, and room comes with an answer.
    const dueNs = Math.ceil(world.engine.nextDueNs);
    const nextNs = Math.min(answerNs, dueNs > world.nowNs ? dueNs : Infinity);
    if (nextNs > untilNs) break;
    world.nowNs = nextNs;
    if (answerNs <= nextNs) {
      answer(world);
    } else world.engine.pace();
  }
  world.nowNs = untilNs;
}

function answer(world: World): void {
  const lane = world.due.shift()?.lane;
  if (lane === undefined) return;
  lane.reply(0, 1, NO_BODY);
  world.engine.turnEnded(lane);
}

function histogramsOf(world: World): { response: LatencyHistogram; service: LatencyHistogram } {
  const response = new LatencyHistogram();
  const service = new LatencyHistogram();
  world.stats.cutInterval((_kind, one, other) => {
    response.add(one);
    if (other !== null) service.add(other);
  });
  return { response, service };
}

const BASE = MS;
const STALL = { from: 5 * S, to: 6 * S };
/** A millisecond for everything, but that what comes during the stall is answered when it is over. */
const stalling = (sentNs: number): number =>
  sentNs >= STALL.from && sentNs < STALL.to ? STALL.to + BASE : sentNs + BASE;

const open = (rate: number, arrivals: 'poisson' | 'constant'): Loop => ({
  type: 'open',
  arrivals: new RateArrivals({ rate, arrivals, startNs: 0, prng: new Prng(7) }),
});

await t.test('an open loop sees a stall of one second as everyone who arrived in it does', async (t) => {
  for (const arrivals of ['constant', 'poisson'] as const) {
    const world = createWorld({ lanes: 4, inFlightMax: 1024, answerAt: stalling });
    run(world, open(1000, arrivals), 20 * S);
    const { response } = histogramsOf(world);
    // Of 20,000 arrivals 1,000 wait, evenly from 0 to 1 s. So the share 1/20 − x/20 waits longer than x seconds.
    for (const [percent, expectedMs] of [
      [50, 1],
      [94, 1],
      [96, 201],
      [97, 401],
      [98, 601],
      [99, 801],
      [99.5, 901],
      [99.9, 981],
      [100, 1001],
    ] as const) {
      const actualMs = response.percentile(percent) / MS;
      // How many come in the stall is itself a matter of chance where arrivals are: 1,000 ± 32.
      const slackMs = arrivals === 'constant' || expectedMs === 1 ? expectedMs * 0.02 : 100;
      t.ok(
        Math.abs(actualMs - expectedMs) <= slackMs,
        `${arrivals}: p${percent} is ${actualMs.toFixed(1)} ms where ${expectedMs} is right`,
      );
    }
    response.destroy();
  }
});

await t.test('a closed loop would hide that stall: this is why the above is a test', async (t) => {
  const world = createWorld({ lanes: 1, inFlightMax: 1, answerAt: stalling });
  run(world, { type: 'closed' }, 20 * S);
  const { response } = histogramsOf(world);
  t.equal(Math.round(response.percentile(99.9) / MS), 1);
  t.equal(Math.round(response.maxNs / MS), 1001);
});

await t.test(
  'where arrivals wait for room, response time has the wait and service time has not',
  async (t) => {
    // One at a time, 2 ms each, and one arrives each millisecond: at the end the queue is as long as half the run.
    const world = createWorld({ lanes: 1, inFlightMax: 1, answerAt: (sentNs) => sentNs + 2 * MS });
    run(world, open(1000, 'constant'), 10 * S);
    const { response, service } = histogramsOf(world);
    t.ok(Math.abs(service.maxNs / MS - 2) < 0.01);
    t.ok(Math.abs(response.maxNs / S - 5) < 0.05, `${response.maxNs / S} s`);
    t.ok(Math.abs(response.percentile(50) / S - 2.5) < 0.05);
    t.equal(world.engine.lag.maxNs, 0, 'the server was slow, and not the generator');
  },
);

await t.test('a generator that oversleeps measures it as its own lag', async (t) => {
  const world = createWorld({ lanes: 1, inFlightMax: 100, answerAt: (sentNs) => sentNs + BASE });
  world.engine.start(open(1000, 'constant'));
  world.nowNs = 50 * MS;
  world.engine.pace();
  t.equal(world.engine.lag.count, 50);
  t.ok(Math.abs(world.engine.lag.maxNs / MS - 49) < 0.5);
});

await t.test('arrivals that find no connection are abandoned in time, and count as intended', async (t) => {
  const world = createWorld({
    lanes: 1,
    inFlightMax: 100,
    answerAt: (s) => s + BASE,
    abandonAfterNs: 500 * MS,
  });
  world.lanes[0]?.detach();
  run(world, open(1000, 'constant'), 2 * S);
  world.engine.pace();
  const abandoned = world.engine.takeAbandoned();
  t.ok(Math.abs(abandoned - 1500) <= 1, `${abandoned}: the last half second may still be served`);
  world.engine.stop();
  t.ok(Math.abs(abandoned + world.engine.takeAbandoned() - 2000) <= 1);
  const { intended, succeeded } = world.stats.availability.counts();
  t.equal(
    intended.reduce((sum, count) => sum + count, 0),
    2000,
  );
  t.same(
    succeeded.filter((count) => count > 0),
    [],
  );
});

await t.test('availability is of what was meant to start, in the interval it was meant to', async (t) => {
  const world = createWorld({ lanes: 2, inFlightMax: 1024, answerAt: stalling });
  run(world, open(1000, 'constant'), 10 * S);
  const { intended, succeeded } = world.stats.availability.counts();
  const share = (bin: number): number => (succeeded[bin] ?? 0) / (intended[bin] ?? 1);
  t.equal(share(49), 1);
  t.equal(share(50), 0, 'nobody who came in the first nine tenths was served within 100 ms');
  t.equal(share(58), 0);
  t.ok(share(59) > 0.9, 'those of the last tenth were');
  t.equal(share(60), 1);
});

await t.test('a closed loop keeps its depth in flight on every connection', async (t) => {
  const world = createWorld({ lanes: 3, inFlightMax: 5, answerAt: (sentNs) => sentNs + BASE });
  run(world, { type: 'closed' }, 10.5 * MS);
  t.equal(world.engine.inFlight, 15);
  t.equal(world.ops.length, 150);
  t.ok(world.ops.every(({ intendedNs }) => intendedNs === NONE));
  world.engine.stop();
  while (world.due.length > 0) answer(world);
  t.equal(world.engine.inFlight, 0, 'and starts nothing more when stopped');
});

await t.test('a lost connection leaves writes indeterminate and fails reads', async (t) => {
  const kinds = [OpKind.setData, OpKind.getData, OpKind.create, OpKind.delete, OpKind.sync, OpKind.exists];
  const world = createWorld({
    lanes: 1,
    inFlightMax: 6,
    answerAt: () => Infinity,
    source: () => endless(...kinds),
  });
  world.nowNs = 3 * MS;
  world.engine.start({ type: 'closed' });
  world.nowNs = 9 * MS;
  const [lane] = world.lanes;
  lane?.detach();
  t.same(
    world.ops.map(({ kind, outcome }) => [kind, outcome]),
    [
      [OpKind.setData, Outcome.info],
      [OpKind.getData, Outcome.fail],
      [OpKind.create, Outcome.info],
      [OpKind.delete, Outcome.info],
      [OpKind.sync, Outcome.fail],
      [OpKind.exists, Outcome.fail],
    ],
  );
  t.ok(world.ops.every((op) => op.error === -4 && op.zxid === NONE));
  t.ok(world.ops.every((op) => op.invokeNs === 3 * MS && op.completeNs === 9 * MS));
  t.same(
    world.ops.map(({ valueId }) => valueId),
    [0, NONE, 1, NONE, NONE, NONE],
    'each write has a value of its own',
  );
  t.equal(lane?.inFlight, 0);
  t.equal(lane?.hasRoom, false, 'nothing is started without a connection');
});

await t.test('refusals are definite where the server says so', async (t) => {
  const world = createWorld({
    lanes: 1,
    inFlightMax: 3,
    answerAt: () => Infinity,
    source: () => endless(OpKind.create),
  });
  world.engine.start({ type: 'closed' });
  const [lane] = world.lanes;
  for (const error of [-110, -1, -7]) lane?.reply(error, 5, NO_BODY);
  t.same(
    world.ops.map(({ outcome, error, zxid }) => [outcome, error, zxid]),
    [
      [Outcome.fail, -110, 5],
      [Outcome.info, -1, 5],
      [Outcome.info, -7, 5],
    ],
  );
});
