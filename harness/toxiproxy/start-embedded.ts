import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment } from '../load/clean-environment.ts';

const MAIN = fileURLToPath(new URL('./embedded/main.js', import.meta.url));

/** After its standard input has ended; nothing in it takes longer than a turn of the event loop. */
const STOP_GRACE_MS = 2000;
const STDERR_KEPT = 4000;

export interface EmbeddedOptions {
  /** All that the proxies leave to chance; 1 unless told. */
  readonly seed?: number;
  /** Exactly Toxiproxy, without what ours does beyond it. */
  readonly isStock?: boolean;
  /** How long a client is kept whose server refuses; a minute unless told, 0 for not at all. */
  readonly redialLimitMs?: number;
  /** Where the API listens, on 127.0.0.1; unless told, on any port that is free. */
  readonly port?: number;
}

/** A Toxiproxy of our own in a child process. */
export interface EmbeddedToxiproxy {
  /** Of its API: `http://127.0.0.1:…`. */
  readonly url: string;
  readonly pid: number;
  /** Ends it, and with it every connection. Resolves when the process is gone. */
  stop(): Promise<void>;
}

/**
 * Starts our Toxiproxy. It does not keep this process alive, and ends with it, however that ends: its standard input
 * is a pipe that the kernel closes then.
 *
 * @throws Error with what it has printed when it does not come up.
 */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<EmbeddedToxiproxy> {
  const { seed = 1, isStock = false, redialLimitMs, port = 0 } = options;
  const args = ['--host', '127.0.0.1', '--port', String(port), '--seed', String(seed)];
  if (isStock) args.push('--stock');
  if (redialLimitMs !== undefined) args.push('--redial-limit', String(redialLimitMs));
  // In a process group of its own: a Ctrl-C at the terminal is for us, and the proxies are needed to the end.
  const child = spawn(process.execPath, [MAIN, ...args], { env: cleanEnvironment(), detached: true });
  const printed = tailOf(child.stderr);
  const gone = once(child, 'exit');
  const line = await Promise.race([firstLine(child.stdout), gone.then(() => null)]);
  if (line === null || child.pid === undefined) {
    throw new Error(`the embedded Toxiproxy does not start:\n${printed()}`);
  }
  release(child);
  return {
    url: `http://${(JSON.parse(line) as { address: string }).address}`,
    pid: child.pid,
    async stop() {
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
      child.ref();
      child.stdin.end();
      await gone;
      clearTimeout(timer);
    },
  };
}

async function firstLine(stream: Readable): Promise<string | null> {
  const lines = createInterface({ input: stream });
  for await (const line of lines) {
    lines.close();
    // Nothing more is expected, and nothing may wait for us to read it.
    stream.resume();
    return line;
  }
  return null;
}

function tailOf(stream: Readable): () => string {
  let tail = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-STDERR_KEPT);
  });
  return () => tail;
}

function release(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) {
    // They are sockets, which the type does not say.
    (stream as { unref?: () => void } | null)?.unref?.();
  }
}
