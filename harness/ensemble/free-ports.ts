import { createServer, type Server } from 'node:net';

/** Below the range from which the kernel takes ports for outgoing connections, so none of those gets in the way. */
const PORT_MIN = 11_000;
const BLOCK_PORTS = 32;
const BLOCK_COUNT = 656;
/** So many blocks of its own a process goes through before it takes another: what has ended gives its ports back. */
const OWN_BLOCKS = 8;

/**
 * Who starts at the same time must not choose the same ports: a server needs seconds until it listens. So a process takes
 * blocks of them, and listens at the first port of each for as long as it lives.
 */
const guards: Server[] = [];
const blocks: number[] = [];
let nextBlock = process.pid % BLOCK_COUNT;
let next = 0;

/**
 * Ports on 127.0.0.1 that nobody listens on now, and that no other process of this harness is given. A server that finds
 * its port taken after all, by a stranger, fails to start with that message.
 *
 * @throws Error when there is no block of them left.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let taken = 0; ports.length < count;) {
    const port = portAt(next);
    if (port === null || ports.includes(port) || taken > blocks.length * BLOCK_PORTS) {
      await takeBlock();
      next = (blocks.length - 1) * BLOCK_PORTS;
      taken = 0;
      continue;
    }
    next++;
    // The first is the guard's.
    if ((next - 1) % BLOCK_PORTS === 0) continue;
    if (await isFree(port)) ports.push(port);
    else taken++;
  }
  return ports;
}

/** Null where another block is to be taken. */
function portAt(index: number): number | null {
  const isThrough = index >= blocks.length * BLOCK_PORTS;
  if (isThrough && blocks.length < OWN_BLOCKS) return null;
  const at = index % (blocks.length * BLOCK_PORTS);
  return (blocks[Math.floor(at / BLOCK_PORTS)] ?? 0) + (at % BLOCK_PORTS);
}

async function takeBlock(): Promise<void> {
  for (let attempt = 0; attempt < BLOCK_COUNT; attempt++) {
    const base = PORT_MIN + BLOCK_PORTS * nextBlock;
    nextBlock = (nextBlock + 1) % BLOCK_COUNT;
    const guard = await listen(base);
    if (guard === null) continue;
    guard.unref();
    guards.push(guard);
    blocks.push(base);
    return;
  }
  throw new Error(`no free ports: others have all ${BLOCK_COUNT} blocks above ${PORT_MIN}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  if (server === null) return false;
  return new Promise((resolve) => server.close(() => resolve(true)));
}

/** Null if somebody does already. */
function listen(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
