import t from 'tap';
import { createEnsembleMember } from '../../harness/sim/ensemble-member.ts';
import { SimNetwork } from '../../harness/sim/sim-network.ts';
import { SimNode } from '../../harness/sim/sim-node.ts';
import { SimWorld } from '../../harness/sim/sim-world.ts';
import { CLIENT_PORT, QUORUM_PORT } from '../../harness/sim/places.ts';
import { drawSwarm, type SwarmConfig } from '../../harness/sim/swarm.ts';
import type { Log } from '../base/log.ts';
import type { Observer } from '../base/observer.ts';
import type { ByteStream } from '../base/ports.ts';
import { Prng } from '../base/prng.ts';
import { create } from '../pipeline/testing/bodies.ts';
import { connectFrame, requestFrame } from '../pipeline/testing/test-client.ts';
import { OpCode } from '../wire/opcode.ts';
import { ackEpochPacket, infoPacket, joined, packet } from '../zab/testing/packets.ts';

const TICK_MS = 200;
const HOSTILE = '10.0.0.66';
const CONFIG: SwarmConfig = {
  ...drawSwarm(1),
  voters: 3,
  observers: 0,
  limits: {
    ...drawSwarm(1).limits,
    tickMs: TICK_MS,
    initLimit: 10,
    syncLimit: 5,
    snapCount: 1000,
    preallocateBytes: 0,
    commitLogCount: 500,
    snapshotSizeFactor: 0.33,
  },
};
const NO_OBSERVER = new Proxy({} as Observer, { get: () => () => undefined });

/** Three servers, a host from which somebody else calls, and what the servers log. */
class World {
  readonly world = new SimWorld({ ties: null, gridMs: 0 });
  readonly lines: string[][] = [];
  readonly #network: SimNetwork;
  readonly #hostile;

  /** `ids`: of the servers that are started. */
  constructor(ids: readonly number[] = [1, 2, 3]) {
    const prng = new Prng(7);
    const options = { ...CONFIG.network, latencyMinMs: 1, latencySpreadMs: 1, windowBytes: 100_000 };
    this.#network = new SimNetwork(this.world, options, prng.fork('network'));
    this.#hostile = this.#network.addHost(HOSTILE);
    for (const id of ids) {
      const lines: string[] = [];
      this.lines[id] = lines;
      const say = (level: string) => (component: string, message: string) =>
        void lines.push(`${level} ${component}: ${message}`);
      const log: Log = { debug: () => undefined, info: say('info'), warn: say('warn'), error: say('error') };
      new SimNode({
        world: this.world,
        network: this.#network,
        address: `10.0.0.${id}`,
        id,
        prng: prng.fork(`node ${id}`),
        clock: { wallOffsetMs: 0, rate: 1 },
        diskLatencyMs: () => 1,
        turnMsMax: 0,
        create: (ports, node) => createEnsembleMember(CONFIG, node, ports),
        observer: NO_OBSERVER,
        log,
        onHalt: (_node, why) => {
          throw why;
        },
        onEnded: () => undefined,
        onDirtyPowerCut: () => undefined,
      }).start();
    }
    this.pass(20 * TICK_MS);
  }

  pass(ms: number): void {
    this.world.runUntil(this.world.nowMs + ms);
  }

  get leader(): number {
    return [1, 2, 3].find((id) => this.lines[id]?.some((line) => line.includes('serving as leader'))) ?? 0;
  }

  /** Calls a server, says that, and tells what has come back and whether the connection is over. */
  call(server: number, port: number, bytes: Uint8Array | null) {
    const call = { isClosed: false, received: 0, stream: null as ByteStream | null };
    this.#network.dialerFor(this.#hostile, this.#hostile.lifetime).dial(
      { host: `10.0.0.${server}`, port },
      {
        timeoutMs: 1000,
        onFailed: () => {
          call.isClosed = true;
        },
        onOpen: (stream) => {
          call.stream = stream;
          if (bytes !== null) stream.write(bytes);
          return {
            onBytes: (chunk) => {
              call.received += chunk.length;
            },
            onDrain: () => undefined,
            onClosed: () => {
              call.isClosed = true;
            },
          };
        },
      },
    );
    return call;
  }

  /** Whether a client of each server gets a session and a write through. */
  servesEverywhere(name: string): boolean {
    const calls = [1, 2, 3].map((server) => {
      const path = `/${name}-${server}`;
      return this.call(
        server,
        CLIENT_PORT,
        joined(connectFrame({}), requestFrame(1, OpCode.create, create(path))),
      );
    });
    this.pass(5 * TICK_MS);
    // The answer to the handshake has 41 bytes, that to the write 20, its length and the path.
    const isServed = calls.every(({ received }) => received === 41 + 24 + `/${name}-1`.length);
    for (const { stream } of calls) stream?.destroy();
    return isServed;
  }

  /** What the servers say of it, or of losing their roles. */
  said(): string[] {
    return this.lines.flat().filter((line) => line.includes(HOSTILE) || line.includes('no more'));
  }
}

const OVERSIZED = joined(infoPacket(2).slice(0, 12), Uint8Array.of(0, 0, 8, 0), new Uint8Array(4));

await t.test(
  'who speaks garbage or says it is somebody is closed with one line, and the rest goes on',
  async (t) => {
    const world = new World();
    t.not(world.leader, 0);
    t.ok(world.servesEverywhere('before'));
    const cases: readonly (readonly [string, Uint8Array])[] = [
      ['garbage', Uint8Array.from({ length: 500 }, (_, i) => (i * 37) & 0xff)],
      ['zeros', new Uint8Array(500)],
      ['what a client says', connectFrame({})],
      ['a packet that is too long', OVERSIZED],
      ['a packet out of turn', packet('ack', 1)],
      ['the leader’s own id', infoPacket(world.leader)],
      ['an id that is nobody’s', infoPacket(9)],
      ['an observer that is nobody', infoPacket(9, { isObserver: true })],
      ['a server that is older than 3.4', infoPacket(2, { protocolVersion: null })],
    ];
    for (const [what, bytes] of cases) {
      for (const server of [1, 2, 3]) {
        const before = world.said().length;
        const call = world.call(server, QUORUM_PORT, bytes);
        world.pass(TICK_MS);
        t.ok(call.isClosed, `${what}, to server ${server}`);
        const said = world.said().slice(before);
        // A follower takes no learners, whoever they are.
        t.equal(said.length, server === world.leader ? 1 : 0, `${what}: ${said.join(' | ')}`);
        if (server === world.leader) t.match(said[0], /^warn Leader: 10\.0\.0\.66 /);
      }
    }
    t.ok(world.servesEverywhere('after'));
  },
);

await t.test(
  'who comes as a server that is here already takes its place for a moment, and no more',
  async (t) => {
    const world = new World();
    const follower = [1, 2, 3].find((id) => id !== world.leader) as number;
    const call = world.call(world.leader, QUORUM_PORT, joined(infoPacket(follower), new Uint8Array(0)));
    world.pass(TICK_MS);
    call.stream?.write(ackEpochPacket(0, 0));
    world.pass(30 * TICK_MS);
    t.ok(call.isClosed, 'the real one has come back');
    t.ok(world.servesEverywhere('after'));
  },
);

await t.test('hundreds who say nothing keep nobody out', async (t) => {
  const world = new World();
  const calls = Array.from({ length: 300 }, () => world.call(world.leader, QUORUM_PORT, null));
  world.pass(TICK_MS);
  t.ok(calls.filter(({ isClosed }) => !isClosed).length <= 64);
  world.pass(12 * TICK_MS);
  t.ok(calls.every(({ isClosed }) => isClosed));
  t.ok(world.servesEverywhere('after'));
});

await t.test(
  'learners that come before it is clear who leads make room for those that come later',
  async (t) => {
    const world = new World([1]);
    const calls = Array.from({ length: 100 }, () => world.call(1, QUORUM_PORT, infoPacket(2)));
    world.pass(TICK_MS);
    t.equal(calls.filter(({ isClosed }) => isClosed).length, 36);
    t.equal(calls.at(-1)?.isClosed, false);
  },
);
