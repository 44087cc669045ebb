import { createServer } from 'node:net';

/** Below the range from which the kernel takes ports for outgoing connections, so none of those gets in the way. */
const PORT_MIN = 11_000;
const PORT_MAX = 32_000;
const ATTEMPTS_MAX = 1000;
/** Processes that start at the same time have neighbouring ids: this keeps them from choosing the same port. */
const PORTS_PER_PROCESS = 32;

let next = process.pid * PORTS_PER_PROCESS;

/**
 * Ports on 127.0.0.1 that nobody listens on now. Nothing holds them: whoever asks uses them at once, and a
 * server that finds its port taken after all fails to start with that message.
 *
 * @throws Error when a thousand ports are all taken.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let attempt = 0; ports.length < count; attempt++) {
    if (attempt === ATTEMPTS_MAX) throw new Error(`no free port after ${ATTEMPTS_MAX} attempts`);
    const port = PORT_MIN + (next++ % (PORT_MAX - PORT_MIN));
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
