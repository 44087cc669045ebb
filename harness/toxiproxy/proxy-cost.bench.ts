import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { cleanEnvironment } from '../load/clean-environment.ts';
import { ToxiproxyClient } from './client.ts';
import { startEmbedded } from './start-embedded.ts';

/**
 * What a hop through the embedded Toxiproxy costs, beside a plain relay that is a process of the same kind, and
 * beside no hop at all: `node dist/harness/toxiproxy/proxy-cost.bench.js [rounds] [megabytes]`.
 *
 * Rounds of the three are interleaved and the median of each counts. Only the ratios mean anything: the echo server,
 * the client and the hop share the machine.
 */
const rounds = Number(process.argv[2] ?? 9);
const megabytes = Number(process.argv[3] ?? 256);
const ROUND_TRIPS = 3000;
const WARM_UP_TRIPS = 300;
const MESSAGE = Buffer.alloc(64, 'x');
const PIECE = Buffer.alloc(64 * 1024, 'x');

const RELAY = `
  const { createServer, connect } = require('node:net');
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = connect({ host: '127.0.0.1', port: Number(process.argv[1]), allowHalfOpen: true, noDelay: true });
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) socket.on('error', () => {}).on('close', () => {
      client.destroy();
      upstream.destroy();
    });
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  process.stdin.on('end', () => process.exit()).resume();`;

/** Answers with what it gets after an E, and with nothing but a byte at the end of the stream after an S. */
const TARGET = `
  const server = require('node:net').createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', (first) => {
      socket.write(first.subarray(0, 1));
      if (first[0] === 0x45) socket.on('data', (data) => socket.write(data));
      else socket.on('data', () => {}).on('end', () => socket.end('.'));
    });
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  process.stdin.on('end', () => process.exit()).resume();`;

interface Way {
  readonly name: string;
  readonly port: number;
  readonly tripsUs: number[];
  readonly mbPerS: number[];
}

const children: ChildProcess[] = [];
const embedded = await startEmbedded();
try {
  const target = await started(TARGET);
  const client = new ToxiproxyClient(embedded.url);
  const { listen } = await client.create({
    name: 'p',
    listen: '127.0.0.1:0',
    upstream: `127.0.0.1:${target}`,
  });
  const noop = await client.create({ name: 'noop', listen: '127.0.0.1:0', upstream: `127.0.0.1:${target}` });
  await client.addToxic('noop', { type: 'noop', stream: 'upstream' });
  await client.addToxic('noop', { type: 'noop', stream: 'downstream' });
  const ways: readonly Way[] = [
    way('direct', target),
    way('plain relay', await started(RELAY, String(target))),
    way('embedded', portOf(listen)),
    way('embedded, noop each way', portOf(noop.listen)),
  ];
  for (let round = 0; round < rounds; round++) {
    for (const { port, tripsUs, mbPerS } of ways) {
      tripsUs.push(await medianTripUs(port));
      mbPerS.push(await throughput(port));
    }
  }
  print(ways);
} finally {
  for (const child of children) child.stdin?.end();
  await embedded.stop();
}

function way(name: string, port: number): Way {
  return { name, port, tripsUs: [], mbPerS: [] };
}

function print([direct, relay, ...others]: readonly Way[]): void {
  if (direct === undefined || relay === undefined) return;
  console.log(
    `medians of ${rounds} rounds: ${ROUND_TRIPS} round trips of 64 bytes, ${megabytes} MB one way\n`,
  );
  console.log('                          round trip   added   of the relay’s   throughput   of the relay’s');
  const directUs = median(direct.tripsUs);
  const relayUs = median(relay.tripsUs) - directUs;
  const relayMb = median(relay.mbPerS);
  for (const { name, tripsUs, mbPerS } of [direct, relay, ...others]) {
    const tripUs = median(tripsUs);
    const mb = median(mbPerS);
    const cells = [
      `${tripUs.toFixed(1)} µs`.padStart(12),
      `${(tripUs - directUs).toFixed(1)} µs`.padStart(10),
      `${((tripUs - directUs) / relayUs).toFixed(2)} ×`.padStart(15),
      `${mb.toFixed(0)} MB/s`.padStart(12),
      `${(mb / relayMb).toFixed(2)} ×`.padStart(15),
    ];
    console.log(name.padEnd(24) + cells.join(' '));
  }
}

async function medianTripUs(port: number): Promise<number> {
  const socket = await greeted(port, 'E');
  const trips: number[] = [];
  for (let i = 0; i < WARM_UP_TRIPS + ROUND_TRIPS; i++) {
    const startedMs = performance.now();
    await trip(socket);
    if (i >= WARM_UP_TRIPS) trips.push((performance.now() - startedMs) * 1000);
  }
  socket.destroy();
  return median(trips);
}

function trip(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    let missing = MESSAGE.length;
    socket.on('data', function onData(data) {
      missing -= data.length;
      if (missing > 0) return;
      socket.off('data', onData);
      resolve();
    });
    socket.write(MESSAGE);
  });
}

/** Until the other end has read it all. */
async function throughput(port: number): Promise<number> {
  const socket = await greeted(port, 'S');
  const startedMs = performance.now();
  const pieces = (megabytes * 1_000_000) / PIECE.length;
  for (let i = 0; i < pieces; i++) if (!socket.write(PIECE)) await once(socket, 'drain');
  socket.end();
  await once(socket, 'data');
  const seconds = (performance.now() - startedMs) / 1000;
  socket.destroy();
  return megabytes / seconds;
}

async function greeted(port: number, greeting: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  socket.write(greeting);
  await once(socket, 'data');
  return socket;
}

async function started(script: string, ...args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, ['-e', script, ...args], {
    env: cleanEnvironment(),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return Number(String(port));
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;
}
